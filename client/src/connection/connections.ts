import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { VitaledgerError } from '@vitaledger/domain';
import { nativeSigner } from '../signer/native-signer.js';
import { defaultDeadlines, type Deadlines } from './deadlines.js';
import type { Identity } from './identity.js';
import type { ConnectionProfile, ProfilePeer } from './profile.js';

/** What a peer sends or takes at most, in bytes; Fabric's own limit. */
const messageLimit = 100 * 1024 * 1024;

const channelOptions = {
  'grpc.max_receive_message_length': messageLimit,
  'grpc.max_send_message_length': messageLimit,
  // Peers end connections that ping more often than once a minute.
  'grpc.keepalive_time_ms': 120_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.keepalive_permit_without_calls': 1,
};

/** One identity's connections to peers: made when first used, one per peer, shared by all channels. */
export class Connections {
  readonly #profile: ConnectionProfile;
  readonly #identity: Identity;
  readonly #deadlines: Deadlines;
  readonly #signer: (message: Uint8Array) => Promise<Uint8Array>;
  readonly #open = new Map<string, { client: Client; gateway: Gateway }>();
  #closed = false;

  constructor(profile: ConnectionProfile, identity: Identity, deadlines: Deadlines = defaultDeadlines) {
    this.#profile = profile;
    this.#identity = identity;
    this.#deadlines = deadlines;
    this.#signer = nativeSigner(identity.privateKey);
  }

  get mspId(): string {
    return this.#profile.vitaledger.mspId;
  }

  get certificate(): string {
    return this.#identity.certificate;
  }

  /** @throws VitaledgerError `PRECONDITION_FAILED` after {@link close} */
  gateway(peerName: string): Gateway {
    if (this.#closed) {
      throw new VitaledgerError('PRECONDITION_FAILED', 'The connection is closed; connect again');
    }
    let connection = this.#open.get(peerName);
    if (!connection) {
      connection = this.#connect(this.#peer(peerName));
      this.#open.set(peerName, connection);
    }
    return connection.gateway;
  }

  close(): void {
    this.#closed = true;
    for (const { client, gateway } of this.#open.values()) {
      gateway.close();
      client.close();
    }
    this.#open.clear();
  }

  #peer(name: string): ProfilePeer {
    const peer = this.#profile.peers[name];
    if (!peer) {
      throw new VitaledgerError('INVALID_ARGUMENT', `The connection profile does not describe peer ${name}`);
    }
    return peer;
  }

  #connect(peer: ProfilePeer): { client: Client; gateway: Gateway } {
    const serverName = peer.grpcOptions?.['ssl-target-name-override'];
    const client = new Client(
      new URL(peer.url).host,
      credentials.createSsl(Buffer.from(peer.tlsCACerts.pem)),
      serverName ? { ...channelOptions, 'grpc.ssl_target_name_override': serverName } : channelOptions,
    );
    const gateway = connect({
      client,
      identity: { mspId: this.mspId, credentials: Buffer.from(this.certificate) },
      signer: this.#signer,
      hash: hash.none,
      evaluateOptions: deadline(this.#deadlines.evaluate),
      endorseOptions: deadline(this.#deadlines.endorse),
      submitOptions: deadline(this.#deadlines.submit),
      commitStatusOptions: deadline(this.#deadlines.commitStatus),
    });
    return { client, gateway };
  }
}

function deadline(milliseconds: number): () => { deadline: number } {
  return () => ({ deadline: Date.now() + milliseconds });
}
