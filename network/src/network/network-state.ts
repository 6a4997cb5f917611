import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { DeployedChaincode, Engine } from '../engine/engine.js';
import type { NetworkDirectory } from '../engine/network-directory.js';
import { NetworkError } from '../errors/network-error.js';
import { readTopology } from '../topology/read.js';
import type { Topology } from '../topology/topology.js';

/** What a network's folder remembers besides its files. */
export interface NetworkState {
  /** 128 random bits, hexadecimal. */
  readonly networkId: string;
  /** The engine it ran on last. */
  readonly engine: Engine['name'];
  /** `instant` or `fabric`, of the embedded ledger. */
  readonly ordering: Ordering;
  /** Where the topology came from, when it came from a file. */
  readonly topologyFile?: string;
  /** Digest of what cannot be changed once the network exists. */
  readonly structure: string;
  /** By name, as deployed on `engine`. */
  readonly chaincodes: Readonly<Record<string, DeployedChaincode>>;
}

/** How the embedded ledger cuts blocks: at once, or by Fabric's batch rules. */
export type Ordering = 'instant' | 'fabric';

/** The state of the network in a folder; `undefined` when there is none yet. */
export function readState(directory: NetworkDirectory): NetworkState | undefined {
  if (!existsSync(directory.state)) return undefined;
  try {
    return JSON.parse(readFileSync(directory.state, 'utf8')) as NetworkState;
  } catch (cause) {
    throw new NetworkError('FILE_MISSING', `${directory.state} cannot be read; restore it from a backup.`, {
      cause,
    });
  }
}

/** Throws `NOT_RUNNING` when the folder holds no network. */
export function requireState(directory: NetworkDirectory): NetworkState {
  const state = readState(directory);
  if (!state) {
    throw new NetworkError(
      'NOT_RUNNING',
      `There is no network in ${directory.root}. Start one with "vitaledger network up", or name its folder with --directory.`,
    );
  }
  return state;
}

export function writeState(directory: NetworkDirectory, state: NetworkState): void {
  put(directory.state, `${JSON.stringify(state, null, 2)}\n`);
}

/** The topology in force, with absolute paths. */
export function writeTopology(directory: NetworkDirectory, topology: Topology): void {
  put(directory.topology, stringify(topology, { lineWidth: 0, aliasDuplicateObjects: false }));
}

export function savedTopology(directory: NetworkDirectory): Topology {
  return readTopology(directory.topology);
}

export function newNetworkId(): string {
  return randomBytes(16).toString('hex');
}

/** Throws `NETWORK_CHANGED` when the topology describes another network than the one in the folder. */
export function requireSameStructure(
  directory: NetworkDirectory,
  state: NetworkState,
  topology: Topology,
): void {
  if (state.structure === structureOf(topology)) return;
  throw new NetworkError(
    'NETWORK_CHANGED',
    `The network in ${directory.root} was made from a topology with other organizations, orderers or channels. ` +
      'Give the new one a folder of its own (--directory), or remove the old one with "vitaledger network clean".',
  );
}

/** Digest of the parts that are written into the channels: organizations, orderers, channels. */
export function structureOf({ name, organizations, orderers, channels }: Topology): string {
  const fixed = {
    name,
    organizations: organizations.map((one) => [one.name, one.mspId, one.domain, one.peers]),
    orderers: [orderers.mspId, orderers.domain, orderers.count],
    channels: channels.map((one) => [
      one.name,
      one.readers,
      one.batch.timeoutMs,
      one.batch.maxMessages,
      one.batch.preferredMaxBytes,
      one.batch.absoluteMaxBytes,
      one.members.map(({ organization, peers }) => [organization, peers]),
    ]),
  };
  return createHash('sha256').update(JSON.stringify(fixed)).digest('hex');
}

function put(file: string, content: string): void {
  writeFileSync(`${file}.partial`, content, { mode: 0o600 });
  renameSync(`${file}.partial`, file);
}
