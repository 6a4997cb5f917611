import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineContext } from '../engine/engine.js';
import type { ChaincodeSpec } from '../topology/topology.js';
import type { FabricLayout } from './fabric-layout.js';
import { readIfPresent, requireFiles, writeWhole } from './files.js';
import { portOf, type PeerMember } from './members.js';
import { HOST } from './peer-configuration.js';

/** Fabric's `connection.json` of a chaincode as a service. */
export interface ServiceConnection {
  readonly address: string;
  readonly domain?: string;
  readonly dial_timeout: string;
  readonly tls_required: boolean;
  readonly client_auth_required?: boolean;
  readonly root_cert?: string;
  readonly client_cert?: string;
  readonly client_key?: string;
}

/**
 * Writes how a peer reaches a chaincode, where the external builder looks for it. What the builder released earlier is
 * brought up to date too, so that new ports and renewed certificates need no new package.
 */
export async function describeService(
  context: EngineContext,
  layout: FabricLayout,
  peer: PeerMember,
  chaincode: ChaincodeSpec,
): Promise<void> {
  const connection = JSON.stringify(await connectionOf(context, peer, chaincode), undefined, 2);
  await writeWhole(join(layout.chaincodeServices(peer.name), `${chaincode.name}.json`), connection);
  for (const released of await releasedConnections(layout, peer, chaincode)) {
    await writeWhole(released, connection);
  }
}

/** Where a peer's process of a chaincode listens. */
export function serviceAddress(context: EngineContext, peer: PeerMember, chaincode: ChaincodeSpec): string {
  return chaincode.address ?? `${HOST}:${portOf(context.ports.chaincodes, `${chaincode.name}.${peer.name}`)}`;
}

async function connectionOf(
  context: EngineContext,
  peer: PeerMember,
  chaincode: ChaincodeSpec,
): Promise<ServiceConnection> {
  const address = serviceAddress(context, peer, chaincode);
  if (!chaincode.tls) {
    return { address, dial_timeout: '10s', tls_required: false };
  }
  const folder = context.directory.chaincodeTls(chaincode.name, peer.name);
  const files = ['ca.crt', 'client.crt', 'client.key'].map((name) => join(folder, name));
  await requireFiles(files, 'Issue the identities again, or restore them from a backup.');
  const [root_cert = '', client_cert = '', client_key = ''] = await Promise.all(
    files.map((file) => readFile(file, 'utf8')),
  );
  return {
    address,
    dial_timeout: '10s',
    tls_required: true,
    client_auth_required: true,
    root_cert,
    client_cert,
    client_key,
  };
}

async function releasedConnections(
  layout: FabricLayout,
  peer: PeerMember,
  chaincode: ChaincodeSpec,
): Promise<readonly string[]> {
  const builds = layout.chaincodeBuilds(peer.name);
  const ours: string[] = [];
  for (const build of await foldersIn(builds)) {
    const name = await readIfPresent(join(builds, build, 'bld', 'service.name'));
    if (name?.trim() === chaincode.name) {
      ours.push(join(builds, build, 'release', 'chaincode', 'server', 'connection.json'));
    }
  }
  return ours;
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
