import type { ChaincodeDirectory, DefinedChaincode } from '../chaincode/definition.js';
import type { ChannelLedger } from '../ledger/ledger.js';
import type { NamespaceReadWriteSet } from '../ledger/read-write-set.js';
import type { Policy, Signer } from '../policy/policy.js';
import { PolicyFormatError, SignaturePolicy } from '../policy/signature-policy.js';

/** `MetaDataKeys.VALIDATION_PARAMETER`: the name under which a key's own policy is kept. */
const validationParameter = 'VALIDATION_PARAMETER';

/** Keys whose own policy a valid transaction of this block changed before. */
export class ChangedPolicies {
  readonly #keys = new Set<string>();

  has(namespace: string, collection: string, key: string): boolean {
    return this.#keys.has(keyOf(namespace, collection, key));
  }

  addAll(set: NamespaceReadWriteSet): void {
    for (const { key } of set.metadataWrites) {
      this.#keys.add(keyOf(set.namespace, '', key));
    }
    for (const { collection, metadataWrites } of set.collections) {
      for (const { keyHash } of metadataWrites) {
        this.#keys.add(keyOf(set.namespace, collection, hex(keyHash)));
      }
    }
  }
}

function keyOf(namespace: string, collection: string, key: string): string {
  return `${namespace}\u0000${collection}\u0000${key}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export interface EndorsementContext {
  readonly chaincodes: ChaincodeDirectory;
  readonly ledger: ChannelLedger;
  readonly changed: ChangedPolicies;
}

/**
 * Whether endorsers satisfy what one namespace of a transaction demands: of each written key its own policy, else its
 * collection's, else the chaincode's; and at least the chaincode's when nothing else was checked
 * (core/common/validation/statebased).
 */
export function isEndorsed(
  context: EndorsementContext,
  chaincode: DefinedChaincode,
  set: NamespaceReadWriteSet | undefined,
  endorsers: readonly Signer[],
): boolean {
  const check = new NamespaceCheck(context, chaincode, endorsers);
  return (set === undefined || writesOf(set).every((write) => check.accepts(write))) && check.conclude();
}

interface WrittenKey {
  /** `''`: public state. */
  readonly collection: string;
  readonly key: string | Uint8Array;
}

function writesOf(set: NamespaceReadWriteSet): readonly WrittenKey[] {
  return [
    ...[...set.writes, ...set.metadataWrites].map(({ key }) => ({ collection: '', key })),
    ...set.collections.flatMap(({ collection, writes }) =>
      writes.map(({ keyHash }) => ({ collection, key: keyHash })),
    ),
    ...set.collections.flatMap(({ collection, metadataWrites }) =>
      metadataWrites.map(({ keyHash }) => ({ collection, key: keyHash })),
    ),
  ];
}

class NamespaceCheck {
  readonly #context: EndorsementContext;
  readonly #chaincode: DefinedChaincode;
  readonly #endorsers: readonly Signer[];
  readonly #checkedCollections = new Set<string>();
  #chaincodeChecked = false;
  #anyChecked = false;

  constructor(context: EndorsementContext, chaincode: DefinedChaincode, endorsers: readonly Signer[]) {
    this.#context = context;
    this.#chaincode = chaincode;
    this.#endorsers = endorsers;
  }

  accepts({ collection, key }: WrittenKey): boolean {
    const namespace = this.#chaincode.definition.name;
    const keyText = typeof key === 'string' ? key : hex(key);
    if (this.#context.changed.has(namespace, collection, keyText)) {
      return false;
    }
    const bytes = this.#context.ledger
      .committedMetadata(namespace, collection === '' ? undefined : collection, key)
      .get(validationParameter);
    if (bytes === undefined || bytes.length === 0) {
      return collection === '' ? this.#acceptsChaincode() : this.#acceptsCollection(collection);
    }
    const policy = keyPolicy(bytes);
    const accepted = policy !== undefined && this.#satisfies(policy);
    this.#anyChecked ||= accepted;
    return accepted;
  }

  conclude(): boolean {
    return this.#anyChecked || this.#acceptsChaincode();
  }

  #acceptsCollection(name: string): boolean {
    if (this.#checkedCollections.has(name)) {
      return true;
    }
    const collection = this.#context.chaincodes.find(this.#chaincode.definition.name, name);
    if (collection === undefined) {
      return false;
    }
    if (collection.endorsementPolicy === undefined) {
      return this.#acceptsChaincode();
    }
    if (!this.#satisfies(collection.endorsementPolicy)) {
      return false;
    }
    this.#checkedCollections.add(name);
    this.#anyChecked = true;
    return true;
  }

  #acceptsChaincode(): boolean {
    this.#chaincodeChecked ||= this.#satisfies(this.#chaincode.policy);
    this.#anyChecked ||= this.#chaincodeChecked;
    return this.#chaincodeChecked;
  }

  #satisfies(policy: Policy): boolean {
    return policy.refusal(this.#endorsers) === undefined;
  }
}

function keyPolicy(bytes: Uint8Array): Policy | undefined {
  try {
    return SignaturePolicy.fromBytes(bytes);
  } catch (error) {
    if (error instanceof PolicyFormatError) {
      return undefined;
    }
    throw error;
  }
}
