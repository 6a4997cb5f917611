import { mkdir, rename } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { NetworkError } from '../errors/network-error.js';
import type { EngineContext } from '../engine/engine.js';
import type { ChannelSpec, OrganizationSpec } from '../topology/topology.js';
import { formatVersion, type FabricBinaries } from './binaries.js';
import {
  channelCapability,
  channelConfiguration,
  PROFILE,
  type ChannelCapability,
  type ChannelSettings,
} from './channel-configuration.js';
import type { FabricLayout } from './fabric-layout.js';
import { readIfPresent, toYaml, writeWhole } from './files.js';
import { writeClientOnlyMsp } from './client-only-msp.js';
import { channelOrganizations, orderersOf, peersOf, portOf, type ChannelOrganization } from './members.js';
import { reasonOf, runProgram } from './run-program.js';

/** Anchor peers of an organization on a channel: enough that others find it while one is down. */
const ANCHORS = 2;

const MADE_ONCE = 'What the genesis block beside this file was made of.';

/**
 * Makes a channel's genesis block, once. An existing channel is only compared with the topology: what a block says for
 * ever cannot follow a changed file.
 *
 * @throws NetworkError `NETWORK_CHANGED` where the topology differs from the genesis block, `BINARY_VERSION` where the
 * channel needs newer orderers, `ENGINE_FAILED` where configtxgen refuses.
 */
export async function prepareChannel(
  channel: ChannelSpec,
  context: EngineContext,
  layout: FabricLayout,
  binaries: FabricBinaries,
): Promise<void> {
  const folder = layout.channel(channel.name);
  // Written last, so it stands for a channel that was made to the end.
  const record = join(folder, 'made-of.json');
  const before = await readIfPresent(record);
  if (before !== undefined) {
    const origin = JSON.parse(before) as ChannelOrigin;
    requireCapable(origin, channel, binaries);
    requireUnchanged(origin, originOf(settingsOf(channel, context, folder, origin.capability)), channel);
    return;
  }
  const settings = settingsOf(channel, context, folder, channelCapability(binaries.version));
  await mkdir(folder, { recursive: true });
  await writeClientOnlyMsps(channel, context, folder);
  await writeWhole(join(folder, 'configtx.yaml'), toYaml(channelConfiguration(settings), MADE_ONCE));
  await generate(binaries, folder, channel.name, layout.genesisBlock(channel.name));
  await writeWhole(record, `${JSON.stringify(originOf(settings), undefined, 2)}\n`);
}

/** On a restricted channel, a member without peers takes part with its clients and administrators only. */
function isClientOnly(member: ChannelOrganization, channel: ChannelSpec): boolean {
  return !member.peers && channel.readers === 'peers-and-admins';
}

/** Relative to the folder of the channel. */
function clientOnlyFolder({ organization }: ChannelOrganization): string {
  return join('msp', organization.mspId);
}

async function writeClientOnlyMsps(
  channel: ChannelSpec,
  { topology, directory }: EngineContext,
  folder: string,
): Promise<void> {
  for (const member of channelOrganizations(topology, channel)) {
    if (isClientOnly(member, channel)) {
      const msp = join(directory.peerOrganization(member.organization.domain), 'msp');
      await writeClientOnlyMsp(msp, join(folder, clientOnlyFolder(member)));
    }
  }
}

function settingsOf(
  channel: ChannelSpec,
  context: EngineContext,
  folder: string,
  capability: ChannelCapability,
): ChannelSettings {
  const { topology, directory, ports } = context;
  const { mspId, domain } = topology.orderers;
  const fromFolder = (path: string): string => relative(folder, path);
  return {
    channel,
    members: channelOrganizations(topology, channel),
    mspFolder: (member: ChannelOrganization) =>
      isClientOnly(member, channel)
        ? clientOnlyFolder(member)
        : fromFolder(join(directory.peerOrganization(member.organization.domain), 'msp')),
    anchorPorts: (organization: OrganizationSpec) =>
      peersOf(organization)
        .slice(0, ANCHORS)
        .map(({ name }) => portOf(ports.peers, name).listen),
    orderers: {
      mspId,
      mspFolder: fromFolder(join(directory.ordererOrganization(domain), 'msp')),
      consenters: orderersOf(topology).map(({ name, index }) => ({
        port: portOf(ports.orderers, name).listen,
        tlsCertificate: fromFolder(join(directory.orderer(domain, index), 'tls', 'server.crt')),
      })),
    },
    capability,
  };
}

/** What the topology says of a channel that its genesis block cannot forget. */
interface ChannelOrigin {
  readonly capability: ChannelCapability;
  readonly readers: ChannelSpec['readers'];
  readonly batch: ChannelSpec['batch'];
  /** Anchor peers' ports; empty without peers on the channel. */
  readonly members: readonly { readonly mspId: string; readonly anchors: readonly number[] }[];
  readonly orderers: { readonly mspId: string; readonly ports: readonly number[] };
}

function originOf({ channel, members, anchorPorts, orderers, capability }: ChannelSettings): ChannelOrigin {
  const { timeoutMs, maxMessages, preferredMaxBytes, absoluteMaxBytes } = channel.batch;
  return {
    capability,
    readers: channel.readers,
    batch: { timeoutMs, maxMessages, preferredMaxBytes, absoluteMaxBytes },
    members: members.map(({ organization, peers }) => ({
      mspId: organization.mspId,
      anchors: peers ? anchorPorts(organization) : [],
    })),
    orderers: { mspId: orderers.mspId, ports: orderers.consenters.map(({ port }) => port) },
  };
}

function requireCapable(origin: ChannelOrigin, channel: ChannelSpec, binaries: FabricBinaries): void {
  if (origin.capability === 'V3_0' && binaries.version.major < 3) {
    throw new NetworkError(
      'BINARY_VERSION',
      `Channel ${channel.name} was made with Fabric 3, which Fabric ${formatVersion(binaries.version)} cannot serve. ` +
        'Point FABRIC_BIN to Fabric 3, or `vitaledger network clean` to begin anew.',
    );
  }
}

function requireUnchanged(before: ChannelOrigin, now: ChannelOrigin, channel: ChannelSpec): void {
  if (JSON.stringify(withFirstAnchors(before)) !== JSON.stringify(withFirstAnchors(now))) {
    throw new NetworkError(
      'NETWORK_CHANGED',
      `Channel ${channel.name} exists with other members, readers, batch settings, orderers or ports than the topology ` +
        'gives. A running channel changes by a configuration update, which this version does not make: restore the ' +
        'topology, or `vitaledger network clean` to begin anew without its data.',
    );
  }
}

/** A second peer that came later is found without being an anchor. */
function withFirstAnchors(origin: ChannelOrigin): ChannelOrigin {
  const members = origin.members.map(({ mspId, anchors }) => ({ mspId, anchors: anchors.slice(0, 1) }));
  return { ...origin, members };
}

async function generate(
  binaries: FabricBinaries,
  folder: string,
  channel: string,
  block: string,
): Promise<void> {
  const unfinished = `${block}.unfinished`;
  const result = await runProgram(binaries.configtxgen, [
    '-configPath',
    folder,
    '-profile',
    PROFILE,
    '-channelID',
    channel,
    '-outputBlock',
    unfinished,
  ]);
  if (!result.succeeded) {
    throw new NetworkError(
      'ENGINE_FAILED',
      `configtxgen makes no genesis block of channel ${channel}: ${reasonOf(result)}`,
    );
  }
  await rename(unfinished, block);
}
