/**
 * A network as its operators describe it: one file, from which everything else is generated. Paths are absolute here;
 * in the file they are relative to it.
 */
export interface Topology {
  /** Names the network's folder and its TLS/CA subjects; lower-case letters, digits, dashes. */
  readonly name: string;
  readonly organizations: readonly OrganizationSpec[];
  readonly orderers: OrdererSpec;
  readonly channels: readonly ChannelSpec[];
  readonly chaincodes: readonly ChaincodeSpec[];
  /** First TCP port of the network; 0 takes free ports and remembers them in the network's folder. */
  readonly basePort: number;
  readonly clock: ClockSpec;
  /** The policy packs that the founding document puts in force; none if absent. */
  readonly packs?: readonly PackSpec[];
}

export interface PackSpec {
  /** Of a pack that comes with Vitaledger: `us-hipaa`. */
  readonly id: string;
  /** The patient is asked even where the law permits without. */
  readonly consentFirst: boolean;
}

export interface OrganizationSpec {
  /** Short name, as in `connection-<name>.json`: `hospital`. */
  readonly name: string;
  readonly mspId: string;
  readonly displayName: string;
  /** DNS domain, as in `peer0.<domain>`: `hospital.example`. */
  readonly domain: string;
  /** Vitaledger kinds (hospital, clinic, pharmacy, laboratory, research, sponsor, ethics, regulator, patient-service). */
  readonly kinds: readonly string[];
  /** ISO 3166-1 or 3166-2: `DE`, `US-CA`. */
  readonly jurisdiction: string;
  readonly peers: number;
  /** Listening ports of the peers, in order; without it they follow `basePort`. */
  readonly ports?: readonly number[];
  /** Client identities besides `Admin` and `User1`, with what they claim in `vitaledger.role`. */
  readonly identities: readonly IdentitySpec[];
}

export interface IdentitySpec {
  /** `registrar` becomes `users/registrar@<domain>`. */
  readonly name: string;
  readonly role: string;
}

export interface OrdererSpec {
  readonly mspId: string;
  readonly domain: string;
  /** Raft consenters. */
  readonly count: number;
  /** Listening ports of the orderers, in order; without it they follow `basePort`. */
  readonly ports?: readonly number[];
}

export interface ChannelSpec {
  readonly name: string;
  readonly members: readonly ChannelMember[];
  readonly batch: BatchSpec;
  /**
   * `peers-and-admins`: only they read blocks, and commit status and chaincode events are opened to Writers by ACL,
   * so that clients still work. `members`: every member's identities read blocks.
   */
  readonly readers: 'peers-and-admins' | 'members';
}

export interface ChannelMember {
  readonly organization: string;
  /** false: its clients submit through other members' gateways. */
  readonly peers: boolean;
}

export interface BatchSpec {
  readonly timeoutMs: number;
  readonly maxMessages: number;
  readonly preferredMaxBytes: number;
  readonly absoluteMaxBytes: number;
}

export interface ChaincodeSpec {
  readonly name: string;
  readonly channel: string;
  readonly version: string;
  /** Folder of the chaincode's package.json. One process per peer is started from it. */
  readonly path?: string;
  /** Address (host:port) of a chaincode that somebody else runs; instead of `path`. */
  readonly address?: string;
  /**
   * Starts the chaincode in `path` with Fabric's usual variables (CHAINCODE_SERVER_ADDRESS, CHAINCODE_ID,
   * CORE_CHAINCODE_ID_NAME, CORE_PEER_LOCALMSPID); without it, `fabric-chaincode-node server`.
   */
  readonly command?: readonly string[];
  /** Mutual TLS between peer and chaincode, with certificates of the peer's organization. */
  readonly tls: boolean;
  /** It contains Vitaledger's ConsortiumContract: the consortium is founded after deployment and the clock is beaten. */
  readonly consortium: boolean;
  /** `majority` of the member organizations that have peers on the channel, or a Fabric policy expression. */
  readonly policy: string;
  /** Fabric's collections configuration, a JSON file. */
  readonly collections?: string;
}

export interface ClockSpec {
  /** Seconds between beats of each channel's clock key. */
  readonly intervalSeconds: number;
  /** Seconds that a proposal's timestamp may differ from the clock; part of the founding consortium document. */
  readonly skewSeconds: number;
}
