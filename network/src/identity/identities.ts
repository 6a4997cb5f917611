import { join } from 'node:path';
import type { NetworkDirectory } from '../engine/network-directory.js';
import type { OrganizationSpec, Topology } from '../topology/topology.js';
import { clientAttributes } from './attributes.js';
import { Authority, type Place } from './authority.js';
import { putFolder, requireFiles } from './folder.js';
import { putLocalMsp, putMspRoots, putTls, type Authorities } from './msp.js';

const LOOPBACK = ['localhost', '127.0.0.1'];

/**
 * Issues every certificate of the network in the folder layout of Fabric's test-network. What exists is kept, so that
 * a topology may gain peers and identities; a file that is gone is reported as `FILE_MISSING`.
 */
export async function issueIdentities(topology: Topology, directory: NetworkDirectory): Promise<void> {
  await issueOrderers(topology, directory);
  for (const organization of topology.organizations) {
    const authorities = await openAuthorities(
      directory.peerOrganization(organization.domain),
      organization.domain,
      placeOf(organization.jurisdiction),
    );
    await issuePeers(organization, authorities, directory);
    await issueClients(organization, authorities, directory);
    await issueChaincodeTls(topology, organization, authorities, directory);
  }
}

/** `US-CA` is California in the United States. */
function placeOf(jurisdiction: string): Place {
  const [country = jurisdiction, state] = jurisdiction.split('-');
  return state === undefined ? { country } : { country, state };
}

async function openAuthorities(folder: string, domain: string, place: Place): Promise<Authorities> {
  const enrolment = await Authority.open(join(folder, 'ca'), `ca.${domain}`, domain, place);
  const tls = await Authority.open(join(folder, 'tlsca'), `tlsca.${domain}`, domain, place);
  const authorities = { domain, enrolment, tls };
  const msp = join(folder, 'msp');
  await putFolder(msp, (into) => {
    putMspRoots(into, '', authorities);
  });
  requireFiles(msp, ['config.yaml', `cacerts/ca.${domain}-cert.pem`, `tlscacerts/tlsca.${domain}-cert.pem`]);
  return authorities;
}

async function issueOrderers(topology: Topology, directory: NetworkDirectory): Promise<void> {
  const { domain, count } = topology.orderers;
  const place = placeOf(topology.organizations[0]?.jurisdiction ?? 'US');
  const folder = directory.ordererOrganization(domain);
  const authorities = await openAuthorities(folder, domain, place);
  for (let index = 0; index < count; index++) {
    await issueNode(authorities, directory.orderer(domain, index), `orderer${index}.${domain}`, 'orderer');
  }
  await issueClient(authorities, join(folder, 'users', `Admin@${domain}`), 'Admin', 'admin');
}

async function issuePeers(
  { domain, peers }: OrganizationSpec,
  authorities: Authorities,
  directory: NetworkDirectory,
): Promise<void> {
  for (let index = 0; index < peers; index++) {
    await issueNode(authorities, directory.peer(domain, index), `peer${index}.${domain}`, 'peer');
  }
}

/** A peer or an orderer: a local MSP and a TLS certificate for its host name and the loopback. */
async function issueNode(
  authorities: Authorities,
  folder: string,
  name: string,
  unit: 'peer' | 'orderer',
): Promise<void> {
  await putFolder(folder, async (into) => {
    const shortName = name.slice(0, name.indexOf('.'));
    putLocalMsp(into, authorities, name, await authorities.enrolment.issue({ commonName: name, unit }));
    const hosts = [name, shortName, ...LOOPBACK];
    putTls(into, authorities, 'server', await authorities.tls.issue({ commonName: name, hosts }));
  });
  requireFiles(folder, [...localMspFiles(name), 'tls/ca.crt', 'tls/server.crt', 'tls/server.key']);
}

async function issueClients(
  { domain, identities }: OrganizationSpec,
  authorities: Authorities,
  directory: NetworkDirectory,
): Promise<void> {
  await issueClient(authorities, directory.user(domain, 'Admin'), 'Admin', 'admin');
  await issueClient(authorities, directory.user(domain, 'User1'), 'User1', 'service');
  for (const { name, role } of identities) {
    await issueClient(authorities, directory.user(domain, name), name, role);
  }
}

async function issueClient(
  authorities: Authorities,
  folder: string,
  user: string,
  role: string,
): Promise<void> {
  const name = `${user}@${authorities.domain}`;
  const unit = user === 'Admin' ? 'admin' : 'client';
  await putFolder(folder, async (into) => {
    const attributes = clientAttributes(user, unit, role);
    const issued = await authorities.enrolment.issue({ commonName: name, unit, attributes });
    putLocalMsp(into, authorities, name, issued);
    putTls(into, authorities, 'client', await authorities.tls.issue({ commonName: name, hosts: [] }));
  });
  requireFiles(folder, [...localMspFiles(name), 'tls/ca.crt', 'tls/client.crt', 'tls/client.key']);
}

function localMspFiles(name: string): string[] {
  return ['msp/config.yaml', `msp/signcerts/${name}-cert.pem`, 'msp/keystore/priv_sk'];
}

/** Each peer's process of a chaincode, and the peer as its client, prove themselves to each other. */
async function issueChaincodeTls(
  topology: Topology,
  organization: OrganizationSpec,
  authorities: Authorities,
  directory: NetworkDirectory,
): Promise<void> {
  for (const chaincode of topology.chaincodes.filter(({ tls }) => tls)) {
    const members = topology.channels.find(({ name }) => name === chaincode.channel)?.members ?? [];
    if (!members.some((member) => member.organization === organization.name && member.peers)) continue;
    for (let index = 0; index < organization.peers; index++) {
      const peer = `peer${index}.${organization.domain}`;
      const name = `${chaincode.name}.${peer}`;
      const tls = directory.chaincodeTls(chaincode.name, peer);
      await putFolder(join(tls, '..'), async (into) => {
        const hosts = [name, ...LOOPBACK];
        putTls(into, authorities, 'server', await authorities.tls.issue({ commonName: name, hosts }));
        putTls(into, authorities, 'client', await authorities.tls.issue({ commonName: peer, hosts: [] }));
      });
      requireFiles(tls, ['ca.crt', 'server.crt', 'server.key', 'client.crt', 'client.key']);
    }
  }
}
