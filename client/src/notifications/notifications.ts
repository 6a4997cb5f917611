import {
  digestOf,
  isDigest,
  NOTICE_EVENT,
  notificationTag,
  type ChainState,
  type Notice,
} from '@vitaledger/domain';
import type { LedgerEvent } from '../connection/channel-events.js';
import type { EventPosition } from '../connection/follow.js';
import { checkpointed, type Checkpoint, type Passed } from '../events/checkpoint.js';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import { newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';

/** A notice, and where in the ledger it came from. */
export interface ReceivedNotice extends Notice {
  /** Whom it concerns, and at which custodian. */
  readonly token: PatientToken;
  /** To go on behind it later (`after`). */
  readonly position: EventPosition;
}

export interface NoticeOptions extends OperationOptions {
  /** Where to go on, and where to note what was handled: to ask for the next notice says that the one before was. */
  readonly checkpoint?: Checkpoint | undefined;
  /** Where to begin without a checkpoint: behind the last notice seen, or at a block. From now on if absent. */
  readonly after?: EventPosition;
}

/** One patient's tags at one custodian. */
interface Listener {
  readonly token: PatientToken;
  key: string;
}

/**
 * Notices for patients. Whoever is connected receives the channel's events and learns nothing from them; the patient's
 * device recognizes its own by their tags and asks the custodian what they were about.
 */
export class Notifications {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * What concerns the patient, as it happens: who asked for records, which consents were accepted or closed. It goes on
   * until `signal` aborts. When the connection is lost it goes on behind the last event of the channel that was seen; what
   * was missed before the first one is in the access log.
   *
   * @param tokens the patient at the custodians to be heard of.
   * @throws VitaledgerError `PERMISSION_DENIED`, `NOT_FOUND` when a custodian does not know the patient or the key
   * @example
   * ```typescript
   * for await (const { kind, entry } of ledger.notifications.watch([token], key, { signal })) {
   *   console.log(kind, entry?.actor.mspId, entry?.purpose, entry?.outcome);
   * }
   * ```
   */
  async *watch(
    tokens: readonly PatientToken[],
    key: PatientKey,
    options: NoticeOptions = {},
  ): AsyncGenerator<ReceivedNotice> {
    try {
      const { networkId } = this.#session.sourceOf('care');
      const source = { networkId, channel: 'care', stream: streamOf(tokens) };
      yield* checkpointed((after) => this.#listen(tokens, key, { ...options, after }), {
        source,
        ...options,
      });
    } catch (error) {
      // Aborting while a custodian is being asked is no failure either.
      if (!options.signal?.aborted) throw error;
    }
  }

  async *#listen(
    tokens: readonly PatientToken[],
    key: PatientKey,
    { after, signal }: { after: EventPosition | undefined; signal?: AbortSignal | undefined },
  ): AsyncGenerator<Passed<ReceivedNotice>> {
    const listeners: Listener[] = [];
    for (const token of tokens) listeners.push({ token, key: await this.#key(token, key, { signal }) });
    for await (const event of this.#session.events('care', { after, signal })) {
      const behind = { block: event.block, transactionId: event.transactionId };
      const listener = listeners.find(({ key: own }) => isTagged(event, own));
      if (!listener) {
        yield { behind };
        continue;
      }
      const { token } = listener;
      const notice = await this.notice(token, key, event.transactionId, { signal });
      if (notice.kind === 'key') listener.key = await this.#key(token, key, { signal });
      yield { behind, event: { ...notice, token, position: behind } };
    }
  }

  /**
   * What a transaction with the patient's tag was about.
   *
   * @throws VitaledgerError `NOT_FOUND` when it did not concern this patient at this custodian
   */
  async notice(
    token: PatientToken,
    key: PatientKey,
    transaction: string,
    options: OperationOptions = {},
  ): Promise<Notice> {
    const statement = await key.readStatement({ ...token, what: 'notice', transaction });
    return (await this.#read('NotificationContract:notice', token, statement, key, options)) as Notice;
  }

  /**
   * Changes the notification key at a custodian, so that whoever has the old one (a delegate who no longer is one, a lost
   * device) recognizes nothing any more. The relay does not learn the new key.
   */
  async changeKey(token: PatientToken, key: PatientKey, options: OperationOptions = {}): Promise<void> {
    const { custodian, patient } = token;
    const signed = await key.newNotificationKey(token);
    const input = { patient, statement: signed.jws, salt: newSalt(), ...actorOf(this.#session) };
    const call = { function: 'NotificationContract:changeKey', custodian, input };
    await this.#session.channel('care').submit(call, options);
    key.accepted(token, signed);
  }

  async #key(token: PatientToken, key: PatientKey, options: OperationOptions): Promise<string> {
    const statement = await key.readStatement({ ...token, what: 'notification-key' });
    const held = await this.#read('NotificationContract:key', token, statement, key, options);
    const { notificationKey, sequence, previous } = held as ChainState & { readonly notificationKey: string };
    key.heard(token, { sequence, previous });
    return notificationKey;
  }

  async #read(
    name: string,
    { custodian, patient }: PatientToken,
    statement: string,
    key: PatientKey,
    options: OperationOptions,
  ): Promise<unknown> {
    const call = { function: name, custodian, input: { patient, statement } };
    // The peer that is asked may commit a little later than the one whose event was heard.
    const recent = { ...options, needsRecentState: true };
    const jwe = await this.#session.channel('care').evaluate(call, recent);
    return key.decrypt(new TextDecoder().decode(jwe));
  }
}

/** Whose notices; a checkpoint of other patients' would pass over some of these. */
function streamOf(tokens: readonly PatientToken[]): string {
  const patients = tokens.map(({ custodian, patient }) => `${custodian}/${patient}`).sort();
  return `notices/${digestOf(patients).slice(0, 32)}`;
}

function isTagged({ name, payload, transactionId }: LedgerEvent, key: string): boolean {
  if (name !== NOTICE_EVENT || !isDigest(transactionId)) return false;
  return Buffer.from(payload).toString('latin1') === notificationTag(key, transactionId);
}
