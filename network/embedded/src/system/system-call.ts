import type { peer } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import type { LocalMembership } from '../channel/local-access.js';
import type { SignedData } from '../identity/membership.js';
import type { Simulator } from '../ledger/ledger.js';
import type { InstalledPackage } from '../lifecycle/chaincode-package.js';

/** One call of a system chaincode, by a proposal or by another chaincode. */
export interface SystemCall {
  readonly input: peer.ChaincodeInput;
  /** The chaincode that the proposal names; `qscc` and `cscc` refuse to be called by another one. */
  readonly invoked: string;
  readonly signed: SignedData;
  /** The channel that the proposal names; `''`: none. */
  readonly channel: string;
  /** Of the channel; undefined without one. */
  readonly simulator: Simulator | undefined;
}

/** The peer whose system chaincodes are called. */
export interface SystemHost {
  readonly peerName: string;
  readonly local: LocalMembership;
  readonly packages: {
    readonly list: readonly InstalledPackage[];
    get(packageId: string): InstalledPackage | undefined;
  };
  /** Throws PackageError. */
  install(bytes: Uint8Array): Promise<InstalledPackage>;
  channel(name: string): Channel | undefined;
  /** The channels that the peer has joined. */
  channels(): readonly Channel[];
}
