import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateKey } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import type { ChaincodeDefinition } from '../chaincode/definition.js';
import { EmbeddedLedger } from '../embedded-ledger.js';
import { signLowS } from '../identity/signature.js';
import type { ChannelOptions, EmbeddedLedgerOptions, OrdererOptions } from '../options.js';
import type { IssuedCertificate } from './certificate-authority.js';
import { freePort, startProbe, type ChaincodeProcess } from './chaincode-process.js';
import { createOrganization, writeAll, type TestOrganization } from './organization.js';

export const channelName = 'care';

export interface TestNetworkOptions {
  readonly organizations?: number;
  readonly peersPerOrganization?: number;
  /** Also keep the ledger on disk. */
  readonly durable?: boolean;
  readonly channels?: (mspIds: readonly string[]) => readonly ChannelOptions[];
  readonly ledger?: Partial<EmbeddedLedgerOptions>;
}

/** Organizations `Org1MSP`, …, their peers `peer0.org1.example`, …, an orderer, and chaincode processes. */
export class TestNetwork {
  readonly chaincodes = new Map<string, ChaincodeProcess>();
  readonly #connections: TestConnection[] = [];
  #ledger: EmbeddedLedger | undefined;

  private constructor(
    readonly root: string,
    readonly organizations: readonly TestOrganization[],
    readonly options: EmbeddedLedgerOptions,
  ) {}

  static async create(options: TestNetworkOptions = {}): Promise<TestNetwork> {
    const root = await mkdtemp(join(tmpdir(), 'embedded-ledger-'));
    const organizations: TestOrganization[] = [];
    for (let index = 1; index <= (options.organizations ?? 3); index += 1) {
      organizations.push(await createOrganization(root, `Org${index}MSP`, `org${index}.example`));
    }
    const orderer = await createOrganization(root, 'OrdererMSP', 'orderer.example');
    const mspIds = organizations.map(({ mspId }) => mspId);
    const signer = await orderer.issue('orderer0', 'orderer');
    return new TestNetwork(root, organizations, {
      directory: options.durable === true ? join(root, 'ledger') : undefined,
      organizations: await Promise.all(
        organizations.map((organization) => peersOf(organization, options.peersPerOrganization ?? 1)),
      ),
      ordererOrganizations: [
        {
          mspId: orderer.mspId,
          mspDirectory: join(orderer.directory, 'msp'),
          signCertificate: signer.certificate,
          signKey: signer.key,
          orderers: [await ordererOf(orderer)],
        },
      ],
      channels: options.channels?.(mspIds) ?? [
        { name: channelName, members: mspIds.map((mspId) => ({ mspId, peers: true })) },
      ],
      ...options.ledger,
    });
  }

  /** Root certificate of the orderers' TLS certificates, PEM file. */
  get ordererRoot(): string {
    return join(this.root, 'orderer.example/msp/tlscacerts/tlsca.pem');
  }

  get ordererAddress(): string {
    const [orderer] = this.ledger.status().orderers;
    return orderer?.address ?? '';
  }

  get ledger(): EmbeddedLedger {
    if (this.#ledger === undefined) {
      throw new Error('start the network first');
    }
    return this.#ledger;
  }

  organization(mspId: string): TestOrganization {
    const organization = this.organizations.find((each) => each.mspId === mspId);
    if (organization === undefined) {
      throw new Error(`no organization ${mspId}`);
    }
    return organization;
  }

  async start(options = this.options): Promise<void> {
    this.#ledger = await EmbeddedLedger.start(options);
  }

  async stop(): Promise<void> {
    await this.#ledger?.close();
    this.#ledger = undefined;
  }

  /** One chaincode process per peer, and its definition on the channel. */
  async deploy(
    name: string,
    definition: Partial<ChaincodeDefinition> = {},
    peerNames: readonly string[] = this.options.organizations.flatMap(({ peers }) =>
      peers.map((peer) => peer.name),
    ),
  ): Promise<ChaincodeDefinition> {
    const connections = await Promise.all(
      peerNames.map(async (peerName) => {
        const { address, packageId } = await this.startChaincode(name, peerName);
        return [peerName, { address, packageId }] as const;
      }),
    );
    const full: ChaincodeDefinition = {
      channel: channelName,
      name,
      version: '1.0',
      sequence: 1,
      policy: 'majority',
      connections: Object.fromEntries(connections),
      ...definition,
    };
    await this.ledger.defineChaincode(full);
    return full;
  }

