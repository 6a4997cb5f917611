import { common, peer } from '@hyperledger/fabric-protos';

const SYSTEM_CHAINCODES = new Set(['_lifecycle', 'lscc', 'qscc', 'cscc']);

/** `protos.MetaDataKeys.VALIDATION_PARAMETER`: the metadata entry that holds a key's endorsement policy. */
export const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

interface NamespaceInterest {
  /** By collection, `''` being the public state: whether its own policy must be met, beside those of keys. */
  readonly required: Map<string, boolean>;
  readonly keyPolicies: Uint8Array[];
}

/**
 * Which policies a transaction has to satisfy, for the gateway's endorsement plan: every written key has either a policy
 * of its own or needs its chaincode's or collection's (core/endorser/endorser.go, buildChaincodeInterest).
 */
export class ChaincodeInterest {
  readonly #written = new Map<string, Map<string, Uint8Array | undefined>>();
  readonly #privateReads = new Map<string, Set<string>>();

  /** `collection` is `''` for the public state; `policy` is the key's own, as committed. */
  wrote(namespace: string, collection: string, key: string, policy: Uint8Array | undefined): void {
    let keys = this.#written.get(namespace);
    if (keys === undefined) {
      keys = new Map();
      this.#written.set(namespace, keys);
    }
    keys.set(`${collection}\0${key}`, policy);
  }

  readPrivately(namespace: string, collection: string): void {
    const collections = this.#privateReads.get(namespace) ?? new Set();
    this.#privateReads.set(namespace, collections.add(collection));
  }

  /** `namespaces` are those of the public read-write set, in its order. */
  build(namespaces: readonly string[]): peer.ChaincodeInterest {
    const interest = new peer.ChaincodeInterest();
    for (const namespace of namespaces) {
      if (!SYSTEM_CHAINCODES.has(namespace)) {
        const calls = this.#calls(namespace, this.#interestOf(namespace));
        interest.setChaincodesList([...interest.getChaincodesList(), ...calls]);
      }
    }
    return interest;
  }

  #interestOf(namespace: string): NamespaceInterest {
    const written = this.#written.get(namespace);
    // Without writes the chaincode's policy is needed, since something was read.
    const required = new Map([['', written === undefined]]);
    const keyPolicies: Uint8Array[] = [];
    for (const [place, policy] of written ?? []) {
      if (policy === undefined) {
        required.set(place.slice(0, place.indexOf('\0')), true);
      } else {
        keyPolicies.push(policy);
      }
    }
    for (const collection of this.#privateReads.get(namespace) ?? []) {
      required.set(collection, true);
    }
    return { required, keyPolicies };
  }

  #calls(namespace: string, { required, keyPolicies }: NamespaceInterest): peer.ChaincodeCall[] {
    const calls: peer.ChaincodeCall[] = [];
    for (const [collection, isRequired] of [...required].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const call = new peer.ChaincodeCall();
      call.setName(namespace);
      if (collection !== '') {
        call.setCollectionNamesList([collection]);
        call.setNoPrivateReads(this.#privateReads.get(namespace)?.has(collection) !== true);
      } else if (keyPolicies.length > 0) {
        call.setKeyPoliciesList(
          keyPolicies.map((policy) => common.SignaturePolicyEnvelope.deserializeBinary(policy)),
        );
        call.setDisregardNamespacePolicy(!isRequired);
      } else if (!isRequired) {
        continue;
      }
      calls.push(call);
    }
    return calls;
  }
}
