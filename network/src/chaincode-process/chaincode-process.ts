import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { EngineContext, ProcessSpec } from '../engine/engine.js';
import { NetworkError } from '../errors/network-error.js';
import { packageService } from '../fabric/chaincode-package.js';
import { peerNames, peersOnChannel } from '../ports/names.js';
import type { ChaincodeSpec, Topology } from '../topology/topology.js';

/**
 * The processes of a chaincode that we start: one per peer, each with its organization's own environment, as peers of
 * different organizations would run them. None for a chaincode that somebody else runs.
 */
export function chaincodeProcesses(context: EngineContext, chaincode: ChaincodeSpec): readonly ProcessSpec[] {
  const { path } = chaincode;
  if (path === undefined) return [];
  const packageId = packageService(chaincode.name, chaincode.version).id;
  return peersOnChannel(context.topology, chaincode.channel).map((peer) => {
    const name = `${chaincode.name}.${peer}`;
    const port = context.ports.chaincodes[name];
    if (port === undefined) throw new RangeError(`no port was settled for ${name}`);
    const address = `127.0.0.1:${port}`;
    const tls = chaincode.tls ? tlsFiles(context, chaincode.name, peer) : undefined;
    const [command, ...args] = chaincode.command ?? serverCommand(path, address, packageId, tls);
    return {
      name,
      kind: 'chaincode',
      command: command ?? process.execPath,
      args,
      cwd: path,
      env: {
        CORE_PEER_LOCALMSPID: mspIdOf(context.topology, peer),
        CORE_CHAINCODE_ID_NAME: packageId,
        CHAINCODE_ID: packageId,
        CHAINCODE_SERVER_ADDRESS: address,
        // The shim logs each invocation at its default level, which costs throughput.
        CORE_CHAINCODE_LOGGING_LEVEL: 'error',
        ...(tls && chaincode.command ? tlsEnvironment(tls) : {}),
      },
      restart: true,
    };
  });
}

interface TlsFiles {
  readonly key: string;
  readonly certificate: string;
  readonly clientRoot: string;
}

function tlsFiles({ directory }: EngineContext, chaincode: string, peer: string): TlsFiles {
  const folder = directory.chaincodeTls(chaincode, peer);
  return {
    key: join(folder, 'server.key'),
    certificate: join(folder, 'server.crt'),
    clientRoot: join(folder, 'ca.crt'),
  };
}

/** The names that Fabric's chaincode-as-a-service samples read. */
function tlsEnvironment({ key, certificate, clientRoot }: TlsFiles): Record<string, string> {
  return {
    CHAINCODE_TLS_DISABLED: 'false',
    CHAINCODE_TLS_KEY: key,
    CHAINCODE_TLS_CERT: certificate,
    CHAINCODE_CLIENT_CA_CERT: clientRoot,
  };
}

/** `fabric-chaincode-node server`, of the version that the chaincode itself has installed. */
function serverCommand(
  path: string,
  address: string,
  packageId: string,
  tls: TlsFiles | undefined,
): readonly string[] {
  return [
    process.execPath,
    resolveShim(path),
    'server',
    `--chaincode-address=${address}`,
    `--chaincode-id=${packageId}`,
    ...(tls
      ? [
          `--chaincode-tls-key-file=${tls.key}`,
          `--chaincode-tls-cert-file=${tls.certificate}`,
          `--chaincode-tls-client-cacert-file=${tls.clientRoot}`,
        ]
      : []),
  ];
}

function resolveShim(path: string): string {
  try {
    return createRequire(join(path, 'package.json')).resolve('fabric-shim/cli.js');
  } catch (cause) {
    throw new NetworkError(
      'FILE_MISSING',
      `fabric-shim is not installed for the chaincode in ${path}. Run npm install there, ` +
        'or give the chaincode a command in the topology.',
      { cause },
    );
  }
}

/** Before anything starts: every chaincode that we are to run is there. Throws `FILE_MISSING`. */
export function requireChaincodes({ chaincodes }: Topology): void {
  for (const { name, path, command, collections } of chaincodes) {
    if (path !== undefined && !existsSync(path)) {
      throw new NetworkError(
        'FILE_MISSING',
        `The chaincode ${name} is not in ${path}. Correct chaincodes[…].path in the topology.`,
      );
    }
    if (path !== undefined && command === undefined) resolveShim(path);
    if (collections !== undefined && !existsSync(collections)) {
      throw new NetworkError(
        'FILE_MISSING',
        `The collections of ${name} are not in ${collections}. Correct chaincodes[…].collections in the topology.`,
      );
    }
  }
}

function mspIdOf({ organizations }: Topology, peer: string): string {
  const organization = organizations.find((candidate) => peerNames(candidate).includes(peer));
  if (!organization) throw new RangeError(`no organization has the peer ${peer}`);
  return organization.mspId;
}
