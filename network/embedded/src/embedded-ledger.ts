import { join } from 'node:path';
import { msp } from '@hyperledger/fabric-protos';
import { isDeepStrictEqual } from 'node:util';
import { Channel } from './channel/channel.js';
import { ChannelConfiguration } from './channel/channel-configuration.js';
import { keepConfigBlock } from './channel/config-block.js';
import { buildChannelGroup, type ChannelParts } from './channel/config-tree.js';
import type { ChaincodeDefinition } from './chaincode/definition.js';
import { DefinitionStore } from './chaincode/definition-store.js';
import { checkOptions, hostOf, portOf } from './check-options.js';
import { Membership } from './identity/membership.js';
import { Msp } from './identity/msp.js';
import { VerifiedSignatures } from './identity/signature.js';
import { SigningIdentity } from './identity/signing-identity.js';
import { genesisOf, openChannelLedger, type LedgerImage } from './ledger/index.js';
import type { Approver } from './lifecycle/agree.js';
import { readCommittedChaincodes } from './lifecycle/committed-chaincodes.js';
import { PackageStore } from './lifecycle/package-store.js';
import { RequestedDefinitions } from './lifecycle/requested-definitions.js';
import type { ChaincodeStatus, LedgerMeasurements, LedgerStatus } from './ledger-status.js';
import { silentLog, type Log } from './log.js';
import { Orderer } from './ordering/orderer.js';
import {
  defaultLimits,
  LedgerConfigurationError,
  type EmbeddedLedgerOptions,
  type OrdererOptions,
  type PeerOptions,
} from './options.js';
import { Peer } from './peer/peer.js';
import { readPem } from './pem.js';
import { readOrdererIdentity, readOrganizations, withPeers } from './read-organizations.js';
import { decodeSnapshot, encodeSnapshot } from './snapshot/snapshot-format.js';

/**
 * Peers, orderer and channels of a whole network in this process. A development tool: one process, no consensus, not for
 * production data.
 */
