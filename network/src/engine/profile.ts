/**
 * `vitaledger-<organization>.json`: a Fabric connection profile (version 1.0) with its standard `channels` section, and
 * under `vitaledger` what the SDK must know besides. An organization without a peer on a channel finds the other members'
 * peers there; their TLS roots are in `peers`.
 */
export interface VitaledgerProfile {
  readonly name: string;
  readonly version: string;
  readonly client: { readonly organization: string; readonly connection: unknown };
  readonly organizations: Readonly<
    Record<string, { mspid: string; peers: readonly string[]; certificateAuthorities?: readonly string[] }>
  >;
  readonly peers: Readonly<Record<string, ProfilePeer>>;
  readonly certificateAuthorities?: unknown;
  readonly channels: Readonly<Record<string, ProfileChannel>>;
  readonly vitaledger: {
    /** Name of the network, as in its topology. */
    readonly network: string;
    /** 128 random bits, hexadecimal: a profile of another network of the same name has another one. */
    readonly networkId: string;
    readonly mspId: string;
    /** By MSP id: every organization of the network. */
    readonly organizations: Readonly<Record<string, ProfileOrganization>>;
  };
}

export interface ProfilePeer {
  /** `grpcs://localhost:<port>`. */
  readonly url: string;
  readonly tlsCACerts: { readonly pem: string };
  readonly grpcOptions: { readonly 'ssl-target-name-override': string; readonly hostnameOverride: string };
}

export interface ProfileChannel {
  /** The gateways for this organization's clients: its own peers, or the other members' when it has none there. */
  readonly peers: Readonly<
    Record<
      string,
      { endorsingPeer: boolean; chaincodeQuery: boolean; ledgerQuery: boolean; eventSource: boolean }
    >
  >;
  /** Names of the chaincodes deployed on the channel; the first is the one with the contracts named in the SDK. */
  readonly chaincodes: readonly string[];
  /** MSP ids of the members; `custodians` are those with peers on the channel. */
  readonly members: readonly string[];
  readonly custodians: readonly string[];
}

export interface ProfileOrganization {
  readonly name: string;
  readonly displayName: string;
  readonly domain: string;
  /** Folder of the custodian's vault, relative to the profile. */
  readonly vault: string;
}
