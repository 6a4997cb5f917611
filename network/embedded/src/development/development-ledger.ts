import { createPrivateKey } from 'node:crypto';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { EmbeddedLedger } from '../embedded-ledger.js';
import { signLowS } from '../identity/signature.js';
import {
  LedgerConfigurationError,
  type EmbeddedLedgerOptions,
  type OrganizationOptions,
} from '../options.js';
import { DevelopmentAuthority } from './certificate-authority.js';
import { ChaincodeProcess } from './chaincode-process.js';

export interface DevelopmentOptions {
  /** MSP ids; each gets one peer. Default `Org1MSP`. */
  readonly organizations?: readonly string[] | undefined;
  /** Default `main`; all organizations are its members. */
  readonly channel?: string | undefined;
  /** By name: the folder of the chaincode's package, or what else is to be said of it. */
  readonly chaincodes?: Readonly<Record<string, string | DevelopmentChaincode>> | undefined;
  /** Further options of the ledger. It is in memory unless `directory` is given. */
  readonly ledger?: Pick<
    EmbeddedLedgerOptions,
    'directory' | 'ordering' | 'sync' | 'executeTimeoutMs' | 'log'
  >;
}

export interface DevelopmentChaincode {
  readonly directory: string;
  /** Default `majority` of the organizations. */
  readonly policy?: string | undefined;
  readonly collections?: Parameters<EmbeddedLedger['defineChaincode']>[0]['collections'];
}

/** What `connect` of `@hyperledger/fabric-gateway` takes. */
export interface ClientOptions {
  readonly client: Client;
  readonly identity: { readonly mspId: string; readonly credentials: Uint8Array };
  readonly signer: (message: Uint8Array) => Promise<Uint8Array>;
  /** The signer hashes. */
  readonly hash: (message: Uint8Array) => Uint8Array;
}

export interface ClientIdentity {
  /** Common name; default `user`. */
  readonly name?: string;
  /** Default `client`. */
  readonly role?: 'client' | 'admin';
  /** For `clientIdentity.getAttributeValue` in the chaincode. */
  readonly attributes?: Readonly<Record<string, string>>;
}

interface Organization {
  readonly mspId: string;
  readonly authority: DevelopmentAuthority;
  readonly tls: DevelopmentAuthority;
  readonly folder: string;
}

/**
 * A whole network for a test, without configuration: certificates are made, ports are free ones, each organization runs
 * every chaincode in a process of its own. As many as wanted at the same time.
 */
export class DevelopmentLedger {
  readonly #root: string;
  readonly #organizations = new Map<string, Organization>();
  readonly #processes: ChaincodeProcess[] = [];
  readonly #clients: Client[] = [];
  #ledger: EmbeddedLedger | undefined;

  private constructor(
    root: string,
    readonly channel: string,
  ) {
    this.#root = root;
  }

  /** Throws what EmbeddedLedger.start throws, or what a chaincode says that does not start; then nothing is left. */
  static async start(options: DevelopmentOptions = {}): Promise<DevelopmentLedger> {
    const root = await mkdtemp(join(tmpdir(), 'embedded-ledger-'));
    const development = new DevelopmentLedger(root, options.channel ?? 'main');
    try {
      await development.#open(options);
    } catch (error) {
      await development.close();
      throw error;
    }
    return development;
  }

  /** The ledger itself: definitions, peers, status. */
  get ledger(): EmbeddedLedger {
    if (this.#ledger === undefined) {
      throw new LedgerConfigurationError('the ledger has not been started');
    }
    return this.#ledger;
  }

  /** For `connect` of `@hyperledger/fabric-gateway`: a new identity of the organization, at its own peer. */
  client(
    mspId = 'Org1MSP',
    { name = 'user', role = 'client', attributes }: ClientIdentity = {},
  ): ClientOptions {
    const { authority, tls } = this.#organization(mspId);
    const issued = authority.issue({ commonName: name, unit: role, attributes });
    const key = createPrivateKey(issued.key);
    const address = this.ledger.address(peerName(mspId));
    const client = new Client(address, credentials.createSsl(Buffer.from(tls.certificate)));
    this.#clients.push(client);
    return {
      client,
      identity: { mspId, credentials: Buffer.from(issued.certificate) },
      signer: (message) => Promise.resolve(signLowS(key, message)),
      hash: (message) => message,
    };
  }

