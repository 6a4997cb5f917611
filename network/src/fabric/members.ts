import { NetworkError } from '../errors/network-error.js';
import type { ChannelSpec, OrganizationSpec, Topology } from '../topology/topology.js';

/** One peer of the topology: `index` counts from 0 within its organization. */
export interface PeerMember {
  readonly name: string;
  readonly index: number;
  readonly organization: OrganizationSpec;
}

export interface OrdererMember {
  readonly name: string;
  readonly index: number;
}

export interface ChannelOrganization {
  readonly organization: OrganizationSpec;
  /** Has peers on the channel. */
  readonly peers: boolean;
}

export function peersOf(organization: OrganizationSpec): readonly PeerMember[] {
  return Array.from({ length: organization.peers }, (_, index) => ({
    name: `peer${index}.${organization.domain}`,
    index,
    organization,
  }));
}

export function allPeers(topology: Topology): readonly PeerMember[] {
  return topology.organizations.flatMap(peersOf);
}

export function orderersOf(topology: Topology): readonly OrdererMember[] {
  return Array.from({ length: topology.orderers.count }, (_, index) => ({
    name: `orderer${index}.${topology.orderers.domain}`,
    index,
  }));
}

/** @throws NetworkError `TOPOLOGY_INVALID` for a member that is no organization, or has no peers to bring. */
export function channelOrganizations(
  topology: Topology,
  channel: ChannelSpec,
): readonly ChannelOrganization[] {
  return channel.members.map((member) => {
    const organization = topology.organizations.find(({ name }) => name === member.organization);
    if (organization === undefined) {
      throw new NetworkError(
        'TOPOLOGY_INVALID',
        `Channel ${channel.name} names ${member.organization}, which is not among the organizations.`,
      );
    }
    return { organization, peers: member.peers && organization.peers > 0 };
  });
}

/** The members that have peers on the channel, and therefore endorse there. */
export function endorsingOrganizations(
  topology: Topology,
  channel: ChannelSpec,
): readonly OrganizationSpec[] {
  const endorsing = channelOrganizations(topology, channel)
    .filter(({ peers }) => peers)
    .map(({ organization }) => organization);
  if (endorsing.length === 0) {
    throw new NetworkError(
      'TOPOLOGY_INVALID',
      `No member of channel ${channel.name} has a peer on it. Give at least one of them \`peers: true\`.`,
    );
  }
  return endorsing;
}

export function channelPeers(topology: Topology, channel: ChannelSpec): readonly PeerMember[] {
  return endorsingOrganizations(topology, channel).flatMap(peersOf);
}

export function channelNamed(topology: Topology, name: string): ChannelSpec {
  const channel = topology.channels.find((candidate) => candidate.name === name);
  if (channel === undefined) {
    throw new NetworkError('TOPOLOGY_INVALID', `The topology has no channel ${name}.`);
  }
  return channel;
}

/** The channels on which an organization has peers. */
export function channelsOf(topology: Topology, { name }: OrganizationSpec): readonly ChannelSpec[] {
  return topology.channels.filter(({ members }) =>
    members.some(({ organization, peers }) => peers && organization === name),
  );
}

/** An entry of the ports, which the caller settles for the whole topology before an engine sees it. */
export function portOf<T>(ports: Readonly<Record<string, T>>, name: string): T {
  const port = ports[name];
  if (port === undefined) {
    throw new NetworkError(
      'NETWORK_CHANGED',
      `No port is settled for ${name}; was it added to the topology after the network was made?`,
    );
  }
  return port;
}
