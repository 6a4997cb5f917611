import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { peer, type msp } from '@hyperledger/fabric-protos';
import { accessRefusal } from '../channel/access-control.js';
import type { Channel } from '../channel/channel.js';
import { ChaincodeSupport } from '../chaincode/chaincode-support.js';
import { maxMessageBytes } from '../chaincode/dial.js';
import { RegisteredStream } from '../chaincode/registered-stream.js';
import type { Execution } from '../chaincode/transaction-context.js';
import { DeliverService } from '../deliver/deliver-service.js';
import { Endorser, signedBy, simulate, type EndorserOutcome } from '../endorser/endorser.js';
import { unpackProposal, type UnpackedProposal } from '../endorser/proposal.js';
import type { GatewayPeer } from '../gateway/gateway-peer.js';
import type { PeerSource } from '../gateway/plan-builder.js';
import type { Membership } from '../identity/membership.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { Simulator } from '../ledger/ledger.js';
import type { PackageStore } from '../lifecycle/package-store.js';
import { bind } from '../listener.js';
import type { Log } from '../log.js';
import type { ConcurrencyLimits } from '../options.js';
import {
  invokeSystemChaincode,
  isSimulatedSystemChaincode,
  isSystemChaincode,
} from '../system/system-chaincodes.js';
import { addPeerServices } from './peer-services.js';

export interface ChaincodeListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface PeerParameters {
  readonly name: string;
  readonly host: string;
  /** 0 takes a free port at the first start, and keeps it. */
  readonly port: number;
  readonly tlsCertificate: string;
  readonly tlsKey: string;
  /** Where chaincodes may register; undefined: nowhere. Port 0 takes a free one. */
  readonly chaincodeListener: ChaincodeListenerOptions | undefined;
  readonly identity: SigningIdentity;
  readonly executeTimeoutMs: number;
  readonly limits: ConcurrencyLimits;
  readonly log: Log;
  /** The peer's own organization. */
  readonly local: Membership;
  readonly packages: PackageStore;
  /** Called when a package has been installed. */
  readonly installed: () => Promise<void>;
  /** The channels that this peer has joined. */
  readonly channels: () => readonly Channel[];
  /** The channel, when this peer has joined it. */
  readonly channel: (name: string) => Channel | undefined;
  /** All running peers that have joined a channel. */
  peersOf(channel: string): readonly Peer[];
}

/** One peer of an organization: its listener, its chaincodes, its endorsements. */
export class Peer implements GatewayPeer {
  readonly name: string;
  readonly #parameters: PeerParameters;
  readonly #endorser: Endorser;
  readonly #chaincodes: ChaincodeSupport;
  #server: Server | undefined;
  #chaincodeServer: Server | undefined;
  #chaincodePort: number;
  #port: number;

