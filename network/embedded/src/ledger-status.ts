import type { ChannelMeasurements } from './channel/channel-measurements.js';

export interface LedgerStatus {
  readonly ordering: 'instant' | 'fabric';
  readonly peers: readonly PeerStatus[];
  readonly orderers: readonly OrdererStatus[];
  readonly channels: readonly ChannelStatus[];
}

export interface OrdererStatus {
  readonly name: string;
  /** `host:port` that it listens at. */
  readonly address: string;
}

export interface PeerStatus {
  readonly name: string;
  readonly mspId: string;
  /** `host:port` that it listens at. */
  readonly address: string;
  /** `host:port` at which chaincodes register, if they may. */
  readonly chaincodeAddress?: string | undefined;
  readonly running: boolean;
}

export interface ChannelStatus {
  readonly name: string;
  /** Number of blocks. */
  readonly height: number;
  /** Transactions committed since the start, valid or not. */
  readonly transactions: number;
  readonly chaincodes: readonly ChaincodeStatus[];
}

export interface ChaincodeStatus {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** Names of peers whose connection to the chaincode is open now. */
  readonly connectedPeers: readonly string[];
}

export interface LedgerMeasurements {
  readonly channels: ReadonlyMap<string, ChannelMeasurements>;
  /** By peer. */
  readonly proposals: ReadonlyMap<string, { readonly received: number; readonly successful: number }>;
}
