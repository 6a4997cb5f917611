import {
  decide,
  organizationActor,
  purposeCoding,
  type ConsentTerms,
  type DecisionInput,
} from '@vitaledger/domain';
import { startNetwork, type Network } from '@vitaledger/network';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { GatewayClient } from './gateway-client.js';
import { median } from './load.js';
import { writeConsents } from './many-consents.js';
import type { Result } from './results.js';
import { ratioOf } from './rounds.js';
import { loadTopology } from './topology.js';

/** What decisions are aimed to reach. */
export const DECISION_GATES = { manyOfFew: 1.2, pureMs: 1 } as const;

const FEW = 100;
const CALLS_PER_ROUND = 60;
const PROVISIONS = 200;

/** `decided`: endorsed, and not submitted: the reads and the decision. `committed`: with the commit. */
const KINDS = ['decided', 'committed'] as const;
type Kind = (typeof KINDS)[number];

export interface DecisionsRunOptions {
  /** Consents on the large ledger; the small one has 100. */
  readonly consents: number;
  readonly rounds: number;
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** Medians of each round, milliseconds. */
export interface DecisionRounds {
  readonly few: readonly number[];
  readonly many: readonly number[];
}

/** Measures decisions on an embedded ledger with many consents beside one with few, call by call in turn, and the pure function. */
export async function decisionsRun(options: DecisionsRunOptions): Promise<readonly Result[]> {
  const { consents, rounds, folder, onProgress } = options;
  const ledgers: DecidingLedger[] = [];
  try {
    const many = await DecidingLedger.start(join(folder, 'many'), consents, onProgress);
    ledgers.push(many);
    const few = await DecidingLedger.start(join(folder, 'few'), FEW, onProgress);
    ledgers.push(few);
    const taken: Record<Kind, { few: number[]; many: number[] }> = {
      decided: { few: [], many: [] },
      committed: { few: [], many: [] },
    };
    for (let round = 0; round <= rounds; round++)
      for (const kind of KINDS) {
        const times = await oneRound(few, many, kind);
        // The first round warms up.
        if (round > 0)
          for (const size of ['few', 'many'] as const) taken[kind][size].push(median(times[size]));
        onProgress(`${kind}, round ${String(round)} of ${String(rounds)}`);
      }
    return decisionResults(taken, pureMs());
  } finally {
    for (const ledger of ledgers.reverse()) await ledger.close();
  }
}

async function oneRound(
  few: DecidingLedger,
  many: DecidingLedger,
  kind: Kind,
): Promise<{ readonly few: number[]; readonly many: number[] }> {
  const times: { few: number[]; many: number[] } = { few: [], many: [] };
  for (let call = 0; call < CALLS_PER_ROUND; call++) {
    times.few.push(await few.ask(kind));
    times.many.push(await many.ask(kind));
  }
  return times;
}

class DecidingLedger {
  readonly #encryptionKey = publicKey();
  #turn = 0;

  private constructor(
    private readonly network: Network,
    private readonly gateway: GatewayClient,
    private readonly patients: readonly string[],
  ) {}

  static async start(
    directory: string,
    consents: number,
    onProgress: (line: string) => void,
  ): Promise<DecidingLedger> {
    const settings = { topology: loadTopology(), engine: 'embedded' as const, directory };
    const empty = await startNetwork(settings);
    await empty.stop();
    const patients = await writeConsents(empty.directory.root, consents, (written) => {
      if (written % 100_000 === 0 || written === consents) onProgress(`${String(written)} consents`);
    });
    const network = await startNetwork(settings);
    return new DecidingLedger(network, await GatewayClient.connect(network), patients);
  }

