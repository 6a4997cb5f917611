import { resolve } from 'node:path';
import { chaincodeProcesses, requireChaincodes } from '../chaincode-process/chaincode-process.js';
import { ChannelClock } from '../clock/channel-clock.js';
import { channelClocks, clockProcess } from '../clock/clock-process.js';
import { Administrator, ContractRefusal, reasonOf } from '../consortium/administrator.js';
import { administratorsOf } from '../consortium/administrators.js';
import { foundConsortium } from '../consortium/found.js';
import { foundingDocument } from '../consortium/founding-document.js';
import type { Engine, EngineContext } from '../engine/engine.js';
import { NetworkDirectory } from '../engine/network-directory.js';
import { NetworkError } from '../errors/network-error.js';
import { issueIdentities } from '../identity/identities.js';
import { writeProfiles } from '../identity/profiles.js';
import { requireFreePorts, settlePorts } from '../ports/settle.js';
import { Supervisor } from '../supervisor/supervisor.js';
import { checkTopology, readTopology } from '../topology/read.js';
import type { Topology } from '../topology/topology.js';
import { deployAndStart, READY_MS } from './deploy.js';
import { withLock } from './directory-lock.js';
import { createEngine, requireEngine } from './engines.js';
import {
  newNetworkId,
  readState,
  requireSameStructure,
  requireState,
  savedTopology,
  structureOf,
  writeState,
  writeTopology,
  type NetworkState,
  type Ordering,
} from './network-state.js';
import { Network } from './network.js';
import { whileRunning } from './while-running.js';

/** `process`: the network ends with the program that started it; `detached`: it runs until it is stopped. */
export type Lifetime = 'process' | 'detached';

