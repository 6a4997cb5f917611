import { credentials } from '@grpc/grpc-js';
import { gateway, msp, orderer, peer } from '@hyperledger/fabric-protos';
import { nativeSigner, readIdentity, type MessageSigner } from '@vitaledger/client';
import type { Network } from '@vitaledger/network';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who signs a request. `name` is `org1/User1`. */
export interface Actor {
  readonly name: string;
  readonly mspId: string;
  readonly certificate: string;
  /** `msp.SerializedIdentity` bytes. */
  readonly serialized: Uint8Array;
  readonly sign: MessageSigner;
}

/** The gRPC services of one peer. */
export interface PeerServices {
  readonly name: string;
  readonly address: string;
  readonly gateway: gateway.GatewayClient;
  readonly endorser: peer.EndorserClient;
  readonly deliver: peer.DeliverClient;
}

interface Profile {
  readonly peers: Readonly<Record<string, { url: string; tlsCACerts: { pem: string } }>>;
}

const organizations = ['org1', 'org2', 'org3'];

/** Clients and peers of the network under test. */
export class Actors {
  readonly #actors = new Map<string, Actor>();

  private constructor(
    readonly network: Network,
    readonly peers: ReadonlyMap<string, PeerServices>,
    readonly orderer: orderer.AtomicBroadcastClient,
  ) {}

  static async connect(network: Network): Promise<Actors> {
    const actors = new Actors(
      network,
      new Map(organizations.map((name) => [name, servicesOf(network, name)])),
      ordererOf(network),
    );
    for (const organization of organizations) {
      for (const user of ['User1', 'Admin']) {
        const { mspId, mspDirectory } = network.identity(organization, user);
        const { certificate, privateKey } = await readIdentity(mspDirectory);
        const serialized = serializeIdentity(mspId, certificate);
        const name = `${organization}/${user}`;
        actors.#actors.set(name, { name, mspId, certificate, serialized, sign: nativeSigner(privateKey) });
      }
    }
    return actors;
  }

  actor(name: string): Actor {
    const found = this.#actors.get(name.includes('/') ? name : `${name}/User1`);
    if (!found) throw new RangeError(`no actor ${name}`);
    return found;
  }

  all(): readonly Actor[] {
    return [...this.#actors.values()];
  }

  peer(organization: string): PeerServices {
    const found = this.peers.get(organization);
    if (!found) throw new RangeError(`no peer of ${organization}`);
    return found;
  }

  /** Text of a serialized identity in a transcript: `Org1MSP <certificate's subject>` would differ by engine's serials. */
  nameOf(serialized: Uint8Array): string {
    const known = this.all().find((actor) => Buffer.compare(actor.serialized, serialized) === 0);
    if (known) return known.name;
    if (serialized.length === 0) return '';
    try {
      return msp.SerializedIdentity.deserializeBinary(serialized).getMspid();
    } catch {
      return `sha256:${createHash('sha256').update(serialized).digest('hex')}`;
    }
  }

  close(): void {
    this.orderer.close();
    for (const { gateway: one, endorser, deliver } of this.peers.values()) {
      one.close();
      endorser.close();
      deliver.close();
    }
  }
}

export function serializeIdentity(mspId: string, certificate: string): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(Buffer.from(certificate));
  return identity.serializeBinary();
}

function ordererOf({ directory, topology }: Network): orderer.AtomicBroadcastClient {
  const { domain } = topology.orderers;
  const ports = JSON.parse(readFileSync(directory.ports, 'utf8')) as Record<string, number>;
  const name = `orderer0.${domain}`;
  const listen = ports[`${name}/listen`];
  if (listen === undefined) throw new RangeError(`no port of ${name}`);
  const root = readFileSync(join(directory.orderer(domain, 0), 'tls', 'ca.crt'));
  return new orderer.AtomicBroadcastClient(
    `127.0.0.1:${String(listen)}`,
    credentials.createSsl(root),
    connectionOptions(name),
  );
}

function connectionOptions(name: string): Record<string, string | number> {
  return {
    'grpc.ssl_target_name_override': name,
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
  };
}

function servicesOf(network: Network, organization: string): PeerServices {
  const [name = ''] = network.peers(organization);
  const profile = JSON.parse(readFileSync(network.profile(organization), 'utf8')) as Profile;
  const entry = profile.peers[name];
  if (!entry) throw new RangeError(`${organization} has no peer in its profile`);
  const address = new URL(entry.url.replace('grpcs:', 'https:')).host;
  const secure = credentials.createSsl(Buffer.from(entry.tlsCACerts.pem));
  const options = connectionOptions(name);
  return {
    name,
    address,
    gateway: new gateway.GatewayClient(address, secure, options),
    endorser: new peer.EndorserClient(address, secure, options),
    deliver: new peer.DeliverClient(address, secure, options),
  };
}
