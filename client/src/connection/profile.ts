/**
 * A connection profile: what a client must know to reach a network. It is Fabric's common connection profile (version
 * 1.0, the `connection-<org>.json` of Fabric's test-network) with its standard section `channels`, and a section
 * `vitaledger`; so other people's tools read it too. `vitaledger network up` writes one per organization,
 * `vitaledger-<organization>.json`. Members that are not named here are ignored.
 *
 * @example
 * ```json
 * {
 *   "name": "demo-hospital", "version": "1.0.0",
 *   "peers": { "peer0.hospital.example": {
 *     "url": "grpcs://localhost:7051",
 *     "tlsCACerts": { "pem": "-----BEGIN CERTIFICATE-----…" },
 *     "grpcOptions": { "ssl-target-name-override": "peer0.hospital.example" } } },
 *   "channels": { "care": {
 *     "chaincodes": ["care"], "peers": { "peer0.hospital.example": {} },
 *     "members": ["HospitalMSP", "ClinicMSP", "ResearchMSP"], "custodians": ["HospitalMSP", "ClinicMSP"] } },
 *   "vitaledger": {
 *     "network": "demo", "networkId": "5b0c…", "mspId": "HospitalMSP",
 *     "organizations": { "HospitalMSP": { "name": "hospital", "vault": "vaults/HospitalMSP" } } }
 * }
 * ```
 */
export interface ConnectionProfile {
  readonly name: string;
  readonly version: string;
  /** Peers by name: the organization's own and, for channels where it has none, those that it connects through. */
  readonly peers: Readonly<Record<string, ProfilePeer>>;
  /** By channel name; those that the organization is a member of. */
  readonly channels: Readonly<Record<string, ProfileChannel>>;
  readonly vitaledger: ProfileNetwork;
}

/** The two channels of a network: patients, consents, records and access; and the public trial registry. */
export type ChannelName = 'care' | 'registry';

/** How a peer is reached: over TLS, with its root certificate. */
export interface ProfilePeer {
  /** `grpcs://host:port`. */
  readonly url: string;
  /** Root certificates of the peer's TLS certificate, PEM. */
  readonly tlsCACerts: { readonly pem: string };
  readonly grpcOptions?: { readonly 'ssl-target-name-override'?: string };
}

/** A channel of a profile: its members, and the peers to reach it by. */
export interface ProfileChannel {
  /** Names of the chaincodes on this channel; the first is the one with the contracts. */
  readonly chaincodes: readonly string[];
  /** The peers, by name, through which this organization's clients work on the channel, the preferred one first. */
  readonly peers: Readonly<Record<string, object>>;
  /** MSP ids of the channel's members. */
  readonly members: readonly string[];
  /** MSP ids of the members with peers on the channel: those that can hold a patient's records. */
  readonly custodians: readonly string[];
}

/** What a Vitaledger network adds to a Fabric connection profile. */
export interface ProfileNetwork {
  /** Name of the network. */
  readonly network: string;
  /** 128 random bits, hexadecimal, made when the network was founded: tells two networks of one name apart. */
  readonly networkId: string;
  /** The organization whose clients use this profile. */
  readonly mspId: string;
  /** Every organization of the network, by MSP id. */
  readonly organizations: Readonly<Record<string, ProfileOrganization>>;
}

/** A member of the network. */
export interface ProfileOrganization {
  readonly name: string;
  readonly displayName?: string;
  readonly domain?: string;
  /** Folder of the organization's vault, relative to the profile; for vaults on a file system that both can reach. */
  readonly vault?: string;
}
