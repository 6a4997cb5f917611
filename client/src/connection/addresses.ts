import type { ConnectionProfile, ProfileChannel } from './profile.js';
import { checkProfile } from './read-profile.js';

/** A peer to connect through. */
export interface PeerAddress {
  /** `host:port`. */
  readonly address: string;
  /** Root certificates of the peer's TLS certificate, PEM. */
  readonly tlsRoots: string;
  /** The name in the peer's TLS certificate, where it is not the host of the address. */
  readonly serverName?: string;
}

/** What a client must know of a network, where nobody wrote a profile. */
export interface NetworkAddresses {
  /** The organization of the client. */
  readonly mspId: string;
  /** The network's own random id, which its operators know: it tells checkpoints of two networks apart. */
  readonly networkId: string;
  /** Peers to work through, the preferred one first; the next one is used where one does not answer. */
  readonly peers: readonly PeerAddress[];
  /** MSP ids of the members of each channel that the organization is a member of. */
  readonly members: Readonly<Partial<Record<'care' | 'registry', readonly string[]>>>;
  /** MSP ids of those members of `care` that hold records. */
  readonly custodians: readonly string[];
}

/**
 * A connection profile from addresses.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the path in the profile
 * @example
 * ```typescript
 * const profile = profileOf({
 *   mspId: 'HospitalMSP', networkId, peers: [{ address: 'peer0.hospital.example:7051', tlsRoots }],
 *   members: { care: ['HospitalMSP', 'ClinicMSP'] }, custodians: ['HospitalMSP', 'ClinicMSP'],
 * });
 * ```
 */
export function profileOf({
  mspId,
  networkId,
  peers,
  members,
  custodians,
}: NetworkAddresses): ConnectionProfile {
  const named = peers.map((peer) => [peer.address, peer] as const);
  const through = Object.fromEntries(named.map(([name]) => [name, {}]));
  const channels: Record<string, ProfileChannel> = {};
  for (const [name, list] of Object.entries(members)) {
    const holders = name === 'care' ? custodians : list;
    channels[name] = { chaincodes: [name], peers: through, members: list, custodians: holders };
  }
  const organizations = [...new Set(Object.values(members).flat())].map((id) => [id, { name: id }]);
  return checkProfile({
    name: `addresses of ${mspId}`,
    version: '1.0.0',
    peers: Object.fromEntries(
      named.map(([name, { address, tlsRoots, serverName }]) => [
        name,
        {
          url: `grpcs://${address}`,
          tlsCACerts: { pem: tlsRoots },
          ...(serverName === undefined ? {} : { grpcOptions: { 'ssl-target-name-override': serverName } }),
        },
      ]),
    ),
    channels,
    vitaledger: {
      network: networkId.slice(0, 8),
      networkId,
      mspId,
      organizations: Object.fromEntries(organizations) as unknown,
    },
  });
}