export interface StartOptions {
  /** A topology, or the path of its file. */
  readonly topology: Topology | string;
  /** Default `embedded`. */
  readonly engine?: Engine['name'];
  /** The network's folder; it is made when it does not exist. */
  readonly directory: string;
  /** Of the embedded ledger. Default `instant`. */
  readonly ordering?: Ordering;
  /** Default `process`. Until it is up, a network ends with its program in any case. */
  readonly lifetime?: Lifetime;
  /** One line per step, for a person. */
  readonly onProgress?: (line: string) => void;
  /** Gives up: what this call had started is stopped again, and the signal's reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a network, or takes up one that was stopped, killed or is running: what is there is kept, what is missing is made.
 * Resolves when every organization with peers really endorses, consortia are founded and clocks beat.
 *
 * Throws NetworkError; what this call had started is then stopped again.
 */
export async function startNetwork(options: StartOptions): Promise<Network> {
  const topology = typeof options.topology === 'string' ? readTopology(options.topology) : options.topology;
  checkTopology(topology);
  requireChaincodes(topology);
  const name = options.engine ?? 'embedded';
  await requireEngine(name);
  const directory = new NetworkDirectory(resolve(options.directory));
  return withLock(directory, async () => {
    const engine = createEngine(name, options.ordering ?? 'instant');
    const running = Supervisor.find(directory);
    const state = stateFor(options, topology, directory, running !== undefined);
    const ports = await settlePorts(topology, directory);
    if (!running) {
      const ended = await Supervisor.endLeftovers(directory);
      if (ended.length > 0) options.onProgress?.(`ended what a crash had left running: ${ended.join(', ')}`);
      await requireFreePorts(topology, directory);
    }
    const context = { topology, directory, ports, progress: options.onProgress ?? (() => undefined) };
    await writeFiles(context, state);
    await engine.prepare(context);
    const supervisor = running ?? (await Supervisor.start(directory));
    try {
      await bringUp(context, engine, supervisor, options.signal);
      if (options.lifetime === 'detached') await supervisor.disown();
    } catch (error) {
      if (!running) await supervisor.shutdown();
      throw error;
    }
    return new Network(context, engine);
  });
}

/** The network in a folder, whether it runs or not. Throws `NOT_RUNNING` when there is none. */
export async function openNetwork(folder: string, onProgress?: (line: string) => void): Promise<Network> {
  const directory = new NetworkDirectory(resolve(folder));
  const { engine, ordering } = requireState(directory);
  const topology = savedTopology(directory);
  const ports = await settlePorts(topology, directory);
  const context = { topology, directory, ports, progress: onProgress ?? (() => undefined) };
  return new Network(context, createEngine(engine, ordering));
}

function stateFor(
  options: StartOptions,
  topology: Topology,
  directory: NetworkDirectory,
  running: boolean,
): NetworkState {
  const engine = options.engine ?? 'embedded';
  const known = readState(directory);
  if (known) requireContinuation(directory, known, topology, running ? engine : known.engine);
  return {
    networkId: known?.networkId ?? newNetworkId(),
    engine,
    ordering: options.ordering ?? 'instant',
    ...(typeof options.topology === 'string' ? { topologyFile: resolve(options.topology) } : {}),
    structure: structureOf(topology),
    // Deployments are the engine's own; the other one knows nothing of them.
    chaincodes: known?.engine === engine ? known.chaincodes : {},
  };
}

function requireContinuation(
  directory: NetworkDirectory,
  known: NetworkState,
  topology: Topology,
  engine: Engine['name'],
): void {
  requireSameStructure(directory, known, topology);
  if (known.engine === engine) return;
  throw new NetworkError(
    'ALREADY_RUNNING',
    `The network in ${directory.root} runs on ${known.engine}. Stop it first ("vitaledger network down"), or start ` +
      'another in a folder of its own (--directory).',
  );
}

async function writeFiles(context: EngineContext, state: NetworkState): Promise<void> {
  const { topology, directory, progress } = context;
  await issueIdentities(topology, directory);
  writeProfiles({ ...context, networkId: state.networkId });
  writeTopology(directory, topology);
  writeState(directory, state);
  progress(`identities and profiles of ${topology.organizations.length} organizations are there`);
}

async function bringUp(
  context: EngineContext,
  engine: Engine,
  supervisor: Supervisor,
  signal: AbortSignal | undefined,
): Promise<void> {
  const waiting = signal === undefined ? context : { ...context, signal };
  const guarded = <T>(work: (context: EngineContext) => Promise<T>) =>
    whileRunning(supervisor, waiting, work);
  // Chaincode waits for peers to call; started beside them, it is there when they do.
  const chaincodes = context.topology.chaincodes.flatMap((chaincode) =>
    chaincodeProcesses(context, chaincode),
  );
  await supervisor.startProcesses([...engine.ledgerProcesses(context), ...chaincodes]);
  await guarded((within) => engine.join(within));
  await guarded((within) => deployAll(within, engine, supervisor));
  await guarded((within) => engine.ready(within, READY_MS));
  await guarded(foundConsortia);
  await guarded(beatOnce);
  await supervisor.startProcesses(clockProcess(context));
}

/** Channels know nothing of each other; on one channel a deployment is a transaction after the other. */
async function deployAll(context: EngineContext, engine: Engine, supervisor: Supervisor): Promise<void> {
  for (const chaincode of context.topology.chaincodes) {
    await deployAndStart(context, engine, supervisor, chaincode, { reload: false });
  }
}

async function foundConsortia({ topology, directory, progress }: EngineContext): Promise<void> {
  for (const chaincode of topology.chaincodes.filter(({ consortium }) => consortium)) {
    const channel = topology.channels.find(({ name }) => name === chaincode.channel);
    if (!channel) continue;
    const administrators = await Promise.all(
      administratorsOf(topology, directory, chaincode).map((options) => Administrator.connect(options)),
    );
    try {
      const founded = await foundConsortium(administrators, foundingDocument(topology, channel));
      if (founded)
        progress(`the consortium of ${channel.name} is founded by its ${administrators.length} members`);
    } catch (cause) {
      throw new NetworkError(
        'ENGINE_FAILED',
        `The consortium of ${channel.name} could not be founded: ${reasonOf(cause)}`,
        { cause },
      );
    } finally {
      for (const administrator of administrators) administrator.close();
    }
  }
}

async function beatOnce(context: EngineContext): Promise<void> {
  for (const options of channelClocks(context)) {
    const clock = new ChannelClock(options, context.progress);
    try {
      await clock.beat();
    } catch (cause) {
      // Refused because it has beaten just now, as after a quick restart: the clock is fresh.
      if (cause instanceof ContractRefusal && cause.code === 'CONFLICT') continue;
      throw new NetworkError('ENGINE_FAILED', `The clock could not be beaten: ${reasonOf(cause)}`, { cause });
    } finally {
      await clock.close();
    }
  }
}
