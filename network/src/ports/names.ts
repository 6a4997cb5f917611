import type { Ports } from '../engine/engine.js';
import type { OrganizationSpec, Topology } from '../topology/topology.js';

/** Every port by a flat name such as `peer0.hospital.example/listen`: how they are chosen, remembered and reported. */
export type PortTable = ReadonlyMap<string, number>;

const PEER_ENDS = ['listen', 'chaincode', 'operations'] as const;
const ORDERER_ENDS = ['listen', 'admin', 'operations'] as const;

/** Names of all ports that a topology needs, in the order in which `basePort` counts them. */
export function portNames(topology: Topology): readonly string[] {
  return [
    ...ordererNames(topology).flatMap((name) => ORDERER_ENDS.map((end) => `${name}/${end}`)),
    ...topology.organizations.flatMap((organization) => [
      ...peerNames(organization).flatMap((name) => PEER_ENDS.map((end) => `${name}/${end}`)),
      `ca.${organization.domain}/listen`,
    ]),
    ...chaincodeProcessNames(topology).map((name) => `${name}/listen`),
  ];
}

/** The ports that the topology itself names. */
export function fixedPorts(topology: Topology): PortTable {
  const fixed = new Map<string, number>();
  ordererNames(topology).forEach((name, index) => {
    const port = topology.orderers.ports?.[index];
    if (port !== undefined) fixed.set(`${name}/listen`, port);
  });
  for (const organization of topology.organizations) {
    peerNames(organization).forEach((name, index) => {
      const port = organization.ports?.[index];
      if (port !== undefined) fixed.set(`${name}/listen`, port);
    });
  }
  return fixed;
}

/** `<chaincode>.<peer>` for each process that we start. */
export function chaincodeProcessNames(topology: Topology): readonly string[] {
  return topology.chaincodes
    .filter(({ path }) => path !== undefined)
    .flatMap((chaincode) =>
      peersOnChannel(topology, chaincode.channel).map((peer) => `${chaincode.name}.${peer}`),
    );
}

/** Names of the peers that hold a channel's ledger. */
export function peersOnChannel(topology: Topology, channel: string): readonly string[] {
  const members = topology.channels.find(({ name }) => name === channel)?.members ?? [];
  return members
    .filter(({ peers }) => peers)
    .flatMap((member) => {
      const organization = topology.organizations.find(({ name }) => name === member.organization);
      return organization ? peerNames(organization) : [];
    });
}

export function peerNames({ domain, peers }: OrganizationSpec): readonly string[] {
  return Array.from({ length: peers }, (_, index) => `peer${index}.${domain}`);
}

export function ordererNames({ orderers: { domain, count } }: Topology): readonly string[] {
  return Array.from({ length: count }, (_, index) => `orderer${index}.${domain}`);
}

export function structured(topology: Topology, table: PortTable): Ports {
  const port = (name: string) => {
    const found = table.get(name);
    if (found === undefined) throw new RangeError(`no port was settled for ${name}`);
    return found;
  };
  const byName = <T>(names: readonly string[], value: (name: string) => T) =>
    Object.fromEntries(names.map((name) => [name, value(name)]));
  return {
    orderers: byName(ordererNames(topology), (name) => ({
      listen: port(`${name}/listen`),
      admin: port(`${name}/admin`),
      operations: port(`${name}/operations`),
    })),
    peers: byName(topology.organizations.flatMap(peerNames), (name) => ({
      listen: port(`${name}/listen`),
      chaincode: port(`${name}/chaincode`),
      operations: port(`${name}/operations`),
    })),
    chaincodes: byName(chaincodeProcessNames(topology), (name) => port(`${name}/listen`)),
    authorities: Object.fromEntries(
      topology.organizations.map(({ name, domain }) => [name, port(`ca.${domain}/listen`)]),
    ),
  };
}
