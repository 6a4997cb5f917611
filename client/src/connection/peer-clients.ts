import { Client, credentials } from '@grpc/grpc-js';
import { createHash, X509Certificate } from 'node:crypto';
import { VitaledgerError } from '@vitaledger/domain';
import type { ConnectionProfile, ProfilePeer } from './profile.js';

/** The client's own TLS certificate, where peers ask for one (mutual TLS). */
export interface ClientTls {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
}

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

/**
 * One TLS connection per peer, made when first used, shared by all channels and by every identity that works over it; closed when the
 * last of them is.
 */
export class PeerClients {
  readonly #profile: ConnectionProfile;
  readonly #tls: ClientTls | undefined;
  readonly #open = new Map<string, Client>();
  #users = 0;

  constructor(profile: ConnectionProfile, tls?: ClientTls) {
    this.#profile = profile;
    this.#tls = tls;
  }

  /** SHA-256 of the client's own TLS certificate, which signed requests then name; undefined without mutual TLS. */
  get tlsCertificateHash(): Uint8Array | undefined {
    if (!this.#tls) return undefined;
    return createHash('sha256').update(new X509Certificate(this.#tls.certificate).raw).digest();
  }

  /** Another identity works over these connections, until it {@link release}s them. */
  share(): this {
    this.#users += 1;
    return this;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    for (const client of this.#open.values()) client.close();
    this.#open.clear();
  }

  client(peerName: string): Client {
    let client = this.#open.get(peerName);
    if (!client) {
      client = this.#connect(this.#peer(peerName));
      this.#open.set(peerName, client);
    }
    return client;
  }

  #peer(name: string): ProfilePeer {
    const peer = this.#profile.peers[name];
    if (!peer) {
      throw new VitaledgerError('INVALID_ARGUMENT', `The connection profile does not describe peer ${name}`);
    }
    return peer;
  }

  #connect(peer: ProfilePeer): Client {
    const serverName = peer.grpcOptions?.['ssl-target-name-override'];
    const roots = Buffer.from(peer.tlsCACerts.pem);
    const own = this.#tls;
    return new Client(
      new URL(peer.url).host,
      own
        ? credentials.createSsl(roots, Buffer.from(own.privateKey), Buffer.from(own.certificate))
        : credentials.createSsl(roots),
      serverName ? { ...channelOptions, 'grpc.ssl_target_name_override': serverName } : channelOptions,
    );
  }
}
