import { join } from 'node:path';
import { NetworkError } from '../errors/network-error.js';
import type { EngineContext } from '../engine/engine.js';
import type { FabricBinaries } from './binaries.js';
import type { FabricLayout } from './fabric-layout.js';
import { channelPeers, orderersOf, portOf, type OrdererMember, type PeerMember } from './members.js';
import { HOST } from './peer-configuration.js';
import type { PeerCli } from './peer-cli.js';
import { reasonOf, runProgram, type ProgramResult } from './run-program.js';
import { DeadlinePassed, until, type Attempt } from './until.js';

/** How long a process that was just started may take to answer. */
const START_MS = 60_000;

/** Brings orderers and peers into the channels of the topology, skipping those that are in already. */
export class ChannelMembership {
  constructor(
    private readonly binaries: FabricBinaries,
    private readonly context: EngineContext,
    private readonly layout: FabricLayout,
    private readonly cli: PeerCli,
  ) {}

  async joinAll(): Promise<void> {
    const { topology, progress } = this.context;
    await Promise.all([
      ...orderersOf(topology).map((orderer) => this.joinOrderer(orderer)),
      ...this.peersWithChannels().map(([peer, channels]) => this.joinPeer(peer, channels)),
    ]);
    progress(`Channels joined: ${topology.channels.map(({ name }) => name).join(', ')}`);
  }

  private peersWithChannels(): readonly (readonly [PeerMember, readonly string[]])[] {
    const { topology } = this.context;
    const channelsOf = new Map<string, { peer: PeerMember; channels: string[] }>();
    for (const channel of topology.channels) {
      for (const peer of channelPeers(topology, channel)) {
        const entry = channelsOf.get(peer.name) ?? { peer, channels: [] };
        entry.channels.push(channel.name);
        channelsOf.set(peer.name, entry);
      }
    }
    return [...channelsOf.values()].map(({ peer, channels }) => [peer, channels]);
  }

  private async joinOrderer(orderer: OrdererMember): Promise<void> {
    const joined = await waitFor(
      orderer.name,
      async () => listedChannels(await this.osnadmin(orderer, 'list'), parseParticipation),
      this.context.signal,
    );
    for (const { name } of this.context.topology.channels) {
      if (!joined.includes(name)) {
        const block = this.layout.genesisBlock(name);
        const result = await this.osnadmin(orderer, 'join', '--channelID', name, '--config-block', block);
        if (!result.succeeded || !result.stdout.includes('Status: 201')) {
          throw new NetworkError(
            'ENGINE_FAILED',
            `${orderer.name} does not join channel ${name}: ${reasonOf(result)}`,
          );
        }
      }
    }
  }

  private osnadmin(
    orderer: OrdererMember,
    action: string,
    ...args: readonly string[]
  ): Promise<ProgramResult> {
    const { directory, topology, ports } = this.context;
    const tls = join(directory.orderer(topology.orderers.domain, orderer.index), 'tls');
    return runProgram(this.binaries.osnadmin, [
      'channel',
      action,
      '--orderer-address',
      `${HOST}:${portOf(ports.orderers, orderer.name).admin}`,
      '--ca-file',
      join(tls, 'ca.crt'),
      '--client-cert',
      join(tls, 'server.crt'),
      '--client-key',
      join(tls, 'server.key'),
      ...args,
    ]);
  }

  private async joinPeer(peer: PeerMember, channels: readonly string[]): Promise<void> {
    const joined = await waitFor(
      peer.name,
      async () => listedChannels(await this.cli.run(peer, 'channel', 'list'), parseChannelList),
      this.context.signal,
    );
    for (const name of channels.filter((channel) => !joined.includes(channel))) {
      const result = await this.cli.run(peer, 'channel', 'join', '-b', this.layout.genesisBlock(name));
      if (!result.succeeded) {
        throw new NetworkError(
          'ENGINE_FAILED',
          `${peer.name} does not join channel ${name}: ${reasonOf(result)}`,
        );
      }
    }
  }
}

async function waitFor<T>(
  process: string,
  attempt: () => Promise<Attempt<T>>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await until(attempt, Date.now() + START_MS, undefined, signal);
  } catch (error) {
    if (error instanceof DeadlinePassed) {
      throw new NetworkError(
        'PROCESS_FAILED',
        `${process} does not answer after ${START_MS / 1000} s: ${error.reason} Its log says more.`,
        { cause: error },
      );
    }
    throw error;
  }
}

function listedChannels(
  result: ProgramResult,
  parse: (output: string) => readonly string[] | undefined,
): Attempt<readonly string[]> {
  const channels = result.succeeded ? parse(result.stdout) : undefined;
  return channels === undefined ? { done: false, reason: reasonOf(result) } : { done: true, value: channels };
}

/** Reads the channel names from `osnadmin channel list`: a status line, then JSON. */
export function parseParticipation(output: string): readonly string[] | undefined {
  if (!output.includes('Status: 200')) {
    return undefined;
  }
  const list = JSON.parse(output.slice(output.indexOf('{'))) as { channels?: { name: string }[] | null };
  return (list.channels ?? []).map(({ name }) => name);
}

/** Reads the channel names from `peer channel list`: a heading, then a name on each line. */
export function parseChannelList(output: string): readonly string[] | undefined {
  const lines = output.split('\n').map((line) => line.trim());
  const heading = lines.findIndex((line) => line.startsWith('Channels peers has joined'));
  return heading < 0 ? undefined : lines.slice(heading + 1).filter((line) => line !== '');
}
