import { chmod, cp, mkdir, rm } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { NetworkError } from '../errors/network-error.js';
import type { DeployedChaincode, Engine, EngineContext, ProcessSpec } from '../engine/engine.js';
import { findBinaries, formatVersion, type FabricBinaries } from './binaries.js';
import { ChannelMembership } from './channel-membership.js';
import { prepareChannel } from './channels.js';
import { describeService } from './chaincode-services.js';
import { deployChaincode } from './deployment.js';
import { FabricLayout } from './fabric-layout.js';
import { requireFiles, toYaml, writeWhole } from './files.js';
import { Lifecycle } from './lifecycle.js';
import {
  allPeers,
  channelNamed,
  channelPeers,
  channelsOf,
  orderersOf,
  peersOf,
  portOf,
  type OrdererMember,
  type PeerMember,
} from './members.js';
import { ordererConfiguration } from './orderer-configuration.js';
import { HOST, peerConfiguration } from './peer-configuration.js';
import { PeerCli } from './peer-cli.js';
import { waitUntilReady } from './readiness.js';

export interface FabricEngineOptions {
  /** Folder with Fabric's programs; FABRIC_BIN, and then PATH, when it is not given. */
  readonly binaries?: string;
}

/** Detect, build and release of the external builder, beside `dist` in this package. */
const BUILDER = join(__dirname, '..', '..', 'builders', 'ccaas');

const LOGGING = {
  // gRPC's own lines repeat, with a stack each, what Fabric's say.
  FABRIC_LOGGING_SPEC: 'info:grpc=error',
  // Without colours: the output goes to a file.
  FABRIC_LOGGING_FORMAT: '%{time:2006-01-02T15:04:05.000Z07:00} %{level} [%{module}] %{message}',
};

/** Real peers and Raft orderers, as native processes on this machine. */
export class FabricEngine implements Engine {
  readonly name = 'fabric';
  private binaries: FabricBinaries | undefined;

  constructor(private readonly options: FabricEngineOptions = {}) {}

  async prepare(context: EngineContext): Promise<void> {
    const { topology, progress } = context;
    const layout = new FabricLayout(context.directory);
    const binaries = await this.findBinaries();
    requireExternalInterface();
    await requireIdentities(context);
    await installBuilder(layout);
    await Promise.all([
      ...allPeers(topology).map((peer) => preparePeer(peer, context, layout, binaries)),
      ...orderersOf(topology).map((orderer) => prepareOrderer(orderer, context, layout)),
      ...topology.channels.map((channel) => prepareChannel(channel, context, layout, binaries)),
    ]);
    await describeServices(context, layout);
    progress(
      `Hyperledger Fabric ${formatVersion(binaries.version)}: configuration and genesis blocks are there`,
    );
  }

  /** Needs `prepare` first, which finds the programs. */
  ledgerProcesses(context: EngineContext): readonly ProcessSpec[] {
    const { binaries } = this;
    if (binaries === undefined) {
      throw new NetworkError(
        'NOT_RUNNING',
        'The Fabric engine is not prepared; run `vitaledger network up`.',
      );
    }
    const layout = new FabricLayout(context.directory);
    return [
      ...orderersOf(context.topology).map(({ name }) => ordererProcess(name, layout, binaries)),
      ...allPeers(context.topology).map(({ name }) => peerProcess(name, layout, binaries)),
    ];
  }

  async join(context: EngineContext): Promise<void> {
    const binaries = await this.findBinaries();
    const layout = new FabricLayout(context.directory);
    const cli = new PeerCli(binaries, context, layout);
    await new ChannelMembership(binaries, context, layout, cli).joinAll();
  }

  async deploy(context: EngineContext, chaincode: string): Promise<DeployedChaincode> {
    const layout = new FabricLayout(context.directory);
    const cli = new PeerCli(await this.findBinaries(), context, layout);
    return deployChaincode(context, layout, new Lifecycle(cli, context), chaincode);
  }

  ready(context: EngineContext, deadlineMs: number): Promise<void> {
    return waitUntilReady(context, deadlineMs);
  }

  async clean(context: EngineContext): Promise<void> {
    await rm(new FabricLayout(context.directory).root, { recursive: true, force: true });
  }

  private async findBinaries(): Promise<FabricBinaries> {
    this.binaries ??= await findBinaries(
      this.options.binaries === undefined ? process.env : { FABRIC_BIN: this.options.binaries },
    );
    return this.binaries;
  }
}

