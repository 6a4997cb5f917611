import type { Log } from './log.js';

/** What the ledger is made of. Certificates and keys are PEM text or paths; a key's path may be its keystore folder. */
export interface EmbeddedLedgerOptions {
  /** Where blocks, state and definitions are kept; undefined keeps all in memory. */
  readonly directory?: string | undefined;
  /**
   * `instant` (default) cuts a block as soon as the committer is idle; `fabric` waits for BatchTimeout or a full batch, as
   * an orderer does, so that conflicts between transactions of one block show.
   */
  readonly ordering?: 'instant' | 'fabric' | undefined;
  readonly organizations: readonly OrganizationOptions[];
  readonly ordererOrganizations: readonly OrdererOrganizationOptions[];
  readonly channels: readonly ChannelOptions[];
  /** A new ledger begins with what `snapshot()` of one with the same configuration returned; an existing one is as it was. */
  readonly snapshot?: Uint8Array | undefined;
  /** Whether blocks reach the device before they are acknowledged (default true). false survives a kill, not a power cut. */
  readonly sync?: boolean | undefined;
  /** How long a chaincode may take for one transaction, in milliseconds. Default 30,000, as Fabric's. */
  readonly executeTimeoutMs?: number | undefined;
  /** Requests in flight per peer and service before they are refused, as Fabric's `peer.limits.concurrency`. */
  readonly limits?: Partial<ConcurrencyLimits> | undefined;
  readonly log?: Log | undefined;
}

export interface ConcurrencyLimits {
  readonly gateway: number;
  readonly endorser: number;
  readonly deliver: number;
}

export interface OrganizationOptions {
  readonly mspId: string;
  /** The organization's `msp` folder, as cryptogen and Fabric CA lay it out. */
  readonly mspDirectory: string;
  readonly peers: readonly PeerOptions[];
}

export interface PeerOptions {
  /** Unique: `peer0.hospital.example`. */
  readonly name: string;
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  readonly tlsCertificate: string;
  readonly tlsKey: string;
  readonly signCertificate: string;
  readonly signKey: string;
  /**
   * `host:port` at which chaincodes may register (`fabric-chaincode-node start`), as with a peer in development mode; port 0
   * takes a free one. Without it the peer only dials chaincodes.
   */
  readonly chaincodeAddress?: string | undefined;
  /** Whether chaincodes register over TLS, with the peer's own certificate. Default false. */
  readonly chaincodeTls?: boolean | undefined;
}

export interface OrdererOrganizationOptions {
  readonly mspId: string;
  readonly mspDirectory: string;
  /** Signs blocks. The first orderer organization must have both. */
  readonly signCertificate?: string | undefined;
  readonly signKey?: string | undefined;
  /** Further addresses for the channel's configuration (`host:port`), of orderers that do not run here. */
  readonly addresses?: readonly string[] | undefined;
  /** Listeners for `orderer.AtomicBroadcast`, each advertised in the channel's configuration. */
  readonly orderers?: readonly OrdererOptions[] | undefined;
}

export interface OrdererOptions {
  /** Unique: `orderer0.orderer.example`. */
  readonly name: string;
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  readonly tlsCertificate: string;
  readonly tlsKey: string;
}

export interface ChannelOptions {
  readonly name: string;
  readonly members: readonly ChannelMemberOptions[];
  /**
   * `peers-and-admins`: only they read blocks, and commit status and chaincode events are opened to Writers by ACL.
   * `members` (default): every member's identities read blocks.
   */
  readonly readers?: 'peers-and-admins' | 'members' | undefined;
  readonly batch?: Partial<BatchOptions> | undefined;
  /** Policy path by resource, as `ACLs` in configtx.yaml: `{'event/Block': '/Channel/Application/Admins'}`. */
  readonly acls?: Readonly<Record<string, string>> | undefined;
  /** Default V3_0. */
  readonly capabilities?: 'V2_5' | 'V3_0' | undefined;
}

export interface ChannelMemberOptions {
  readonly mspId: string;
  /** false: the organization's clients submit through other members' gateways. */
  readonly peers: boolean;
  /** Policy expressions that replace the organization's usual ones. */
  readonly policies?: Partial<Record<OrganizationPolicy, string>> | undefined;
}

export type OrganizationPolicy = 'Readers' | 'Writers' | 'Admins' | 'Endorsement';

export interface BatchOptions {
  readonly timeoutMs: number;
  readonly maxMessages: number;
  readonly preferredMaxBytes: number;
  readonly absoluteMaxBytes: number;
}

export const defaultBatch: BatchOptions = {
  timeoutMs: 2_000,
  maxMessages: 500,
  preferredMaxBytes: 2 * 1024 * 1024,
  absoluteMaxBytes: 10 * 1024 * 1024,
};

export const defaultLimits: ConcurrencyLimits = { gateway: 500, endorser: 2_500, deliver: 2_500 };

/** Options or a request that cannot be carried out; the message says what to change. Nothing was changed. */
export class LedgerConfigurationError extends Error {
  override readonly name = 'LedgerConfigurationError';
}