export class EmbeddedLedger {
  readonly #ordering: 'instant' | 'fabric';
  readonly #channels = new Map<string, Channel>();
  readonly #peers = new Map<string, Peer>();
  readonly #orderers: Orderer[] = [];
  readonly #requested: RequestedDefinitions;
  readonly #log: Log;
  #defining: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(options: EmbeddedLedgerOptions) {
    this.#ordering = options.ordering ?? 'instant';
    this.#log = options.log ?? silentLog;
    this.#requested = new RequestedDefinitions(
      new DefinitionStore(
        options.directory === undefined ? undefined : join(options.directory, 'chaincodes.json'),
      ),
    );
  }

  /**
   * Opens or makes the ledger and starts its peers. Throws LedgerConfigurationError, MspConfigurationError or
   * LedgerStorageError, having closed again what it had opened.
   */
  static async start(options: EmbeddedLedgerOptions): Promise<EmbeddedLedger> {
    checkOptions(options);
    const ledger = new EmbeddedLedger(options);
    try {
      await ledger.#open(options);
    } catch (error) {
      await ledger.close();
      throw error;
    }
    return ledger;
  }

  /**
   * Agrees on a chaincode for a channel, or upgrades it: every organization with peers there approves it and it is
   * committed, by transactions of `_lifecycle` that the peers sign. Durable when it resolves. The same sequence again may
   * only change connections. Throws LedgerConfigurationError or PolicyExpressionError; then nothing has changed.
   */
  defineChaincode(definition: ChaincodeDefinition): Promise<void> {
    const defined = this.#defining.then(() => this.#define(definition));
    this.#defining = defined.catch(() => undefined);
    return defined;
  }

  chaincodes(): readonly ChaincodeDefinition[] {
    return [...this.#channels.values()].flatMap((channel) =>
      channel.chaincodes.list.map(({ definition }) => definition),
    );
  }

  status(): LedgerStatus {
    return {
      ordering: this.#ordering,
      peers: [...this.#peers.values()].map((peer) => ({
        name: peer.name,
        mspId: peer.mspId,
        address: peer.address,
        chaincodeAddress: peer.chaincodeAddress,
        running: peer.isRunning,
      })),
      orderers: this.#orderers.map(({ name, address }) => ({ name, address })),
      channels: [...this.#channels.values()].map((channel) => ({
        name: channel.name,
        height: Number(channel.ledger.height),
        transactions: channel.transactions,
        chaincodes: channel.chaincodes.list.map(({ definition }) => this.#chaincodeStatus(definition)),
      })),
    };
  }

  /** What channels and peers have done since the start. */
  measurements(): LedgerMeasurements {
    return {
      channels: new Map([...this.#channels].map(([name, { measured }]) => [name, measured])),
      proposals: new Map([...this.#peers].map(([name, { proposals }]) => [name, proposals])),
    };
  }

  /** `host:port` of a peer. */
  address(peerName: string): string {
    return this.#peer(peerName).address;
  }

  /** The peer refuses connections and its organization cannot endorse through it; the others run on. */
  stopPeer(name: string): void {
    this.#peer(name).stop();
    this.#log.info(`peer ${name} stopped`);
  }

  async startPeer(name: string): Promise<void> {
    const peer = this.#peer(name);
    await peer.start();
    for (const channel of this.#channels.values()) {
      if (channel.chaincodes.organizationsWithPeers.includes(peer.mspId)) {
        peer.warm(channel);
      }
    }
    this.#log.info(`peer ${name} listens at ${peer.address}`);
  }

  /** All of the ledger at this moment, for `restore`, a file, or the option `snapshot`. What was submitted is in it. */
  async snapshot(): Promise<Uint8Array> {
    const channels = new Map<string, LedgerImage>();
    for (const [name, channel] of this.#channels) {
      channels.set(name, await channel.image());
    }
    const packages = new Map(
      [...this.#peers].map(([name, peer]) => [name, peer.packages.list.map(({ bytes }) => bytes)]),
    );
    return encodeSnapshot({ channels, definitions: this.#requested.list, packages });
  }

  /**
   * Goes back to a snapshot of this ledger, in milliseconds: peers and chaincodes stay connected, event streams end. Nothing
   * else may be in flight. Throws LedgerConfigurationError or LedgerStorageError for what is not its snapshot.
   */
  async restore(snapshot: Uint8Array): Promise<void> {
    const { channels, definitions, packages } = decodeSnapshot(snapshot);
    for (const name of this.#channels.keys()) {
      if (!channels.has(name)) {
        throw new LedgerConfigurationError(`the snapshot has no channel ${name}: it is of another ledger`);
      }
    }
    for (const [name, files] of packages) {
      const store = this.#peer(name).packages;
      for (const file of files) {
        await store.keep(file);
      }
    }
    await this.#requested.replace(definitions);
    for (const [name, image] of channels) {
      await this.#channel(name).restore(image);
    }
  }

  /** Stops the peers, puts what was submitted into blocks, closes the files. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const peer of this.#peers.values()) {
      peer.stop();
    }
    for (const orderer of this.#orderers) {
      orderer.stop();
    }
    await this.#defining;
    for (const channel of this.#channels.values()) {
      await channel.close();
    }
  }

  async #open(options: EmbeddedLedgerOptions): Promise<void> {
    const signatures = new VerifiedSignatures();
    const parts = await readOrganizations(options);
    const [orderer] = parts.ordererOrganizations;
    if (orderer === undefined) {
      throw new LedgerConfigurationError('ordererOrganizations is empty');
    }
    const ordererIdentity = await readOrdererIdentity(orderer, signatures);
    const images = options.snapshot === undefined ? undefined : decodeSnapshot(options.snapshot).channels;
    for (const channelOptions of options.channels) {
      const channel = await this.#openChannel(
        options,
        { ...parts, options: channelOptions },
        ordererIdentity,
        signatures,
        images?.get(channelOptions.name),
      );
      this.#channels.set(channel.name, channel);
    }
    await this.#requested.load();
    await this.#readPeers(options, parts.organizations, signatures);
    const isNew = [...this.#channels.values()].every(({ ledger }) => ledger.height === 1n);
    if (options.snapshot !== undefined && isNew) {
      await this.restore(options.snapshot);
    }
    for (const channel of this.#channels.values()) {
      await this.#readCommitted(channel);
    }
    for (const name of this.#peers.keys()) {
      await this.startPeer(name);
    }
    for (const ordererOptions of options.ordererOrganizations.flatMap(({ orderers = [] }) => orderers)) {
      await this.#startOrderer(ordererOptions);
    }
  }

  async #readPeers(
    options: EmbeddedLedgerOptions,
    configured: ChannelParts['organizations'],
    signatures: VerifiedSignatures,
  ): Promise<void> {
    for (const { mspId, peers } of options.organizations) {
      const configuration = configured.get(mspId)?.msp ?? new msp.FabricMSPConfig();
      const local = new Membership([new Msp(configuration, signatures, { ed25519: true })]);
      for (const peerOptions of peers) {
        this.#peers.set(
          peerOptions.name,
          await this.#readPeer(options, { mspId, local }, peerOptions, signatures),
        );
      }
    }
  }

  async #startOrderer({ name, address, tlsCertificate, tlsKey }: OrdererOptions): Promise<void> {
    const orderer = new Orderer({
      name,
      host: hostOf(address),
      port: portOf(address),
      tlsCertificate: await readPem(tlsCertificate, `orderer ${name}: tlsCertificate`),
      tlsKey: await readPem(tlsKey, `orderer ${name}: tlsKey`),
      log: this.#log,
      channel: (channel) => this.#channels.get(channel),
    });
    await orderer.start();
    this.#orderers.push(orderer);
    this.#log.info(`orderer ${name} listens at ${orderer.address}`);
  }

  async #openChannel(
    { directory, sync }: EmbeddedLedgerOptions,
    parts: ChannelParts,
    ordererIdentity: SigningIdentity,
    signatures: VerifiedSignatures,
    image: LedgerImage | undefined,
  ): Promise<Channel> {
    const { name } = parts.options;
    const folder = directory === undefined ? undefined : join(directory, 'channels', name);
    const genesis = await keepConfigBlock(
      name,
      buildChannelGroup(parts),
      folder === undefined ? undefined : join(folder, 'genesis.block'),
      image === undefined ? undefined : genesisOf(image),
    );
    const configuration = new ChannelConfiguration(genesis, signatures);
    const ledger = await openChannelLedger({
      channel: name,
      directory: folder === undefined ? undefined : join(folder, 'ledger'),
      genesis,
      sync: sync ?? true,
      logger: this.#log,
    });
    return new Channel({
      configuration,
      ledger,
      organizationsWithPeers: withPeers(parts.options),
      ordering: this.#ordering,
      ordererIdentity,
      log: this.#log,
      definitionsChanged: (changed) => this.#readCommitted(changed),
    });
  }

  /** Takes over what a channel's state says of its chaincodes. */
  async #readCommitted(channel: Channel): Promise<void> {
    const { organizationsWithPeers } = channel.chaincodes;
    const peers = [...this.#peers.values()].filter(({ mspId }) => organizationsWithPeers.includes(mspId));
    const requested = (name: string, sequence: number) => this.#requested.find(channel.name, name, sequence);
    const committed = await readCommittedChaincodes(channel, peers, requested);
    this.#forget(channel, new Set(committed.map(({ definition }) => definition.name)));
    for (const defined of committed) {
      const { definition } = defined;
      const previous = channel.chaincodes.get(definition.name)?.definition;
      channel.chaincodes.put(defined);
      this.#reconnect(channel, previous, definition);
    }
  }

  /** Before a snapshot's moment there may have been fewer. */
  #forget(channel: Channel, committed: ReadonlySet<string>): void {
    for (const { definition } of channel.chaincodes.list) {
      if (!committed.has(definition.name)) {
        channel.chaincodes.remove(definition.name);
        for (const [peer, { packageId }] of Object.entries(definition.connections)) {
          this.#peers.get(peer)?.dropChaincode(packageId);
        }
      }
    }
  }

  async #readPeer(
    options: EmbeddedLedgerOptions,
    { mspId, local }: { mspId: string; local: Membership },
    { name, address, chaincodeAddress, chaincodeTls = false, ...pem }: PeerOptions,
    signatures: VerifiedSignatures,
  ): Promise<Peer> {
    const what = `peer ${name}`;
    const identity = new SigningIdentity(
      mspId,
      await readPem(pem.signCertificate, `${what}: signCertificate`),
      await readPem(pem.signKey, `${what}: signKey`),
      signatures,
    );
    const joined = new Set(
      options.channels.filter((channel) => withPeers(channel).includes(mspId)).map((channel) => channel.name),
    );
    return new Peer({
      name,
      host: hostOf(address),
      port: portOf(address),
      tlsCertificate: await readPem(pem.tlsCertificate, `${what}: tlsCertificate`),
      tlsKey: await readPem(pem.tlsKey, `${what}: tlsKey`),
      chaincodeListener:
        chaincodeAddress === undefined
          ? undefined
          : { host: hostOf(chaincodeAddress), port: portOf(chaincodeAddress), tls: chaincodeTls },
      identity,
      local,
      packages: await PackageStore.open(
        options.directory === undefined ? undefined : join(options.directory, 'peers', name, 'packages'),
      ),
      installed: async () => {
        for (const channel of joined) {
          await this.#readCommitted(this.#channel(channel));
        }
      },
      channels: () => [...joined].map((channel) => this.#channel(channel)),
      executeTimeoutMs: options.executeTimeoutMs ?? 30_000,
      limits: { ...defaultLimits, ...options.limits },
      log: this.#log,
      channel: (channel) => (joined.has(channel) ? this.#channels.get(channel) : undefined),
      peersOf: (channel) => this.#runningPeers(channel),
    });
  }

  #runningPeers(channel: string): readonly Peer[] {
    const organizations = this.#channels.get(channel)?.chaincodes.organizationsWithPeers ?? [];
    return [...this.#peers.values()].filter((peer) => peer.isRunning && organizations.includes(peer.mspId));
  }

  async #define(definition: ChaincodeDefinition): Promise<void> {
    const channel = this.#channel(definition.channel);
    for (const name of Object.keys(definition.connections)) {
      if (!channel.chaincodes.organizationsWithPeers.includes(this.#peer(name).mspId)) {
        throw new LedgerConfigurationError(
          `chaincode ${definition.name}: peer ${name} has not joined channel ${channel.name}; remove its connection`,
        );
      }
    }
    await this.#requested.define(channel, definition, this.#approvers(channel, definition));
    await this.#readCommitted(channel);
    this.#log.info(
      `chaincode ${definition.name} version ${definition.version} sequence ${definition.sequence} is defined on channel ${channel.name}`,
    );
  }

  /** One peer of each organization, with the package that the organization's peers run. */
  #approvers(channel: Channel, { connections }: ChaincodeDefinition): readonly Approver[] {
    const peers = [...this.#peers.values()];
    return channel.chaincodes.organizationsWithPeers.flatMap((mspId) => {
      const own = peers.filter((peer) => peer.mspId === mspId);
      const [first] = own;
      const packageId = own.map(({ name }) => connections[name]?.packageId).find((id) => id !== undefined);
      return first === undefined ? [] : [{ identity: first.identity, packageId }];
    });
  }

  /** Ends connections that the new definition no longer has, and dials ahead of the first call. */
  #reconnect(channel: Channel, previous: ChaincodeDefinition | undefined, next: ChaincodeDefinition): void {
    for (const peer of this.#peers.values()) {
      const before = previous?.connections[peer.name];
      if (before !== undefined && !isDeepStrictEqual(before, next.connections[peer.name])) {
        peer.dropChaincode(before.packageId);
      }
      if (next.connections[peer.name] !== undefined) {
        peer.warm(channel);
      }
    }
  }

  #chaincodeStatus({ name, version, sequence, connections }: ChaincodeDefinition): ChaincodeStatus {
    const connectedPeers = Object.entries(connections)
      .filter(([peerName, { packageId }]) => this.#peers.get(peerName)?.isConnected(packageId) === true)
      .map(([peerName]) => peerName);
    return { name, version, sequence, connectedPeers };
  }

  #channel(name: string): Channel {
    const channel = this.#channels.get(name);
    if (channel === undefined) {
      throw new LedgerConfigurationError(
        `there is no channel ${name}; there is ${[...this.#channels.keys()].join(', ')}`,
      );
    }
    return channel;
  }

  #peer(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer === undefined) {
      throw new LedgerConfigurationError(
        `there is no peer ${name}; there is ${[...this.#peers.keys()].join(', ')}`,
      );
    }
    return peer;
  }
}