  async startChaincode(name: string, peerName: string): Promise<ChaincodeProcess> {
    const key = `${name}.${peerName}`;
    const existing = this.chaincodes.get(key);
    if (existing !== undefined) {
      return existing;
    }
    const started = await startProbe({
      directory: join(this.root, 'chaincode', key),
      packageId: `${name}_1.0:${Buffer.from(key).toString('hex')}`,
      mspId: this.#mspIdOf(peerName),
    });
    this.chaincodes.set(key, started);
    return started;
  }

  /** A gateway of the organization's first peer, for a new client of the organization. */
  async connect(
    mspId: string,
    options: { peer?: string; identityOf?: IssuedCertificate } = {},
  ): Promise<Gateway> {
    const organization = this.organization(mspId);
    const identity = options.identityOf ?? (await organization.issue('user1', 'client'));
    const peerName = options.peer ?? `peer0.${organization.domain}`;
    const serving = this.organization(this.#mspIdOf(peerName));
    const connection = connectTo(organization, identity, this.ledger.address(peerName), serving);
    this.#connections.push(connection);
    return connection.gateway;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) {
      connection.close();
    }
    await this.stop();
    await Promise.all([...this.chaincodes.values()].map((chaincode) => chaincode.stop()));
    await rm(this.root, { recursive: true, force: true });
  }

  #mspIdOf(peerName: string): string {
    const owner = this.options.organizations.find(({ peers }) => peers.some(({ name }) => name === peerName));
    if (owner === undefined) {
      throw new Error(`no peer ${peerName}`);
    }
    return owner.mspId;
  }
}

async function ordererOf({ tlsAuthority }: TestOrganization): Promise<OrdererOptions> {
  const name = 'orderer0.orderer.example';
  const tls = await tlsAuthority.issue({ commonName: name, hosts: [name, 'localhost', '127.0.0.1'] });
  return {
    name,
    address: `127.0.0.1:${await freePort()}`,
    tlsCertificate: tls.certificate,
    tlsKey: tls.key,
  };
}

async function peersOf(
  organization: TestOrganization,
  count: number,
): Promise<EmbeddedLedgerOptions['organizations'][number]> {
  const { mspId, domain, directory } = organization;
  const peers = [];
  for (let index = 0; index < count; index += 1) {
    const name = `peer${index}.${domain}`;
    const identity = await organization.issue(`peer${index}`, 'peer');
    const tls = await organization.tlsAuthority.issue({
      commonName: name,
      hosts: [name, 'localhost', '127.0.0.1'],
    });
    const folder = join(directory, 'peers', name);
    await writeAll(folder, {
      'tls/server.crt': tls.certificate,
      'tls/server.key': tls.key,
      [`msp/signcerts/${name}-cert.pem`]: identity.certificate,
      'msp/keystore/priv_sk': identity.key,
    });
    peers.push({
      name,
      address: `127.0.0.1:${await freePort()}`,
      tlsCertificate: join(folder, 'tls/server.crt'),
      tlsKey: join(folder, 'tls/server.key'),
      signCertificate: join(folder, 'msp/signcerts'),
      signKey: join(folder, 'msp/keystore'),
    });
  }
  return { mspId, mspDirectory: join(directory, 'msp'), peers };
}

export interface TestConnection {
  readonly gateway: Gateway;
  close(): void;
}

/** A Fabric client of an organization, at a peer of `serving`. */
export function connectTo(
  organization: TestOrganization,
  identity: IssuedCertificate,
  address: string,
  serving: TestOrganization = organization,
): TestConnection {
  const client = new Client(address, credentials.createSsl(Buffer.from(serving.tlsAuthority.certificate)), {
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
  });
  const gateway = connect({
    client,
    identity: { mspId: organization.mspId, credentials: Buffer.from(identity.certificate) },
    signer: nativeSigner(identity.key),
    hash: hash.none,
    evaluateOptions: deadline(10_000),
    endorseOptions: deadline(15_000),
    submitOptions: deadline(10_000),
    commitStatusOptions: deadline(15_000),
  });
  return {
    gateway,
    close: () => {
      gateway.close();
      client.close();
    },
  };
}

/** Signs with node:crypto, several times faster than the SDK's own signer; low S as Fabric demands. */
export function nativeSigner(keyPem: string): (message: Uint8Array) => Promise<Uint8Array> {
  const key = createPrivateKey(keyPem);
  return (message) => Promise.resolve(signLowS(key, message));
}

function deadline(milliseconds: number): () => { deadline: number } {
  return () => ({ deadline: Date.now() + milliseconds });
}
