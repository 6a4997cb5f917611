import type { msp, peer } from '@hyperledger/fabric-protos';
import { msp as mspProtos } from '@hyperledger/fabric-protos';
import type { CollectionRules } from '../ledger/ledger.js';
import { LedgerConfigurationError } from '../options.js';
import { rolePrincipal } from '../policy/policy-builder.js';
import type { Policy } from '../policy/policy.js';

/** A private data collection, as in Fabric's collections configuration files. JSON. */
export interface CollectionDefinition {
  readonly name: string;
  /** Member organizations: `OR('A.member', 'B.member')`. */
  readonly policy: string;
  readonly requiredPeerCount?: number | undefined;
  readonly maxPeerCount?: number | undefined;
  /** Blocks until values are purged; 0: kept. */
  readonly blockToLive?: number | undefined;
  readonly memberOnlyRead?: boolean | undefined;
  readonly memberOnlyWrite?: boolean | undefined;
  readonly endorsementPolicy?:
    | { readonly signaturePolicy?: string | undefined; readonly channelConfigPolicy?: string | undefined }
    | undefined;
}

/** A collection whose policies have been read. */
export class Collection {
  private constructor(
    readonly name: string,
    readonly rules: CollectionRules,
    /** Peers that satisfy one of these may hold the values. */
    readonly principals: readonly msp.MSPPrincipal[],
    /** Instead of the chaincode's. */
    readonly endorsementPolicy: Policy | undefined,
    readonly requiredPeerCount: number,
  ) {}

  static implicit(name: string, mspId: string, endorsementPolicy: Policy): Collection {
    const rules = { members: [mspId], memberOnlyRead: false, memberOnlyWrite: false, blockToLive: 0n };
    return new Collection(name, rules, [rolePrincipal(mspId, 'member')], endorsementPolicy, 0);
  }

  /** As `_lifecycle` keeps it. */
  static committed(
    collection: peer.StaticCollectionConfig,
    endorsementPolicy: Policy | undefined,
  ): Collection {
    const principals = collection.getMemberOrgsPolicy()?.getSignaturePolicy()?.getIdentitiesList() ?? [];
    const rules: CollectionRules = {
      members: [...new Set(principals.map(organizationOf))],
      memberOnlyRead: collection.getMemberOnlyRead(),
      memberOnlyWrite: collection.getMemberOnlyWrite(),
      blockToLive: BigInt(collection.getBlockToLive()),
    };
    const name = collection.getName();
    return new Collection(name, rules, principals, endorsementPolicy, collection.getRequiredPeerCount());
  }
}

function organizationOf(principal: msp.MSPPrincipal): string {
  return mspProtos.MSPRole.deserializeBinary(principal.getPrincipal_asU8()).getMspIdentifier();
}

const namePattern = /^[A-Za-z0-9-]+([A-Za-z0-9_-]+)*$/;

/** Throws LedgerConfigurationError (or what `checkPolicy` throws) for what Fabric's lifecycle refuses too. */
export function checkCollections(
  chaincode: string,
  definitions: readonly CollectionDefinition[],
  checkPolicy: (text: string) => void,
): void {
  const names = new Set<string>();
  for (const definition of definitions) {
    checkCollection(chaincode, definition);
    if (names.has(definition.name)) {
      throw new LedgerConfigurationError(
        `collection-name: ${definition.name} -- found duplicate in collection configuration`,
      );
    }
    names.add(definition.name);
    const { signaturePolicy, channelConfigPolicy } = definition.endorsementPolicy ?? {};
    for (const policy of [signaturePolicy ?? channelConfigPolicy, definition.policy]) {
      if (policy !== undefined) {
        checkPolicy(policy);
      }
    }
  }
}

function checkCollection(
  chaincode: string,
  { name, requiredPeerCount = 0, maxPeerCount, blockToLive = 0 }: CollectionDefinition,
): void {
  if (!namePattern.test(name)) {
    throw new LedgerConfigurationError(
      `chaincode ${chaincode}: collection-name: ${name} not allowed. A valid collection name follows the pattern: letters, digits, '-', and '_' but not at the start`,
    );
  }
  const counts = [requiredPeerCount, maxPeerCount ?? requiredPeerCount, blockToLive];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new LedgerConfigurationError(
      `chaincode ${chaincode}: collection-name: ${name} -- requiredPeerCount, maxPeerCount and blockToLive must be whole numbers, not negative`,
    );
  }
  if (maxPeerCount !== undefined && maxPeerCount < requiredPeerCount) {
    throw new LedgerConfigurationError(
      `chaincode ${chaincode}: collection-name: ${name} -- maximum peer count (${maxPeerCount}) cannot be less than the required peer count (${requiredPeerCount})`,
    );
  }
}
