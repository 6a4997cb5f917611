import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { Access } from './access/access.js';
import { channelEvents } from './connection/channel-events.js';
import { ChannelLedger, proposalOptions, type ChannelPlace } from './connection/channel-ledger.js';
import { Connections } from './connection/connections.js';
import { defaultDeadlines, type Deadlines } from './connection/deadlines.js';
import { PeerClients, type ClientTls } from './connection/peer-clients.js';
import type { ChannelName, ConnectionProfile } from './connection/profile.js';
import { readProfile, type LoadedProfile } from './connection/read-profile.js';
import { signingIdentity, warnOfExpiry, type ConnectIdentity } from './connection/signing-identity.js';
import { Consents } from './consents/consents.js';
import { Delegations } from './consents/delegations.js';
import { Prohibitions } from './consents/prohibitions.js';
import { Consortium } from './consortium/consortium.js';
import { channelBlocks } from './events/channel-blocks.js';
import { Events } from './events/events.js';
import { FhirExchange } from './exchange/fhir-exchange.js';
import { Disclosures } from './disclosures/disclosures.js';
import { Notifications } from './notifications/notifications.js';
import type { Logger } from './observability/logger.js';
import { ObservedLedger, ObservedTransactions } from './observability/observed-transactions.js';
import { Telemetry } from './observability/telemetry.js';
import { Orders } from './orders/orders.js';
import { CareTeams } from './patients/care-teams.js';
import { Patients } from './patients/patients.js';
import { Prescriptions } from './prescriptions/prescriptions.js';
import { Participants } from './participation/participants.js';
import { Proofs } from './proof/proofs.js';
import { Holds } from './records/holds.js';
import { PatientLinks } from './records/patient-links.js';
import { Records } from './records/records.js';
import { Rectifications } from './records/rectifications.js';
import { Cohorts } from './research/cohorts.js';
import { Studies } from './research/studies.js';
import { vaultOf, type Actor, type Session } from './session/session.js';
import {
  defaultRetry,
  Transactions,
  verdictOn,
  type RetryEvent,
  type RetryPolicy,
} from './transaction/index.js';
import { TrialAnalysis } from './trial-analysis/trial-analysis.js';
import { TrialData } from './trial-documents/trial-data.js';
import { TrialDocuments } from './trial-documents/trial-documents.js';
import { Trials } from './trials/trials.js';
import { FileVault } from './vault/file-vault.js';
import { VaultServer, type VaultServerOptions } from './vault/remote/vault-server.js';
import type { Vault } from './vault/vault.js';

/** Whereto, as whom, and how patiently. */
export interface ConnectOptions {
  /** Path of a connection profile (`vitaledger-<organization>.json`), or the profile. */
  readonly profile: string | ConnectionProfile;
  /**
   * Path of a folder with `signcerts/` and `keystore/`; certificate and key in PEM, as a {@link Wallet} gives them; or a certificate and
   * what signs for it elsewhere.
   */
  readonly identity: ConnectIdentity;
  /** The organization's own vault, or all vaults by MSP id; by default the folders that the profile names. */
  readonly vault?: Vault | ((mspId: string) => Vault | undefined);
  /** The person that a `service` identity acts for. */
  readonly actor?: Actor | undefined;
  readonly retry?: Partial<RetryPolicy>;
  readonly deadlines?: Partial<Deadlines>;
  /** Told what is done, repeated and failed; never anything that concerns a person. Spans and metrics need no option. */
  readonly logger?: Logger;
  /** The client's own TLS certificate, where peers ask for one (mutual TLS). */
  readonly tls?: ClientTls;
  /** Told when the identity's certificate ends within 30 days; absent: a warning of the process. */
  readonly onExpiry?: (expires: Date) => void;
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
  return open(loaded, new PeerClients(loaded.profile, options.tls), options.identity, options);
}

type SharedOptions = Omit<ConnectOptions, 'profile' | 'identity' | 'tls'>;

async function open(
  loaded: LoadedProfile,
  clients: PeerClients,
  source: ConnectIdentity,
  options: SharedOptions,
): Promise<Vitaledger> {
  const { profile } = loaded;
  const { mspId, network, networkId } = profile.vitaledger;
  const identity = await signingIdentity(source, mspId);
  warnOfExpiry(identity, options.onExpiry);
  const deadlines = { ...defaultDeadlines, ...options.deadlines };
  const connections = new Connections(mspId, identity, clients, deadlines);
  const retry = { ...defaultRetry, ...options.retry };
  const channels = new Map<ChannelName, ObservedTransactions>();
  return new Vitaledger({
    mspId,
    network,
    actor: options.actor,
    channel: (name) => {
      const channel = channels.get(name) ?? openChannel(profile, connections, name, retry, options.logger);
      channels.set(name, channel);
      return channel;
    },
    events: (name, wanted) => channelEvents(connections, placeOf(profile, name), retry, wanted),
    blocks: (name, wanted) => channelBlocks(connections, placeOf(profile, name), retry, wanted),
    sourceOf: (name) => ({ networkId, chaincode: placeOf(profile, name).chaincode }),
    signed: async (name, call) => {
      const { peers, channel, chaincode } = placeOf(profile, name);
      const contract = connections
        .gateway(peers[0] ?? '')
        .getNetwork(channel)
        .getContract(chaincode);
      const proposal = contract.newProposal(call.function, proposalOptions(call));
      const signature = await identity.sign(proposal.getDigest());
      const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
      return { message: base64(proposal.getBytes()), signature: base64(signature) };
    },
    findVault: vaultsOf(options.vault, loaded),
    relay: async (message, signature) => {
      const { peers } = placeOf(profile, 'care');
      try {
        await connections
          .gateway(peers[0] ?? '')
          .newSignedProposal(message, signature)
          .evaluate();
      } catch (error) {
        throw verdictOn(error).error;
      }
    },
    withIdentity: async (other, actor) => {
      connections.checkOpen();
      return open(loaded, clients, other, { ...options, actor });
    },
    close: () => {
      connections.close();
    },
  });
}

