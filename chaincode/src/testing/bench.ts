import { randomBytes } from 'node:crypto';
import {
  leastBetweenBeats,
  ORGANIZATION_KINDS,
  VitaledgerError,
  type ConsortiumDocument,
  type OrganizationKind,
} from '@vitaledger/domain';
import type { Caller } from '../authorization/caller.js';
import { ConsortiumContract } from '../consortium/consortium-contract.js';
import { TransactionContext } from '../contract/transaction-context.js';
import type { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { MemoryChannel, type MemoryTransaction } from './memory-channel.js';

/** The organizations of the tests, with their kinds. */
export const MEMBERS: Readonly<Record<string, readonly OrganizationKind[]>> = {
  HospitalMSP: ['hospital'],
  ClinicMSP: ['clinic'],
  PharmacyMSP: ['pharmacy'],
  ResearchMSP: ['research', 'sponsor'],
  EthicsMSP: ['ethics'],
};

export interface Call {
  readonly as: Caller;
  /** The organization whose peer executes; the caller's own if absent. */
  readonly at?: string;
  readonly input?: unknown;
  readonly args?: readonly string[];
  /** The proposal's timestamp; now if absent. */
  readonly timestamp?: string;
}

/** A caller with a certificate of the organization: `caller('HospitalMSP', 'registrar')`. */
export function caller(
  mspId: string,
  role: string | undefined,
  subject: string | undefined = `${role}-1`,
): Caller {
  return { mspId, role, subject };
}

/** Random hexadecimal digits of so many bits: ids, salts, secrets. */
export function random(bits = 128): string {
  return randomBytes(bits / 8).toString('hex');
}

export function consortiumDocument(change: Partial<ConsortiumDocument> = {}): ConsortiumDocument {
  const organizations = Object.fromEntries(
    Object.entries(MEMBERS).map(([mspId, kinds]) => [
      mspId,
      { name: mspId.replace('MSP', ''), kinds, jurisdiction: 'DE', status: 'active' as const },
    ]),
  );
  return {
    version: 1,
    organizations,
    packs: [],
    clock: { intervalSeconds: 300, skewSeconds: 30 },
    ...change,
  };
}

/** A document of organizations that may vouch for every role. */
export function allKindsDocument(...mspIds: readonly string[]): ConsortiumDocument {
  const organization = {
    name: 'All',
    kinds: ORGANIZATION_KINDS,
    jurisdiction: 'DE',
    status: 'active' as const,
  };
  return consortiumDocument({
    organizations: Object.fromEntries(mspIds.map((mspId) => [mspId, organization])),
  });
}

/** Runs contract functions as the shim does, on a channel in memory, with a clock that the test holds. */
export class Bench {
  readonly channel = new MemoryChannel();
  readonly consortium = new ConsortiumContract();
  now = '2026-03-01T12:00:00.000Z';

  /** A channel with an adopted consortium document and a clock that was beaten long enough ago to be beaten again. */
  static async founded(document: ConsortiumDocument = consortiumDocument()): Promise<Bench> {
    const bench = new Bench();
    await bench.adopt(document);
    const [founder = ''] = Object.keys(document.organizations);
    await bench.submit(bench.consortium, 'beat', { as: caller(founder, 'admin') });
    bench.skip(leastBetweenBeats(document.clock));
    return bench;
  }

  /** Proposes a document and has just enough of its organizations vote for it: for the first one, all that are active. */
  async adopt(document: ConsortiumDocument): Promise<void> {
    const active = Object.keys(document.organizations).filter(
      (mspId) => document.organizations[mspId]?.status === 'active',
    );
    const [founder = '', ...others] = active;
    const needed = document.version === 1 ? others.length : Math.ceil(others.length / 2);
    const as = caller(founder, 'admin');
    const proposed = await this.submit(this.consortium, 'propose', { as, args: [JSON.stringify(document)] });
    const { digest } = JSON.parse(proposed) as { digest: string };
    for (const other of others.slice(0, needed)) {
      await this.submit(this.consortium, 'vote', { as: caller(other, 'admin'), args: [digest] });
    }
  }

  /** Lets time pass, with a beat at its end so that the clock stays fresh. */
  async pass(milliseconds: number): Promise<void> {
    this.skip(milliseconds);
    await this.submit(this.consortium, 'beat', { as: caller('HospitalMSP', 'admin') });
  }

  /** Lets time pass without a beat. */
  skip(milliseconds: number): void {
    this.now = new Date(Date.parse(this.now) + milliseconds).toISOString();
  }

  /** Endorses at one peer and commits. Throws the VitaledgerError that a client would get. */
  async submit(contract: VitaledgerContract, name: string, call: Call): Promise<string> {
    const transaction = this.begin(call);
    const result = await this.execute(contract, name, call, transaction);
    if (!transaction.commit()) throw new Error('MVCC_READ_CONFLICT');
    return result;
  }

  /** Evaluates at one peer; fails if the function writes. */
  async evaluate(contract: VitaledgerContract, name: string, call: Call): Promise<string> {
    const transaction = this.begin(call);
    const result = await this.execute(contract, name, call, transaction);
    if (transaction.writes.length > 0) throw new Error(`${name} wrote although it is evaluated`);
    return result;
  }

  begin(call: Call): MemoryTransaction {
    return this.channel.begin({
      custodian: call.at ?? call.as.mspId,
      timestamp: call.timestamp ?? this.now,
      input: call.input,
    });
  }

  /** Executes without committing, as an endorsement that is held back. */
  async execute(
    contract: VitaledgerContract,
    name: string,
    call: Call,
    transaction: MemoryTransaction,
  ): Promise<string> {
    const context = new TransactionContext({
      ledger: transaction,
      caller: call.as,
      wallClock: () => this.now,
    });
    try {
      // The shim hands over the function's name, whatever the library's types say.
      const run = contract.aroundTransaction.bind(contract) as unknown as (
        context: TransactionContext,
        name: string,
        values: readonly string[],
      ) => Promise<string>;
      return await run(context, name, call.args ?? []);
    } catch (error) {
      throw VitaledgerError.fromWire((error as Error).message) ?? error;
    }
  }
}