/** A peer looks for such an address at its start, and ends when there is none, whatever its configuration says. */
function requireExternalInterface(): void {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  if (!addresses.some(({ family, internal }) => family === 'IPv4' && !internal)) {
    throw new NetworkError(
      'ENGINE_FAILED',
      'This machine has no IPv4 address besides the loopback, without which a Fabric peer refuses to start ' +
        '("local IP address not auto-detectable"). Give it one, for example on a dummy interface; nothing listens there.',
    );
  }
}

async function requireIdentities({ topology, directory }: EngineContext): Promise<void> {
  const node = (folder: string): string[] =>
    ['msp/config.yaml', 'tls/ca.crt', 'tls/server.crt', 'tls/server.key'].map((file) => join(folder, file));
  await requireFiles(
    [
      ...allPeers(topology).flatMap(({ organization, index }) =>
        node(directory.peer(organization.domain, index)),
      ),
      ...orderersOf(topology).flatMap(({ index }) =>
        node(directory.orderer(topology.orderers.domain, index)),
      ),
    ],
    'Restore them from a backup, or remove the folder of the network and let `network up` make another one.',
  );
}

/** The peer runs the builder's programs, so they must be executable, however this package came onto the machine. */
async function installBuilder(layout: FabricLayout): Promise<void> {
  await mkdir(layout.builder, { recursive: true });
  await cp(BUILDER, layout.builder, { recursive: true });
  for (const program of ['detect', 'build', 'release']) {
    await chmod(join(layout.builder, 'bin', program), 0o755);
  }
}

async function preparePeer(
  peer: PeerMember,
  { topology, directory, ports }: EngineContext,
  layout: FabricLayout,
  { version }: FabricBinaries,
): Promise<void> {
  const { organization, name } = peer;
  const siblings = peersOf(organization).filter((sibling) => sibling.name !== name);
  const configuration = peerConfiguration({
    name,
    network: topology.name,
    mspId: organization.mspId,
    peers: organization.peers,
    bootstrap: siblings.map((sibling) => `${HOST}:${portOf(ports.peers, sibling.name).listen}`),
    ports: portOf(ports.peers, name),
    identity: directory.peer(organization.domain, peer.index),
    data: layout.peerData(name),
    batchTimeoutMs: Math.min(...channelsOf(topology, organization).map(({ batch }) => batch.timeoutMs), 2000),
    builder: layout.builder,
    version,
  });
  await mkdir(layout.peerData(name), { recursive: true, mode: 0o700 });
  await writeWhole(join(layout.peer(name), 'core.yaml'), toYaml(configuration));
}

async function prepareOrderer(
  { name, index }: OrdererMember,
  { topology, directory, ports }: EngineContext,
  layout: FabricLayout,
): Promise<void> {
  const configuration = ordererConfiguration({
    mspId: topology.orderers.mspId,
    ports: portOf(ports.orderers, name),
    identity: directory.orderer(topology.orderers.domain, index),
    data: layout.ordererData(name),
  });
  await mkdir(layout.ordererData(name), { recursive: true, mode: 0o700 });
  await writeWhole(join(layout.orderer(name), 'orderer.yaml'), toYaml(configuration));
}

async function describeServices(context: EngineContext, layout: FabricLayout): Promise<void> {
  for (const chaincode of context.topology.chaincodes) {
    const peers = channelPeers(context.topology, channelNamed(context.topology, chaincode.channel));
    await Promise.all(peers.map((peer) => describeService(context, layout, peer, chaincode)));
  }
}

function ordererProcess(name: string, layout: FabricLayout, { orderer }: FabricBinaries): ProcessSpec {
  const folder = layout.orderer(name);
  const env = { FABRIC_CFG_PATH: folder, ...LOGGING };
  return { name, kind: 'orderer', command: orderer, args: [], cwd: folder, env, restart: true };
}

function peerProcess(name: string, layout: FabricLayout, { peer }: FabricBinaries): ProcessSpec {
  const folder = layout.peer(name);
  const services = layout.chaincodeServices(name);
  const env = { FABRIC_CFG_PATH: folder, VITALEDGER_CHAINCODE_SERVICES: services, ...LOGGING };
  return { name, kind: 'peer', command: peer, args: ['node', 'start'], cwd: folder, env, restart: true };
}