/** A session, and how it ends. */
interface OpenSession extends Session {
  /** Name of the network. */
  readonly network: string;
  withIdentity(identity: ConnectIdentity, actor?: Actor): Promise<Vitaledger>;
  /** Has what somebody else signed answered by a peer, and drops the answer. */
  relay(message: Uint8Array, signature: Uint8Array): Promise<void>;
  close(): void;
}

/** What {@link connect} returns: the areas of the ledger, as one identity may use them. */
export class Vitaledger implements AsyncDisposable {
  readonly patients: Patients;
  readonly records: Records;
  readonly rectifications: Rectifications;
  readonly holds: Holds;
  readonly patientLinks: PatientLinks;
  readonly careTeams: CareTeams;
  readonly consents: Consents;
  readonly prohibitions: Prohibitions;
  readonly delegations: Delegations;
  readonly fhir: FhirExchange;
  readonly access: Access;
  readonly disclosures: Disclosures;
  readonly notifications: Notifications;
  readonly prescriptions: Prescriptions;
  readonly orders: Orders;
  readonly studies: Studies;
  readonly cohorts: Cohorts;
  readonly trials: Trials;
  readonly trialDocuments: TrialDocuments;
  readonly trialData: TrialData;
  readonly proofs: Proofs;
  readonly participants: Participants;
  readonly trialAnalysis: TrialAnalysis;
  readonly consortium: Consortium;
  readonly events: Events;
  readonly #session: OpenSession;

  /** @internal Use {@link connect}. */
  constructor(session: OpenSession) {
    this.#session = session;
    this.patients = new Patients(session);
    this.records = new Records(session);
    this.rectifications = new Rectifications(session);
    this.holds = new Holds(session);
    this.patientLinks = new PatientLinks(session);
    this.careTeams = new CareTeams(session);
    this.consents = new Consents(session);
    this.prohibitions = new Prohibitions(session);
    this.delegations = new Delegations(session);
    this.fhir = new FhirExchange(session);
    this.access = new Access(session);
    this.disclosures = new Disclosures(session);
    this.notifications = new Notifications(session);
    this.prescriptions = new Prescriptions(session);
    this.orders = new Orders(session);
    this.studies = new Studies(session);
    this.cohorts = new Cohorts(session);
    this.trials = new Trials(session);
    this.trialDocuments = new TrialDocuments(session);
    this.trialData = new TrialData(session);
    this.proofs = new Proofs(session);
    this.participants = new Participants(session);
    this.trialAnalysis = new TrialAnalysis(session);
    this.consortium = new Consortium(session);
    this.events = new Events(session);
  }

  /** The identity's organization. */
  get mspId(): string {
    return this.#session.mspId;
  }

  /** Name of the network. */
  get network(): string {
    return this.#session.network;
  }

  /**
   * The same connection, acting for a person. For `service` identities, whose organization answers for what they claim.
   * @example
   * ```typescript
   * await ledger.as({ role: 'practitioner', subject: 'a81f…' }).access.request(question);
   * ```
   */
  as(actor: Actor): Vitaledger {
    return new Vitaledger({ ...this.#session, actor });
  }

  /**
   * Another identity of the organization over the same connections to peers, which end when the last of them is closed.
   * @example
   * ```typescript
   * await using auditor = await ledger.withIdentity('users/auditor/msp');
   * ```
   */
  withIdentity(identity: ConnectIdentity, actor?: Actor): Promise<Vitaledger> {
    return this.#session.withIdentity(identity, actor);
  }

  /**
   * Lends what is in the organization's own vault to holders of receipts of other organizations, over HTTPS, until it is closed.
   * @param options `tls`: certificate and key of the server, PEM. Begin with {@link VaultServer.listen}.
   */
  vaultServer(options: Omit<VaultServerOptions, 'vault' | 'custodian' | 'evaluate'>): VaultServer {
    const custodian = this.mspId;
    const evaluate = (message: Uint8Array, signature: Uint8Array) => this.#session.relay(message, signature);
    return new VaultServer({ ...options, vault: vaultOf(this.#session, custodian), custodian, evaluate });
  }

  /** Ends the connection of this identity, also for those made with {@link as}. */
  close(): void {
    this.#session.close();
  }

  /** As {@link close}; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

function openChannel(
  profile: ConnectionProfile,
  connections: Connections,
  name: ChannelName,
  retry: RetryPolicy,
  logger: Logger | undefined,
): ObservedTransactions {
  const telemetry = new Telemetry(name, logger);
  const onRetry = (event: RetryEvent): void => {
    telemetry.retry(event);
    retry.onRetry?.(event);
  };
  const ledger = new ObservedLedger(new ChannelLedger(connections, placeOf(profile, name)), telemetry);
  return new ObservedTransactions(new Transactions(ledger, { ...retry, onRetry }), telemetry);
}

function placeOf(profile: ConnectionProfile, name: ChannelName): ChannelPlace {
  const found = profile.channels[name];
  if (!found) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `The connection profile ${profile.name} has no channel "${name}": its organization is not a member there`,
    );
  }
  return { channel: name, chaincode: found.chaincodes[0] ?? name, peers: Object.keys(found.peers) };
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
