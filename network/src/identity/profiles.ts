import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { stringify } from 'yaml';
import type { Ports } from '../engine/engine.js';
import type { NetworkDirectory } from '../engine/network-directory.js';
import type {
  ProfileChannel,
  ProfileOrganization,
  ProfilePeer,
  VitaledgerProfile,
} from '../engine/profile.js';
import { peerNames } from '../ports/names.js';
import type { ChannelSpec, OrganizationSpec, Topology } from '../topology/topology.js';

interface Source {
  readonly topology: Topology;
  readonly directory: NetworkDirectory;
  readonly ports: Ports;
  readonly networkId: string;
}

/**
 * Writes, per organization, `connection-<name>.json` and `.yaml` as Fabric's test-network does, and
 * `vitaledger-<name>.json` with what the SDK needs besides. They follow the topology, so they are written at every `up`.
 */
export function writeProfiles(source: Source): void {
  for (const organization of source.topology.organizations) {
    const folder = source.directory.peerOrganization(organization.domain);
    const profile = connectionProfile(source, organization);
    put(source.directory.connectionProfile(organization.domain, organization.name), json(profile));
    put(
      join(folder, `connection-${organization.name}.yaml`),
      `---\n${stringify(profile, { lineWidth: 0, singleQuote: true })}`,
    );
    put(
      source.directory.profile(organization.domain, organization.name),
      json(vitaledgerProfile(source, organization, profile)),
    );
    mkdirSync(source.directory.vault(organization.mspId), { recursive: true, mode: 0o700 });
  }
}

function put(file: string, content: string): void {
  const partial = `${file}.partial`;
  writeFileSync(partial, content);
  renameSync(partial, file);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 4)}\n`;
}

type ConnectionProfile = Omit<VitaledgerProfile, 'channels' | 'vitaledger'>;

function connectionProfile(source: Source, organization: OrganizationSpec): ConnectionProfile {
  const { name, mspId, domain } = organization;
  const authority = `ca.${domain}`;
  const authorityPem = readFileSync(
    join(source.directory.peerOrganization(domain), 'ca', `ca.${domain}-cert.pem`),
    'utf8',
  );
  return {
    name: `${source.topology.name}-${name}`,
    version: '1.0.0',
    client: { organization: name, connection: { timeout: { peer: { endorser: '300' } } } },
    organizations: {
      [name]: { mspid: mspId, peers: peerNames(organization), certificateAuthorities: [authority] },
    },
    peers: profilePeers(source, [organization]),
    certificateAuthorities: {
      [authority]: {
        url: `https://localhost:${source.ports.authorities[name] ?? 0}`,
        caName: `ca-${name}`,
        tlsCACerts: { pem: [authorityPem] },
        httpOptions: { verify: false },
      },
    },
  };
}

function vitaledgerProfile(
  source: Source,
  organization: OrganizationSpec,
  profile: ConnectionProfile,
): VitaledgerProfile {
  const { topology, directory, networkId } = source;
  const from = dirname(directory.profile(organization.domain, organization.name));
  // An organization without any peer, or without one on some channel, reaches the others'.
  const reachable = topology.organizations.filter(
    (other) => other.name === organization.name || shareChannel(topology, organization, other),
  );
  return {
    ...profile,
    organizations: Object.fromEntries(
      reachable.map((other) => [other.name, { mspid: other.mspId, peers: peerNames(other) }]),
    ),
    peers: profilePeers(source, reachable),
    channels: Object.fromEntries(
      topology.channels
        .filter(({ name, members }) => isMember(members, organization) && hasChaincode(topology, name))
        .map((channel) => [channel.name, profileChannel(topology, channel, organization)]),
    ),
    vitaledger: {
      network: topology.name,
      networkId,
      mspId: organization.mspId,
      organizations: Object.fromEntries(
        topology.organizations.map((other): [string, ProfileOrganization] => [
          other.mspId,
          {
            name: other.name,
            displayName: other.displayName,
            domain: other.domain,
            vault: relative(from, directory.vault(other.mspId)),
          },
        ]),
      ),
    },
  };
}

function profilePeers(
  { directory, ports }: Source,
  organizations: readonly OrganizationSpec[],
): Readonly<Record<string, ProfilePeer>> {
  return Object.fromEntries(
    organizations.flatMap((organization) => {
      const { domain } = organization;
      const folder = join(directory.peerOrganization(domain), 'tlsca');
      const pem = readFileSync(join(folder, `tlsca.${domain}-cert.pem`), 'utf8');
      return peerNames(organization).map((name): [string, ProfilePeer] => [
        name,
        {
          url: `grpcs://localhost:${ports.peers[name]?.listen ?? 0}`,
          tlsCACerts: { pem },
          grpcOptions: { 'ssl-target-name-override': name, hostnameOverride: name },
        },
      ]);
    }),
  );
}

function profileChannel(
  topology: Topology,
  channel: ChannelSpec,
  organization: OrganizationSpec,
): ProfileChannel {
  const members = channel.members.flatMap((member) => {
    const found = topology.organizations.find(({ name }) => name === member.organization);
    return found ? [{ ...found, onChannel: member.peers }] : [];
  });
  const custodians = members.filter(({ onChannel }) => onChannel);
  const own = custodians.filter(({ name }) => name === organization.name);
  const gateways = (own.length > 0 ? own : custodians).flatMap(peerNames);
  const roles = { endorsingPeer: true, chaincodeQuery: true, ledgerQuery: true, eventSource: true };
  return {
    peers: Object.fromEntries(gateways.map((name) => [name, roles])),
    chaincodes: topology.chaincodes
      .filter((chaincode) => chaincode.channel === channel.name)
      .map(({ name }) => name),
    members: members.map(({ mspId }) => mspId),
    custodians: custodians.map(({ mspId }) => mspId),
  };
}

function isMember(members: ChannelSpec['members'], organization: OrganizationSpec): boolean {
  return members.some((member) => member.organization === organization.name);
}

function hasChaincode(topology: Topology, channel: string): boolean {
  return topology.chaincodes.some((chaincode) => chaincode.channel === channel);
}

function shareChannel(topology: Topology, one: OrganizationSpec, other: OrganizationSpec): boolean {
  return topology.channels.some(({ members }) => isMember(members, one) && isMember(members, other));
}
