import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ChaincodeConnection, ChaincodeDefinition } from '@vitaledger/embedded-ledger';
import type { EngineContext } from '../engine/engine.js';
import { NetworkError } from '../errors/network-error.js';
import { packageService } from '../fabric/chaincode-package.js';
import { peersOnChannel } from '../ports/names.js';
import type { ChaincodeSpec } from '../topology/topology.js';
import { HOST } from './configuration.js';

/**
 * The definition of a chaincode in the topology, with the sequence that it has, or gets, after `known`: the same when nothing
 * that the organizations agree on has changed (where its processes are is each organization's own matter).
 */
export function nextDefinition(
  context: EngineContext,
  chaincode: ChaincodeSpec,
  known: ChaincodeDefinition | undefined,
): ChaincodeDefinition {
  const { channel, name, version, policy, collections } = chaincode;
  const definition: ChaincodeDefinition = {
    channel,
    name,
    version,
    policy,
    sequence: known?.sequence ?? 1,
    connections: connectionsOf(context, chaincode),
    ...(collections === undefined ? {} : { collections: readCollections(collections) }),
  };
  if (!known || isDeepStrictEqual(agreedUpon(definition), agreedUpon(known))) return definition;
  return { ...definition, sequence: known.sequence + 1 };
}

function agreedUpon({ version, policy, collections }: ChaincodeDefinition): unknown {
  return { version, policy, collections: collections ?? [] };
}

function connectionsOf(
  { topology, directory, ports }: EngineContext,
  chaincode: ChaincodeSpec,
): Readonly<Record<string, ChaincodeConnection>> {
  const packageId = packageService(chaincode.name, chaincode.version).id;
  return Object.fromEntries(
    peersOnChannel(topology, chaincode.channel).map((peer): [string, ChaincodeConnection] => {
      const port = ports.chaincodes[`${chaincode.name}.${peer}`];
      const address = chaincode.address ?? `${HOST}:${port ?? 0}`;
      if (!chaincode.tls) return [peer, { address, packageId }];
      const folder = directory.chaincodeTls(chaincode.name, peer);
      const tls = {
        rootCertificate: join(folder, 'ca.crt'),
        clientCertificate: join(folder, 'client.crt'),
        clientKey: join(folder, 'client.key'),
        serverName: `${chaincode.name}.${peer}`,
      };
      return [peer, { address, packageId, tls }];
    }),
  );
}

function readCollections(file: string): NonNullable<ChaincodeDefinition['collections']> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as NonNullable<ChaincodeDefinition['collections']>;
  } catch (cause) {
    throw new NetworkError(
      'FILE_MISSING',
      `The collections configuration ${file} is not readable JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
}