  constructor(parameters: PeerParameters) {
    this.name = parameters.name;
    this.#parameters = parameters;
    this.#port = parameters.port;
    this.#chaincodePort = parameters.chaincodeListener?.port ?? 0;
    this.#chaincodes = this.#chaincodeSupport();
    this.#endorser = new Endorser({
      peerName: parameters.name,
      identity: parameters.identity,
      chaincodes: this.#chaincodes,
      log: parameters.log,
      channel: (name) => parameters.channel(name),
      local: parameters.local,
      isSystemChaincode,
      isSimulated: isSimulatedSystemChaincode,
      invokeSystem: (name, proposal, simulator) =>
        this.#invokeSystem(name, proposal.input, proposal, simulator),
      eligiblePeers: (channel, chaincode, collection) => this.#eligiblePeers(channel, chaincode, collection),
    });
  }

  get mspId(): string {
    return this.#parameters.identity.mspId;
  }

  get identity(): SigningIdentity {
    return this.#parameters.identity;
  }

  get address(): string {
    return `${this.#parameters.host}:${this.#port}`;
  }

  get isRunning(): boolean {
    return this.#server !== undefined;
  }

  /** Listens. Throws LedgerConfigurationError when the address cannot be had. */
  async start(): Promise<void> {
    if (this.#server !== undefined) {
      return;
    }
    const { host, tlsCertificate, tlsKey, limits, log } = this.#parameters;
    const server = new Server({
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
    });
    addPeerServices(server, {
      source: this.#peerSource(),
      endorser: this.#endorser,
      deliver: new DeliverService({ log, channel: (name) => this.#parameters.channel(name) }),
      limits,
    });
    const credentials = serverCredentials(tlsCertificate, tlsKey);
    this.#port = await bind(server, `${host}:${this.#port}`, credentials, `peer ${this.name}`);
    this.#server = server;
    await this.#listenForChaincodes();
  }

  /** `protos.ChaincodeSupport`: chaincodes dial the peer. */
  async #listenForChaincodes(): Promise<void> {
    const { chaincodeListener, tlsCertificate, tlsKey } = this.#parameters;
    if (chaincodeListener === undefined) {
      return;
    }
    const server = new Server({
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
    });
    server.addService(peer.ChaincodeSupportService, {
      register: (call: ServerDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>) => {
        this.#chaincodes.accept(new RegisteredStream(call));
      },
    });
    const credentials = chaincodeListener.tls
      ? serverCredentials(tlsCertificate, tlsKey)
      : ServerCredentials.createInsecure();
    const address = `${chaincodeListener.host}:${this.#chaincodePort}`;
    try {
      this.#chaincodePort = await bind(server, address, credentials, `peer ${this.name}, for chaincodes,`);
    } catch (error) {
      this.stop();
      throw error;
    }
    this.#chaincodeServer = server;
  }

  /** `host:port` at which chaincodes register, if they may. */
  get chaincodeAddress(): string | undefined {
    const listener = this.#parameters.chaincodeListener;
    return listener === undefined ? undefined : `${listener.host}:${this.#chaincodePort}`;
  }

  get takesChaincodes(): boolean {
    return this.#parameters.chaincodeListener !== undefined;
  }

  /** Refuses connections from now on and ends those there are, also to its chaincodes. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
    this.#chaincodeServer?.forceShutdown();
    this.#chaincodeServer = undefined;
    this.#chaincodes.close();
  }

  get packages(): PackageStore {
    return this.#parameters.packages;
  }

  hasChaincode(channel: string, name: string): boolean {
    const connections = this.#parameters.channel(channel)?.chaincodes.get(name)?.definition.connections;
    return isSystemChaincode(name) || connections?.[this.name] !== undefined;
  }

  satisfies(channel: string, principal: msp.MSPPrincipal): boolean {
    const membership = this.#parameters.channel(channel)?.configuration.membership;
    return membership?.identity(this.#parameters.identity.serialized)?.satisfies(principal) === true;
  }

  /** Proposals that its endorser received, and answered with a status below 400. */
  get proposals(): { readonly received: number; readonly successful: number } {
    return this.#endorser.measured;
  }

  endorse(signed: peer.SignedProposal): Promise<EndorserOutcome> {
    return this.#endorser.process(signed);
  }

  evaluate(signed: peer.SignedProposal): Promise<EndorserOutcome> {
    return this.#endorser.process(signed, false);
  }

  /** Dials the chaincodes that are defined for this peer on a channel. */
  warm(channel: Channel): void {
    for (const { definition } of this.isRunning ? channel.chaincodes.list : []) {
      const connection = definition.connections[this.name];
      if (connection !== undefined) {
        this.#chaincodes.warm(connection);
      }
    }
  }

  isConnected(packageId: string): boolean {
    return this.#chaincodes.isConnected(packageId);
  }

  dropChaincode(packageId: string): void {
    this.#chaincodes.drop(packageId);
  }

  #peerSource(): PeerSource {
    return {
      local: this,
      channel: (name) => this.#parameters.channel(name),
      // The gateway's own peer first: all are at the same height.
      peers: (channel) => {
        const peers = this.#parameters.peersOf(channel);
        return peers.includes(this) ? [this, ...peers.filter((each) => each !== this)] : peers;
      },
    };
  }

  #chaincodeSupport(): ChaincodeSupport {
    const { name, log, executeTimeoutMs } = this.#parameters;
    const channelOf = (channel: string) => this.#parameters.channel(channel);
    return new ChaincodeSupport({
      peerName: name,
      log,
      executeTimeoutMs,
      chaincode: (channel, chaincode) => channelOf(channel)?.chaincodes.get(chaincode),
      isSystemChaincode,
      invokeSystem: (chaincode, input, execution) => {
        const proposal = unpackProposal(execution.signedProposal);
        return this.#invokeSystem(chaincode, input, proposal, execution.simulator);
      },
      callRefusal: (channel, execution) =>
        accessRefusal(
          channelOf(channel)?.configuration,
          channel,
          'peer/ChaincodeToChaincode',
          signedBy(unpackProposal(execution.signedProposal)),
        ),
      simulate: (channel, execution: Execution) => {
        const target = channelOf(channel);
        return target === undefined
          ? undefined
          : simulate(target, unpackProposal(execution.signedProposal), this.mspId);
      },
    });
  }

  #invokeSystem(
    name: string,
    input: peer.ChaincodeInput,
    proposal: UnpackedProposal,
    simulator: Simulator | undefined,
  ): Promise<peer.Response> {
    const { packages, local, channel, channels, installed } = this.#parameters;
    return invokeSystemChaincode(
      name,
      {
        input,
        invoked: proposal.chaincode,
        signed: signedBy(proposal),
        channel: proposal.channel,
        simulator,
      },
      {
        peerName: this.name,
        local: { mspId: this.mspId, membership: local },
        packages,
        install: async (bytes) => {
          const installedPackage = await packages.install(bytes);
          await installed();
          return installedPackage;
        },
        channel,
        channels,
      },
    );
  }

  #eligiblePeers(channel: string, chaincode: string, collection: string): number {
    const principals =
      this.#parameters.channel(channel)?.chaincodes.find(chaincode, collection)?.principals ?? [];
    return this.#parameters
      .peersOf(channel)
      .filter(
        (other) => other !== this && principals.some((principal) => other.satisfies(channel, principal)),
      ).length;
  }
}

function serverCredentials(certificate: string, key: string): ServerCredentials {
  return ServerCredentials.createSsl(null, [
    { cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) },
  ]);
}
