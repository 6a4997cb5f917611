import { SimulationError } from './errors.js';
import type { CollectionDirectory, CollectionRules } from './ledger.js';

/**
 * Who may do what with a collection: members' peers hold its values; its flags may keep other organizations' clients
 * from reading or writing (core/common/privdata/store.go, core/chaincode/handler.go).
 */
export class CollectionAccess {
  constructor(
    readonly options: {
      readonly channel: string;
      /** Of the peer that simulates. */
      readonly mspId: string;
      /** Of the client that proposed. */
      readonly creatorMspId: string;
      readonly collections: CollectionDirectory;
    },
  ) {}

  checkRead(namespace: string, collection: string): CollectionRules {
    const rules = this.#rules(namespace, collection);
    if (rules.memberOnlyRead && !rules.members.includes(this.options.creatorMspId)) {
      throw denied('read', namespace, collection);
    }
    return rules;
  }

  checkWrite(namespace: string, collection: string): void {
    const rules = this.#rules(namespace, collection);
    if (rules.memberOnlyWrite && !rules.members.includes(this.options.creatorMspId)) {
      throw denied('write', namespace, collection);
    }
  }

  /** For reads of hashes, which every member of the channel may do. */
  checkExists(namespace: string, collection: string): void {
    if (this.options.collections.collection(namespace, collection) === undefined) {
      throw undefinedCollection(namespace, collection);
    }
  }

  holdsValues(rules: CollectionRules): boolean {
    return rules.members.includes(this.options.mspId);
  }

  #rules(namespace: string, collection: string): CollectionRules {
    const rules = this.options.collections.collection(namespace, collection);
    if (rules === undefined) {
      // Permissions know implicit collections by their name alone; only the simulation asks whether there is one.
      if (collection.startsWith('_implicit_org_')) {
        throw undefinedCollection(namespace, collection);
      }
      throw new SimulationError(
        `collection ${this.options.channel}/${namespace}/${collection} could not be found`,
      );
    }
    return rules;
  }
}

function undefinedCollection(namespace: string, collection: string): SimulationError {
  return new SimulationError(
    `collection [${collection}] not defined in the collection config for chaincode [${namespace}]`,
  );
}

function denied(access: 'read' | 'write', namespace: string, collection: string): SimulationError {
  return new SimulationError(
    `tx creator does not have ${access} access permission on privatedata in chaincodeName:${namespace} collectionName: ${collection}`,
  );
}
