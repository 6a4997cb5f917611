import { join } from 'node:path';
import type { FabricVersion } from './binaries.js';

/** What differs from peer to peer. Paths are absolute. */
export interface PeerSettings {
  readonly name: string;
  readonly network: string;
  readonly mspId: string;
  /** Number of peers of the organization. */
  readonly peers: number;
  /** Gossip addresses of the organization's other peers. */
  readonly bootstrap: readonly string[];
  readonly ports: { readonly listen: number; readonly chaincode: number; readonly operations: number };
  /** Folder with `msp` and `tls`, as Fabric's test-network has it. */
  readonly identity: string;
  readonly data: string;
  /** Shortest batch timeout of the peer's channels, in milliseconds. */
  readonly batchTimeoutMs: number;
  readonly builder: string;
  readonly version: FabricVersion;
}

/** Where everything of a network on one machine listens, and under which address it is reached. */
export const HOST = '127.0.0.1';

/**
 * `core.yaml` of one peer, as data. It holds what must differ from the peer's own defaults, and what the peer, left
 * without it, would take as zero or false.
 */
export function peerConfiguration(settings: PeerSettings): Record<string, unknown> {
  return {
    peer: {
      id: settings.name,
      networkId: settings.network,
      localMspId: settings.mspId,
      localMspType: 'bccsp',
      mspConfigPath: join(settings.identity, 'msp'),
      fileSystemPath: settings.data,
      listenAddress: `${HOST}:${settings.ports.listen}`,
      address: `${HOST}:${settings.ports.listen}`,
      chaincodeListenAddress: `${HOST}:${settings.ports.chaincode}`,
      BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
      tls: tlsSettings(settings.identity),
      authentication: { timewindow: '15m' },
      client: { connTimeout: '10s' },
      gateway: { enabled: true, endorsementTimeout: '30s', broadcastTimeout: '30s', dialTimeout: '30s' },
      discovery: {
        enabled: true,
        authCacheEnabled: true,
        authCacheMaxSize: 1000,
        authCachePurgeRetentionRatio: 0.75,
        orgMembersAllowedAccess: false,
      },
      keepalive: { minInterval: '60s' },
      limits: { concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: 500 } },
      handlers: handlers(settings.version),
      gossip: gossip(settings),
      deliveryclient: {
        // Each peer pulls its blocks from an orderer; passing them on among peers is deprecated and gone in Fabric 3.
        blockGossipEnabled: false,
        // The default lets the pause between attempts grow to an hour: orderers that come back would not be noticed.
        reConnectBackoffThreshold: '5s',
        connTimeout: '3s',
        policy: 'cluster',
      },
    },
    // No Docker: chaincodes run as services, which the builder below connects.
    vm: { endpoint: '' },
    chaincode: chaincode(settings.builder),
    ledger: ledger(settings.data),
    operations: { listenAddress: `${HOST}:${settings.ports.operations}`, tls: { enabled: false } },
    metrics: { provider: 'prometheus' },
  };
}

function tlsSettings(identity: string): Record<string, unknown> {
  return {
    enabled: true,
    clientAuthRequired: false,
    cert: { file: join(identity, 'tls', 'server.crt') },
    key: { file: join(identity, 'tls', 'server.key') },
    rootcert: { file: join(identity, 'tls', 'ca.crt') },
  };
}

/** Without these a peer has no authentication filters, and neither endorses nor validates. */
function handlers(version: FabricVersion): Record<string, unknown> {
  const filters = [{ name: 'DefaultAuth' }, { name: 'ExpirationCheck' }];
  // Refuses proposals whose timestamp is off by more than peer.authentication.timewindow. Fabric 2.5 lacks it.
  const timeWindow = version.major >= 3 ? [{ name: 'TimeWindowCheck' }] : [];
  return {
    authFilters: [...filters, ...timeWindow],
    decorators: [{ name: 'DefaultDecorator' }],
    endorsers: { escc: { name: 'DefaultEndorsement' } },
    validators: { vscc: { name: 'DefaultValidation' } },
  };
}

