import type { ChaincodeDefinition } from '../chaincode/definition.js';
import type { DefinitionStore } from '../chaincode/definition-store.js';
import type { Channel } from '../channel/channel.js';
import { LedgerConfigurationError } from '../options.js';
import { agree, differenceFromCommitted, type Approver } from './agree.js';

/**
 * Definitions that were asked for of the ledger itself, with the connections that the state does not tell. One counts for
 * as long as its sequence is that of the state.
 */
export class RequestedDefinitions {
  readonly #store: DefinitionStore;
  #list: readonly ChaincodeDefinition[] = [];

  constructor(store: DefinitionStore) {
    this.#store = store;
  }

  async load(): Promise<void> {
    this.#list = await this.#store.load();
  }

  get list(): readonly ChaincodeDefinition[] {
    return this.#list;
  }

  /** Takes over those of a snapshot; where both know a definition, the connections of now are kept: processes have moved. */
  replace(definitions: readonly ChaincodeDefinition[]): Promise<void> {
    return this.#keep(
      definitions.map((each) => {
        const now = this.#list.find(
          ({ channel, name, sequence }) =>
            channel === each.channel && name === each.name && sequence === each.sequence,
        );
        return now === undefined ? each : { ...each, connections: now.connections };
      }),
    );
  }

  find(channel: string, name: string, sequence: number): ChaincodeDefinition | undefined {
    return this.#list.find(
      (each) => each.channel === channel && each.name === name && each.sequence === sequence,
    );
  }

  /** Approved, committed and kept when it resolves. Throws LedgerConfigurationError or PolicyExpressionError. */
  async define(
    channel: Channel,
    definition: ChaincodeDefinition,
    approvers: readonly Approver[],
  ): Promise<void> {
    channel.chaincodes.check(definition);
    const { name, sequence } = definition;
    const isCommitted = channel.chaincodes.get(name)?.definition.sequence === sequence;
    if (isCommitted) {
      await checkSame(channel, definition);
    }
    const isReplaced = (each: ChaincodeDefinition) => each.name === name && each.channel === channel.name;
    const others = this.#list.filter((each) => !isReplaced(each));
    // What was asked for before stays until the new definition is committed: a crash in between loses neither.
    await this.#keep([...(isCommitted ? others : this.#list), definition]);
    await agree(channel, definition, approvers);
    await this.#keep([...others, definition]);
  }

  async #keep(definitions: readonly ChaincodeDefinition[]): Promise<void> {
    await this.#store.save(definitions);
    this.#list = definitions;
  }
}

async function checkSame(channel: Channel, definition: ChaincodeDefinition): Promise<void> {
  const difference = await differenceFromCommitted(channel, definition);
  if (difference !== undefined) {
    const { name, sequence } = definition;
    throw new LedgerConfigurationError(
      `attempted to redefine the current committed sequence (${sequence}) for namespace ${name} with different parameters: ${difference}; use sequence ${sequence + 1}`,
    );
  }
}
