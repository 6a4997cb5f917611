import type { LedgerEvent } from '../connection/channel-events.js';
import type { LedgerBlock } from '../events/ledger-block.js';
import type { EventOptions } from '../connection/follow.js';
import type { Session } from '../session/session.js';
import { isCustodianCall, type Call, type Committed } from '../transaction/index.js';
import type { SignedProposal } from '../vault/remote/loan.js';
import type { Vault } from '../vault/vault.js';

export type CallKind = 'submit' | 'evaluate' | 'endorse';

/** Answers a call: with what the contract would return, or by throwing. */
export type Script = (call: Call, kind: CallKind) => unknown;

/** A session whose channels answer by a script and remember what they were asked. */
export class ScriptedSession implements Session {
  readonly mspId = 'HospitalMSP';
  readonly actor = undefined;
  readonly calls: Call[] = [];
  /** The events of its channels. */
  readonly happened: LedgerEvent[] = [];
  /** The blocks of its channels. */
  readonly chain: LedgerBlock[] = [];
  /** Of each call. */
  readonly kinds: CallKind[] = [];
  readonly #script: Script;
  readonly #vault: Vault | undefined;

  constructor(script: Script, vault?: Vault) {
    this.#script = script;
    this.#vault = vault;
  }

  findVault(): Vault | undefined {
    return this.#vault;
  }

  signed(_: string, call: Call): Promise<SignedProposal> {
    this.calls.push(call);
    return Promise.resolve({ message: '', signature: '' });
  }

  channel(): ReturnType<Session['channel']> {
    return {
      submit: async (call): Promise<Committed> => ({
        transactionId: 'tx',
        result: await this.#answer(call, 'submit'),
        block: 7n,
        attempts: 1,
      }),
      endorse: async (call) => {
        const result = await this.#answer(call, 'endorse');
        return { transactionId: 'tx', result, envelope: new Uint8Array() };
      },
      evaluate: (call): Promise<Uint8Array> => this.#answer(call, 'evaluate'),
    };
  }

  async *events(_: string, { after }: EventOptions): AsyncGenerator<LedgerEvent> {
    const last = this.happened.findIndex(({ transactionId }) => transactionId === after?.transactionId);
    for (const event of this.happened.slice(last + 1)) yield await Promise.resolve(event);
  }

  async *blocks(_: string, { after }: EventOptions): AsyncGenerator<LedgerBlock> {
    for (const block of this.chain) {
      if (block.number >= (after?.block ?? 0n)) yield await Promise.resolve(block);
    }
  }

  sourceOf(): { networkId: string; chaincode: string } {
    return { networkId: '5b'.repeat(16), chaincode: 'registry' };
  }

  /** The inputs of the calls to a function, in order. */
  inputs(name: string): readonly Record<string, unknown>[] {
    return this.calls.flatMap((call) =>
      call.function === name && isCustodianCall(call) ? [call.input as Record<string, unknown>] : [],
    );
  }

  async #answer(call: Call, kind: CallKind): Promise<Uint8Array> {
    this.calls.push(call);
    this.kinds.push(kind);
    const value = await this.#script(call, kind);
    return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value ?? ''));
  }
}
