import { randomUUID } from 'node:crypto';
import type { peer } from '@hyperledger/fabric-protos';
import type { Simulator } from '../ledger/ledger.js';
import type { OpenQuery } from './query.js';

/** One execution of one proposal: what is common to the chaincode that it names and those that this one calls. */
export interface Execution {
  readonly channel: string;
  readonly transactionId: string;
  readonly signedProposal: peer.SignedProposal;
  /** Serialized creator of the proposal. */
  readonly creator: Uint8Array;
  readonly simulator: Simulator;
}

/** A transaction in progress in one chaincode. */
export class TransactionContext {
  readonly #queries = new Map<string, OpenQuery>();
  /** Whether the chaincode's definition has been read for its collections. */
  hasReadDefinition = false;

  constructor(
    readonly namespace: string,
    readonly execution: Execution,
    readonly isInit: boolean,
    /** Called with the chaincode's COMPLETED or ERROR. */
    readonly finish: (message: peer.ChaincodeMessage) => void,
  ) {}

  openQuery(query: OpenQuery): string {
    const id = randomUUID();
    this.#queries.set(id, query);
    return id;
  }

  query(id: string): OpenQuery | undefined {
    return this.#queries.get(id);
  }

  async closeQuery(id: string): Promise<void> {
    const query = this.#queries.get(id);
    this.#queries.delete(id);
    await query?.close();
  }

  async closeQueries(): Promise<void> {
    for (const id of [...this.#queries.keys()]) {
      await this.closeQuery(id);
    }
  }
}
