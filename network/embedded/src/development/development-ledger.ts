import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Client, credentials } from '@grpc/grpc-js';
import { EmbeddedLedger } from '../embedded-ledger.js';
import { signLowS } from '../identity/signature.js';
import { LedgerConfigurationError, type EmbeddedLedgerOptions } from '../options.js';
import { ChaincodeProcess, type ChaincodeIsolation } from './chaincode-process.js';
import { DevelopmentOrganization, peerNameOf } from './development-organization.js';
import { readPrepared, writePrepared, type PreparedLedger } from './prepared-ledger.js';

export interface DevelopmentOptions {
  /** MSP ids; each gets one peer. Default `Org1MSP`. */
  readonly organizations?: readonly string[] | undefined;
  /** Default `main`; all organizations are its members. */
  readonly channel?: string | undefined;
  /** By name: the folder of the chaincode's package, or what else is to be said of it. */
  readonly chaincodes?: Readonly<Record<string, string | DevelopmentChaincode>> | undefined;
  /** Each chaincode in a process of its own (default), or in a thread of this one, which starts sooner. */
  readonly isolation?: ChaincodeIsolation | undefined;
  /** A file that `save` wrote: organizations, identities and all that is on the ledger are those of then. */
  readonly from?: string | undefined;
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

/**
 * A whole network for a test, without configuration: certificates are made, ports are free ones, each organization runs
 * every chaincode in a process of its own. As many as wanted at the same time.
 */
export class DevelopmentLedger {
  readonly #root: string;
  readonly #organizations = new Map<string, DevelopmentOrganization>();
  readonly #processes: ChaincodeProcess[] = [];
  readonly #clients: Client[] = [];
  #orderer!: DevelopmentOrganization;
  #ledger: EmbeddedLedger | undefined;

  private constructor(
    root: string,
    readonly channel: string,
  ) {
    this.#root = root;
  }

  /** Throws what EmbeddedLedger.start throws, or what a chaincode says that does not start; then nothing is left. */
  static async start(options: DevelopmentOptions = {}): Promise<DevelopmentLedger> {
    const prepared = options.from === undefined ? undefined : await readPrepared(options.from);
    const root = await mkdtemp(join(tmpdir(), 'embedded-ledger-'));
    const development = new DevelopmentLedger(root, prepared?.channel ?? options.channel ?? 'main');
    try {
      await development.#open(options, prepared);
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
    const address = this.ledger.address(peerNameOf(mspId));
    const client = new Client(address, credentials.createSsl(Buffer.from(tls.certificate)));
    this.#clients.push(client);
    return {
      client,
      identity: { mspId, credentials: Buffer.from(issued.certificate) },
      signer: (message) => Promise.resolve(signLowS(key, message)),
      hash: (message) => message,
    };
  }

  /** All that is on the ledger now, for `restore`. */
  snapshot(): Promise<Uint8Array> {
    return this.ledger.snapshot();
  }

  /** Goes back to a snapshot of this ledger in milliseconds, between two tests; clients and chaincodes stay. */
  restore(snapshot: Uint8Array): Promise<void> {
    return this.ledger.restore(snapshot);
  }

  /** Keeps ledger and identities in a file, from which other processes start (`from`). It holds private keys. */
  async save(file: string): Promise<void> {
    await writePrepared(file, {
      channel: this.channel,
      organizations: [...this.#organizations.values()].map((organization) => organization.kept),
      orderer: this.#orderer.kept,
      snapshot: await this.snapshot(),
    });
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

  async #open(options: DevelopmentOptions, prepared: PreparedLedger | undefined): Promise<void> {
    const mspIds = prepared?.organizations.map(({ mspId }) => mspId) ?? options.organizations ?? ['Org1MSP'];
    for (const mspId of mspIds) {
      const kept = prepared?.organizations.find((each) => each.mspId === mspId);
      this.#organizations.set(mspId, await DevelopmentOrganization.create(this.#root, mspId, kept));
    }
    this.#orderer = await DevelopmentOrganization.create(this.#root, 'OrdererMSP', prepared?.orderer);
    this.#ledger = await EmbeddedLedger.start({
      ...options.ledger,
      snapshot: prepared?.snapshot,
      organizations: [...this.#organizations.values()].map((organization) => organization.options()),
      ordererOrganizations: [this.#orderer.ordererOptions()],
      channels: [{ name: this.channel, members: mspIds.map((mspId) => ({ mspId, peers: true })) }],
    });
    const { chaincodes = {}, isolation } = options;
    await Promise.all(
      Object.entries(chaincodes).map(([name, chaincode]) =>
        this.#deploy(name, typeof chaincode === 'string' ? { directory: chaincode } : chaincode, isolation),
      ),
    );
  }

  async #deploy(
    name: string,
    { directory, policy = 'majority', collections }: DevelopmentChaincode,
    isolation: ChaincodeIsolation | undefined,
  ): Promise<void> {
    const connections = await Promise.all(
      [...this.#organizations.keys()].map(async (mspId) => {
        const started = await ChaincodeProcess.start({
          directory: resolve(directory),
          packageId: `${name}:development`,
          mspId,
          isolation,
        });
        this.#processes.push(started);
        return [peerNameOf(mspId), { address: started.address, packageId: started.packageId }] as const;
      }),
    );
    const known = this.ledger.chaincodes().find((each) => each.name === name);
    const isSame = known?.policy === policy && isDeepStrictEqual(known.collections ?? [], collections ?? []);
    const sequence = (known?.sequence ?? 0) + (isSame ? 0 : 1);
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

  #organization(mspId: string): DevelopmentOrganization {
    const organization = this.#organizations.get(mspId);
    if (organization === undefined) {
      throw new LedgerConfigurationError(
        `there is no organization ${mspId}; there is ${[...this.#organizations.keys()].join(', ')}`,
      );
    }
    return organization;
  }
}
