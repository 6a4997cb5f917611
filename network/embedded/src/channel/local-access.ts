import type { Membership, SignedData } from '../identity/membership.js';
import { rolePrincipal, type Role } from '../policy/policy-builder.js';
import { msp } from '@hyperledger/fabric-protos';

/** Roles that a peer's own organization must have given, for resources that belong to no channel (core/policy/policy.go). */
const localPolicies: ReadonlyMap<string, { name: string; role: Role }> = new Map(
  Object.entries({
    '_lifecycle/InstallChaincode': 'Admins',
    '_lifecycle/QueryInstalledChaincode': 'Admins',
    '_lifecycle/GetInstalledChaincodePackage': 'Admins',
    '_lifecycle/QueryInstalledChaincodes': 'Admins',
    '_lifecycle/ApproveChaincodeDefinitionForMyOrg': 'Admins',
    '_lifecycle/QueryApprovedChaincodeDefinition': 'Admins',
    '_lifecycle/QueryApprovedChaincodeDefinitions': 'Admins',
    'cscc/JoinChain': 'Admins',
    'cscc/JoinChainBySnapshot': 'Admins',
    'cscc/JoinBySnapshotStatus': 'Admins',
    'cscc/GetChannels': 'Members',
  }).map(([resource, name]) => [resource, { name, role: name === 'Admins' ? 'admin' : 'member' }]),
);

/** A peer's own organization, by which it judges what concerns no channel. */
export interface LocalMembership {
  readonly mspId: string;
  readonly membership: Membership;
}

export function isLocalResource(resource: string): boolean {
  return localPolicies.has(resource);
}

/** Why the signer may not use a resource of the peer itself, in Fabric's words; undefined when it may. */
export function localRefusal(
  resource: string,
  { mspId, membership }: LocalMembership,
  { data, identity: serialized, signature }: SignedData,
): string | undefined {
  const policy = localPolicies.get(resource);
  if (policy === undefined) {
    return `Unmapped channelless policy for ${resource}`;
  }
  const where = `channelless check policy with policy [${policy.name}]`;
  const identity = membership.identity(serialized);
  if (identity === undefined) {
    const given = msp.SerializedIdentity.deserializeBinary(serialized).getMspid();
    return `Failed deserializing proposal creator during ${where}: [expected MSP ID ${mspId}, received ${given}]`;
  }
  if (!identity.satisfies(rolePrincipal(mspId, policy.role))) {
    return `Failed verifying that proposal's creator satisfies local MSP principal during ${where}: [The identity is not an ${policy.role} under this MSP [${mspId}]: The identity does not contain OU [${policy.role.toUpperCase()}], MSP: [${mspId}]]`;
  }
  return identity.verify(data, signature) ? undefined : 'The signature is invalid';
}
