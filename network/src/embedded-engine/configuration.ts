import { join } from 'node:path';
import type { EmbeddedLedgerOptions, OrganizationOptions } from '@vitaledger/embedded-ledger';
import type { EngineContext } from '../engine/engine.js';
import { orderersOf, peersOf, portOf } from '../fabric/members.js';
import type { OrganizationSpec } from '../topology/topology.js';

export const HOST = '127.0.0.1';

/** The embedded ledger's configuration file, from the topology. */
export function ledgerConfiguration(
  context: EngineContext,
  folder: string,
  ordering: 'instant' | 'fabric',
): EmbeddedLedgerOptions {
  const { topology, directory, ports } = context;
  const { orderers } = topology;
  const orderer = join(directory.orderer(orderers.domain, 0), 'msp');
  return {
    directory: folder,
    ordering,
    organizations: topology.organizations.map((organization) => organizationOptions(context, organization)),
    ordererOrganizations: [
      {
        mspId: orderers.mspId,
        mspDirectory: join(directory.ordererOrganization(orderers.domain), 'msp'),
        signCertificate: join(orderer, 'signcerts', `orderer0.${orderers.domain}-cert.pem`),
        signKey: join(orderer, 'keystore', 'priv_sk'),
        orderers: orderersOf(topology).map(({ name, index }) => {
          const tls = join(directory.orderer(orderers.domain, index), 'tls');
          return {
            name,
            address: `${HOST}:${portOf(ports.orderers, name).listen}`,
            tlsCertificate: join(tls, 'server.crt'),
            tlsKey: join(tls, 'server.key'),
          };
        }),
      },
    ],
    channels: topology.channels.map(({ name, members, readers, batch }) => ({
      name,
      readers,
      batch,
      members: members.flatMap((member) =>
        topology.organizations
          .filter((organization) => organization.name === member.organization)
          .map(({ mspId }) => ({ mspId, peers: member.peers })),
      ),
    })),
  };
}

function organizationOptions(
  { directory, ports }: EngineContext,
  organization: OrganizationSpec,
): OrganizationOptions {
  const { domain, mspId } = organization;
  return {
    mspId,
    mspDirectory: join(directory.peerOrganization(domain), 'msp'),
    peers: peersOf(organization).map(({ name, index }) => {
      const folder = directory.peer(domain, index);
      const port = ports.peers[name]?.listen;
      if (port === undefined) throw new RangeError(`no port was settled for ${name}`);
      return {
        name,
        address: `${HOST}:${port}`,
        tlsCertificate: join(folder, 'tls', 'server.crt'),
        tlsKey: join(folder, 'tls', 'server.key'),
        signCertificate: join(folder, 'msp', 'signcerts', `${name}-cert.pem`),
        signKey: join(folder, 'msp', 'keystore', 'priv_sk'),
      };
    }),
  };
}
