import { common, msp, peer } from '@hyperledger/fabric-protos';
import { PolicyFormatError, SignaturePolicy } from '../policy/signature-policy.js';

/** What `_lifecycle` answers when it refuses; the message is Fabric's. */
export class LifecycleError extends Error {
  override readonly name = 'LifecycleError';
}

const namePattern = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const versionPattern = /^[A-Za-z0-9_.+-]+$/;
const collectionPattern = /^[A-Za-z0-9-]+([A-Za-z0-9_-]+)*$/;
const systemNames: readonly string[] = ['cscc', 'escc', 'lscc', 'qscc', 'vscc'];

/** Refuses names, versions and collections as Fabric does (core/chaincode/lifecycle/scc.go). Throws LifecycleError. */
export function checkDefinition(
  name: string,
  version: string,
  collections: peer.CollectionConfigPackage | undefined,
  mspIds: readonly string[],
): void {
  if (!namePattern.test(name)) {
    throw invalid(
      `invalid chaincode name '${name}'. Names can only consist of alphanumerics, '_', and '-' and can only begin with alphanumerics`,
    );
  }
  if (systemNames.includes(name)) {
    throw invalid(`chaincode name '${name}' is the name of a system chaincode`);
  }
  if (!versionPattern.test(version)) {
    throw invalid(
      `invalid chaincode version '${version}'. Versions can only consist of alphanumerics, '_', '-', '+', and '.'`,
    );
  }
  checkCollections(staticCollections(collections), mspIds);
}

function invalid(problem: string): LifecycleError {
  return new LifecycleError(`error validating chaincode definition: ${problem}`);
}

export function staticCollections(
  collections: peer.CollectionConfigPackage | undefined,
): readonly peer.StaticCollectionConfig[] {
  return (collections?.getConfigList() ?? []).map((config) => {
    const collection = config.getStaticCollectionConfig();
    if (collection === undefined) {
      throw invalid('collection configuration is empty');
    }
    return collection;
  });
}

function checkCollections(
  collections: readonly peer.StaticCollectionConfig[],
  mspIds: readonly string[],
): void {
  const names = new Set<string>();
  for (const collection of collections) {
    const name = collection.getName();
    if (!collectionPattern.test(name)) {
      throw invalid(
        `invalid collection name '${name}'. Names can only consist of alphanumerics, '_', and '-' and cannot begin with '_'`,
      );
    }
    if (names.has(name)) {
      throw invalid(`collection-name: ${name} -- found duplicate in collection configuration`);
    }
    names.add(name);
    checkPeerCounts(collection);
    checkMembers(collection, mspIds);
  }
}

function checkPeerCounts(collection: peer.StaticCollectionConfig): void {
  const [name, required, maximum] = [
    collection.getName(),
    collection.getRequiredPeerCount(),
    collection.getMaximumPeerCount(),
  ];
  if (maximum < required) {
    throw invalid(
      `collection-name: ${name} -- maximum peer count (${maximum}) cannot be less than the required peer count (${required})`,
    );
  }
  if (required < 0) {
    throw invalid(`collection-name: ${name} -- requiredPeerCount (${required}) cannot be less than zero`);
  }
}

function checkMembers(collection: peer.StaticCollectionConfig, mspIds: readonly string[]): void {
  const name = collection.getName();
  const policy = collection.getMemberOrgsPolicy();
  if (policy === undefined) {
    throw invalid(`collection member policy is not set for collection '${name}'`);
  }
  const envelope = policy.getSignaturePolicy();
  if (envelope === undefined) {
    throw invalid(`collection member org policy is empty for collection '${name}'`);
  }
  checkForm(name, envelope);
  for (const principal of envelope.getIdentitiesList()) {
    const mspId = organizationOf(principal);
    if (!mspIds.includes(mspId)) {
      throw invalid(`collection-name: ${name} -- collection member '${mspId}' is not part of the channel`);
    }
  }
}

function checkForm(name: string, envelope: common.SignaturePolicyEnvelope): void {
  try {
    new SignaturePolicy(envelope);
  } catch (error) {
    if (error instanceof PolicyFormatError) {
      throw invalid(`invalid member org policy for collection '${name}': ${error.message}`);
    }
    throw error;
  }
  const needed = conjunctionIn(envelope.getRule());
  if (needed !== undefined) {
    throw invalid(
      `collection-name: ${name} -- error in member org policy: signature policy is not an OR concatenation, NOutOf ${needed}`,
    );
  }
}

/** How many of its parts a rule needs that is not satisfied by one of them; undefined when there is no such rule. */
function conjunctionIn(rule: common.SignaturePolicy | undefined): number | undefined {
  const gate = rule?.getNOutOf();
  if (gate === undefined) {
    return undefined;
  }
  return gate.getN() === 1
    ? gate
        .getRulesList()
        .map(conjunctionIn)
        .find((needed) => needed !== undefined)
    : gate.getN();
}

/** Roles, organizational units and identities all begin with their MSP id. */
export function organizationOf(principal: msp.MSPPrincipal): string {
  return msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8()).getMspIdentifier();
}

/** Values of a collection outlive its definition: it stays, and so does their lifetime. Throws LifecycleError. */
export function checkAgainstCommitted(
  proposedPackage: peer.CollectionConfigPackage | undefined,
  committedPackage: peer.CollectionConfigPackage,
): void {
  const proposed = staticCollections(proposedPackage);
  const committed = staticCollections(committedPackage);
  if (committed.length > 0 && proposed.length === 0) {
    throw invalid('the proposed collection config does not contain previously defined collections');
  }
  for (const before of committed) {
    const name = before.getName();
    const now = proposed.find((collection) => collection.getName() === name);
    if (now === undefined) {
      throw invalid(`existing collection [${name}] missing in the proposed collection configuration`);
    }
    if (now.getBlockToLive() !== before.getBlockToLive()) {
      throw invalid(
        `the BlockToLive in an existing collection [${name}] modified. Existing value [${before.getBlockToLive()}]`,
      );
    }
  }
}