  /** Ends clients, ledger and chaincodes, and removes every file that was made. */
  async close(): Promise<void> {
    for (const client of this.#clients) {
      client.close();
    }
    await this.#ledger?.close();
    await Promise.all(this.#processes.map((each) => each.stop()));
    await rm(this.#root, { recursive: true, force: true });
  }

  async #open({ organizations = ['Org1MSP'], chaincodes = {}, ledger }: DevelopmentOptions): Promise<void> {
    const peers: OrganizationOptions[] = [];
    for (const mspId of organizations) {
      const organization = await this.#organizationFolder(mspId);
      this.#organizations.set(mspId, organization);
      peers.push(organizationOptions(organization));
    }
    const orderer = await this.#organizationFolder('OrdererMSP');
    const signer = orderer.authority.issue({ commonName: 'orderer', unit: 'orderer' });
    this.#ledger = await EmbeddedLedger.start({
      ...ledger,
      organizations: peers,
      ordererOrganizations: [
        {
          mspId: orderer.mspId,
          mspDirectory: orderer.folder,
          signCertificate: signer.certificate,
          signKey: signer.key,
        },
      ],
      channels: [{ name: this.channel, members: organizations.map((mspId) => ({ mspId, peers: true })) }],
    });
    await Promise.all(
      Object.entries(chaincodes).map(([name, chaincode]) =>
        this.#deploy(name, typeof chaincode === 'string' ? { directory: chaincode } : chaincode),
      ),
    );
  }

  async #deploy(
    name: string,
    { directory, policy = 'majority', collections }: DevelopmentChaincode,
  ): Promise<void> {
    const connections = await Promise.all(
      [...this.#organizations.keys()].map(async (mspId) => {
        const started = await ChaincodeProcess.start({
          directory: resolve(directory),
          packageId: `${name}:development`,
          mspId,
        });
        this.#processes.push(started);
        return [peerName(mspId), { address: started.address, packageId: started.packageId }] as const;
      }),
    );
    const sequence = (this.ledger.chaincodes().find((known) => known.name === name)?.sequence ?? 0) + 1;
    await this.ledger.defineChaincode({
      channel: this.channel,
      name,
      version: '1.0',
      sequence,
      policy,
      collections,
      connections: Object.fromEntries(connections),
    });
  }

  #organization(mspId: string): Organization {
    const organization = this.#organizations.get(mspId);
    if (organization === undefined) {
      throw new LedgerConfigurationError(
        `there is no organization ${mspId}; there is ${[...this.#organizations.keys()].join(', ')}`,
      );
    }
    return organization;
  }

  async #organizationFolder(mspId: string): Promise<Organization> {
    const folder = join(this.#root, mspId);
    const authority = new DevelopmentAuthority(`ca of ${mspId}`);
    const tls = new DevelopmentAuthority(`tlsca of ${mspId}`);
    const files = {
      'cacerts/ca.pem': authority.certificate,
      'tlscacerts/tlsca.pem': tls.certificate,
      'config.yaml': nodeUnits,
    };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), content, { mode: 0o600 });
    }
    return { mspId, authority, tls, folder };
  }
}

const nodeUnits = `NodeOUs:
  Enable: true
${['Client', 'Peer', 'Admin', 'Orderer']
  .map((role) => `  ${role}OUIdentifier: { OrganizationalUnitIdentifier: ${role.toLowerCase()} }\n`)
  .join('')}`;

function peerName(mspId: string): string {
  return `peer0.${mspId.toLowerCase()}`;
}

function organizationOptions({ mspId, authority, tls, folder }: Organization): OrganizationOptions {
  const name = peerName(mspId);
  const identity = authority.issue({ commonName: name, unit: 'peer' });
  const server = tls.issue({ commonName: name, hosts: [name, 'localhost', '127.0.0.1'] });
  return {
    mspId,
    mspDirectory: folder,
    peers: [
      {
        name,
        address: '127.0.0.1:0',
        tlsCertificate: server.certificate,
        tlsKey: server.key,
        signCertificate: identity.certificate,
        signKey: identity.key,
      },
    ],
  };
}