function gossip(settings: PeerSettings): Record<string, unknown> {
  const address = `${HOST}:${settings.ports.listen}`;
  return {
    bootstrap: settings.bootstrap.length > 0 ? settings.bootstrap : [address],
    endpoint: address,
    externalEndpoint: address,
    useLeaderElection: false,
    orgLeader: true,
    // How soon peers know each other, and with that how soon anything can be endorsed. The first contact to an anchor peer
    // often fails, because that peer has not joined yet, and the next attempt comes after reconnectInterval: 25 s by default.
    reconnectInterval: '1s',
    publishStateInfoInterval: '1s',
    requestStateInfoInterval: '1s',
    // Attempts to reach an anchor peer before it is given up: with one a second, as long as with the defaults (50 minutes).
    maxConnectionAttempts: 3000,
    state: { enabled: false },
    pvtData: privateData(settings),
  };
}

function privateData(settings: PeerSettings): Record<string, unknown> {
  return {
    // How long a block waits for private data that the peer should have and lacks. 60 s by default, and any member can
    // cause it; what arrives later is fetched by the reconciler.
    pullRetryThreshold: '2s',
    // An invalid private write, which any member can send, must not hold up a block at all: 10 s became 84 ms.
    skipPullingInvalidTransactionsDuringCommit: true,
    transientstoreMaxBlockRetention: transientRetention(settings.batchTimeoutMs),
    pushAckTimeout: '3s',
    btlPullMargin: 10,
    reconcileBatchSize: 10,
    reconcileSleepInterval: '10s',
    reconciliationEnabled: true,
    implicitCollectionDisseminationPolicy: dissemination(settings.peers),
  };
}

/**
 * For how many blocks a peer keeps the private data of transactions that it endorsed and has not seen committed. Values
 * that were never submitted lie on disk for so long: by default for 20,000 blocks, which are months in a quiet network.
 * But a transaction that commits later than that has lost its private data for good. So it is the number of blocks that
 * can be cut in five minutes, in which a client has long given up or was refused by the channel's clock.
 */
function transientRetention(batchTimeoutMs: number): number {
  return Math.min(20_000, Math.max(1000, Math.ceil(300_000 / batchTimeoutMs)));
}

/**
 * To how many other peers of the organization its private data goes at endorsement. With three peers and more one of
 * them must confirm, so that a lost disk loses nothing; with two that would stop all writing whenever one of them is down.
 */
function dissemination(peers: number): { requiredPeerCount: number; maxPeerCount: number } {
  return { requiredPeerCount: peers >= 3 ? 1 : 0, maxPeerCount: Math.max(0, peers - 1) };
}

function chaincode(builder: string): Record<string, unknown> {
  return {
    mode: 'net',
    // Fabric's Node chaincode library ends its process at a keepalive message (up to and including 2.5.8).
    keepalive: 0,
    executetimeout: '30s',
    startuptimeout: '60s',
    installTimeout: '60s',
    externalBuilders: [
      {
        name: 'vitaledger-ccaas',
        path: builder,
        propagateEnvironment: ['VITALEDGER_CHAINCODE_SERVICES'],
      },
    ],
    system: { _lifecycle: 'enable', cscc: 'enable', lscc: 'enable', qscc: 'enable' },
    logging: { level: 'info', shim: 'warning' },
  };
}

function ledger(data: string): Record<string, unknown> {
  return {
    state: { stateDatabase: 'goleveldb', totalQueryLimit: 100_000 },
    history: { enableHistoryDatabase: true },
    pvtdataStore: {
      collElgProcMaxDbBatchSize: 5000,
      collElgProcDbBatchesInterval: 1000,
      deprioritizedDataReconcilerInterval: '60m',
      // Blocks between two sweeps that delete purged and expired private data from disk; 100 by default.
      purgeInterval: 10,
      // The default writes the keys of purged private data to the log, in plain text.
      purgedKeyAuditLogging: false,
    },
    snapshots: { rootDir: join(data, 'snapshots') },
  };
}