  /** A request about the next patient; milliseconds. */
  async ask(kind: Kind): Promise<number> {
    const patient = this.patients[(this.#turn++ * 7919) % this.patients.length] ?? '';
    const input = {
      patient,
      scope: 'content',
      purpose: 'TREAT',
      filter: {},
      encryptionKey: this.#encryptionKey,
      salt: randomBytes(16).toString('hex'),
      actor: { role: 'practitioner', subject: 'b3c1f0a97d2e4c5f8a6e3d2b1c0f9e8d' },
    };
    const options = {
      transientData: { input: JSON.stringify(input) },
      endorsingOrganizations: ['HospitalMSP'],
    };
    const contract = this.gateway.contract('care', 'care');
    const began = performance.now();
    if (kind === 'committed') await contract.submit('AccessContract:request', options);
    else await contract.evaluate('AccessContract:request', options);
    return performance.now() - began;
  }

  async close(): Promise<void> {
    this.gateway.close();
    await this.network.clean();
  }
}

function publicKey(): object {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'jwk',
  });
  return { kty: 'EC', crv: 'P-256', x, y };
}

/** The decision alone, over a patient with 200 provisions in ten consents; median of many, milliseconds. */
export function pureMs(runs = 500): number {
  const each = PROVISIONS / 10;
  const consents = Array.from({ length: 10 }, (_, consent): ConsentTerms => {
    const id = consent.toString(16).padStart(32, '0');
    const provision = Array.from({ length: each - 1 }, (__, index) => ({
      type: 'deny' as const,
      code: [{ coding: [{ system: 'http://loinc.org', code: `${String(consent)}-${String(index)}` }] }],
    }));
    const limits = { actor: [organizationActor('ClinicMSP')], purpose: [purposeCoding('TREAT')] };
    return { consent: id, version: 1, provision: { type: 'permit', ...limits, provision } };
  });
  const input: DecisionInput = {
    consents,
    request: {
      custodian: 'HospitalMSP',
      actor: { mspId: 'ClinicMSP', subject: 'p1', role: 'practitioner' },
      scope: 'content',
      purpose: 'TREAT',
      filter: {},
    },
    instant: '2026-03-01T12:00:00.000Z',
  };
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    decide(input);
    times.push(performance.now() - began);
  }
  return median(times.slice(Math.floor(runs / 5)));
}

/** The figures, with what is aimed at. */
export function decisionResults(
  taken: Readonly<Record<Kind, DecisionRounds>>,
  pure: number,
): readonly Result[] {
  const ratios = KINDS.map((kind): Result => {
    const { median: value } = ratioOf(taken[kind].many, taken[kind].few, (one) => one);
    const { manyOfFew: most } = DECISION_GATES;
    const gate = { gate: `<= ${String(most)}`, met: value <= most };
    return {
      name: `embedded.decisions.${kind}.many-of-few`,
      value: rounded(value),
      unit: 'ratio',
      reference: 1,
      ...gate,
    };
  });
  const times = KINDS.map((kind): Result => {
    const { few, many } = taken[kind];
    const value = rounded(median([...many]));
    return {
      name: `embedded.decisions.${kind}.p50`,
      value,
      unit: 'ms',
      reference: rounded(median([...few])),
    };
  });
  const { pureMs: limit } = DECISION_GATES;
  const alone = { name: 'decisions.pure.p50', value: rounded(pure), unit: 'ms', reference: null };
  return [...ratios, { ...alone, gate: `< ${String(limit)}`, met: pure < limit }, ...times];
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The figures as a text for a terminal. */
export function decisionsReport(results: readonly Result[], consents: number): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return [
    '',
    `Decisions on an embedded ledger with ${String(consents)} consents beside one with ${String(FEW)}; pure: ${String(PROVISIONS)} provisions, no ledger`,
    ...results.map(({ name, value, unit, reference, gate, met }) => {
      const beside = reference === null || unit === 'ratio' ? '' : ` (${String(reference)} ${unit} with few)`;
      const aim = gate === undefined ? '' : `  ${gate}: ${met === true ? 'met' : 'NOT MET'}`;
      return `  ${name.padEnd(width)}  ${String(value)} ${unit === 'ratio' ? '' : unit}${beside}${aim}`;
    }),
  ].join('\n');
}
