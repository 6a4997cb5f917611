import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { Access } from './access/access.js';
import { ChannelLedger } from './connection/channel-ledger.js';
import { Connections, defaultDeadlines, type Deadlines } from './connection/connections.js';
import { readIdentity, type IdentitySource } from './connection/identity.js';
import type { ChannelName, ConnectionProfile } from './connection/profile.js';
import { readProfile, type LoadedProfile } from './connection/read-profile.js';
import { Consents } from './consents/consents.js';
import { Consortium } from './consortium/consortium.js';
import { Patients } from './patients/patients.js';
import { Records } from './records/records.js';
import type { Actor, Session } from './session/session.js';
import { defaultRetry, Transactions, type RetryPolicy } from './transaction/index.js';
import { Trials } from './trials/trials.js';
import { FileVault } from './vault/file-vault.js';
import type { Vault } from './vault/vault.js';

export interface ConnectOptions {
  /** Path of a connection profile (`vitaledger-<organization>.json`), or the profile. */
  readonly profile: string | ConnectionProfile;
  /** Path of a folder with `signcerts/` and `keystore/`, or certificate and key in PEM. */
  readonly identity: IdentitySource;
  /** The organization's own vault, or all vaults by MSP id; by default the folders that the profile names. */
  readonly vault?: Vault | ((mspId: string) => Vault | undefined);
  /** The person that a `service` identity acts for. */
  readonly actor?: Actor;
  readonly retry?: Partial<RetryPolicy>;
  readonly deadlines?: Partial<Deadlines>;
}

/**
 * A connection of one identity to one network. Nothing is sent before the first call.
 *
 * @throws VitaledgerError `NOT_FOUND` (profile, certificate or key file missing), `INVALID_ARGUMENT` (not a profile; key and
 *   certificate do not belong together), `PRECONDITION_FAILED` (others may read the key), `EXPIRED` (certificate)
 * @example
 * ```typescript
 * await using ledger = await connect({ profile: 'vitaledger-hospital.json', identity: 'users/registrar/msp' });
 * const token = await ledger.patients.enrol({ keys: patientKey.publicKeys, jurisdiction: 'DE' });
 * ```
 */
export async function connect(options: ConnectOptions): Promise<Vitaledger> {
  const loaded = await readProfile(options.profile);
  const identity = await readIdentity(options.identity);
  const connections = new Connections(loaded.profile, identity, {
    ...defaultDeadlines,
    ...options.deadlines,
  });
  return new Vitaledger({
    loaded,
    connections,
    channels: new Map(),
    retry: { ...defaultRetry, ...options.retry },
    vaults: vaultsOf(options.vault, loaded),
    actor: options.actor,
  });
}

/** What {@link connect} returns: the areas of the ledger, as one identity may use them. */
export class Vitaledger implements AsyncDisposable {
  readonly patients: Patients;
  readonly records: Records;
  readonly consents: Consents;
  readonly access: Access;
  readonly trials: Trials;
  readonly consortium: Consortium;
  readonly #place: Place;

  /** @internal Use {@link connect}. */
  constructor(place: Place) {
    this.#place = place;
    const session: Session = {
      mspId: this.mspId,
      actor: place.actor,
      channel: (name) => channelOf(place, name),
      findVault: place.vaults,
    };
    this.patients = new Patients(session);
    this.records = new Records(session);
    this.consents = new Consents(session);
    this.access = new Access(session);
    this.trials = new Trials(session);
    this.consortium = new Consortium(session);
  }

  /** The identity's organization. */
  get mspId(): string {
    return this.#place.loaded.profile.vitaledger.mspId;
  }

  /** Name of the network. */
  get network(): string {
    return this.#place.loaded.profile.vitaledger.network;
  }

  /**
   * The same connection, acting for a person. For `service` identities, whose organization answers for what they claim.
   * @example
   * ```typescript
   * await ledger.as({ role: 'practitioner', subject: 'a81f…' }).access.request(question);
   * ```
   */
  as(actor: Actor): Vitaledger {
    return new Vitaledger({ ...this.#place, actor });
  }

  /** Ends the connection, also for those made with {@link as}. */
  close(): void {
    this.#place.connections.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

/** @internal */
export interface Place {
  readonly loaded: LoadedProfile;
  readonly connections: Connections;
  readonly channels: Map<ChannelName, Transactions>;
  readonly retry: RetryPolicy;
  readonly vaults: (mspId: string) => Vault | undefined;
  readonly actor: Actor | undefined;
}

function channelOf(place: Place, name: ChannelName): Transactions {
  let channel = place.channels.get(name);
  if (!channel) {
    const { connections, loaded, retry } = place;
    const found = loaded.profile.channels[name];
    if (!found) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        `The connection profile ${loaded.profile.name} has no channel "${name}": its organization is not a member there`,
      );
    }
    const chaincode = found.chaincodes[0] ?? name;
    const ledger = new ChannelLedger(connections, {
      channel: name,
      chaincode,
      peers: Object.keys(found.peers),
    });
    channel = new Transactions(ledger, retry);
    place.channels.set(name, channel);
  }
  return channel;
}

function vaultsOf(
  given: ConnectOptions['vault'],
  { profile, folder }: LoadedProfile,
): (mspId: string) => Vault | undefined {
  if (typeof given === 'function') {
    return given;
  }
  const { mspId: own, organizations } = profile.vitaledger;
  return (mspId) => {
    if (given && mspId === own) {
      return given;
    }
    const path = organizations[mspId]?.vault;
    return path === undefined ? undefined : new FileVault(join(folder, path));
  };
}
