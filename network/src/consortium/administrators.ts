import { join } from 'node:path';
import type { NetworkDirectory } from '../engine/network-directory.js';
import type { ChaincodeSpec, OrganizationSpec, Topology } from '../topology/topology.js';
import type { AdministratorOptions } from './administrator.js';

/** The administrators of a chaincode's channel, those with a peer of their own first. */
export function administratorsOf(
  topology: Topology,
  directory: NetworkDirectory,
  chaincode: ChaincodeSpec,
): readonly AdministratorOptions[] {
  const members = topology.channels.find(({ name }) => name === chaincode.channel)?.members ?? [];
  const ordered = [...members].sort((one, other) => Number(other.peers) - Number(one.peers));
  return ordered
    .flatMap((member) => topology.organizations.filter(({ name }) => name === member.organization))
    .map(({ domain, name }: OrganizationSpec): AdministratorOptions => ({
      profile: directory.profile(domain, name),
      msp: join(directory.user(domain, 'Admin'), 'msp'),
      channel: chaincode.channel,
      chaincode: chaincode.name,
    }));
}
