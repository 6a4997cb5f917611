import {
  VitaledgerError,
  type Accompanying,
  type AccessFilter,
  type AccessScope,
  type Decision,
  type LogEntry,
  type PublicJwk,
  type ReceiptDocument,
  type RecordMetadata,
} from '@vitaledger/domain';
import { AnswerKey } from '../disclosure/answer-key.js';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import { answer } from '../session/answer.js';
import { newSalt } from '../session/random.js';
import { OPEN } from '../vault/remote/loan.js';
import type { Vault } from '../vault/vault.js';
import { actorOf, vaultOf, type OperationOptions, type Session } from '../session/session.js';
import { EmergencyReviews } from './emergency-reviews.js';
import { ReleasedRecord } from './released-record.js';

/** What is asked of one custodian about one patient, and why. */
export interface AccessQuestion extends PatientToken {
  /** HL7 v3 PurposeOfUse code: `TREAT`, `HRESCH`. */
  readonly purpose: string;
  /** Which records; all when absent. */
  readonly filter?: AccessFilter;
  /** `metadata`: what records there are. `content`: their contents too; unless told. */
  readonly scope?: AccessScope;
  /** In research: the study that it is for, by the ledger's number; consents under data-use terms speak of no other use. */
  readonly study?: string;
  /**
   * Breaks the glass, for `ETREAT` and `BTG`: why, in words that the patient will read. Only in the role `emergency`; a second
   * person of the custodian reviews it, and it opens records for five minutes.
   */
  readonly emergency?: { readonly reason: string };
}

/** An accepted request: permitted or not, it is in the log that the patient reads. Opens records for ten minutes. */
export interface AccessReceipt {
  /** Its id. */
  readonly receipt: string;
  /** MSP id. */
  readonly custodian: string;
  readonly patient: string;
  readonly scope: AccessScope;
  /** The key that the custodian encrypts its answer to; made for this request alone, or the patient's. */
  readonly key: Pick<AnswerKey, 'open'>;
}

export interface PageOptions extends OperationOptions {
  /** Entries per page; the custodian's default when absent. */
  readonly pageSize?: number;
}

/** Accountable reading: first a request, which is decided and logged at the custodian, then its opening. */
export class Access {
  /** What a second person says of those who broke the glass. */
  readonly reviews: EmergencyReviews;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
    this.reviews = new EmergencyReviews(session);
  }

  /**
   * Asks a custodian. A denial is a receipt too; {@link outcome} tells, and explains.
   * @throws VitaledgerError for what fails before a decision: `NOT_FOUND` (no such patient there), `PERMISSION_DENIED` (a
   *   role may not name this purpose), `INVALID_ARGUMENT`, `UNAVAILABLE`
   */
  async request(question: AccessQuestion, options: OperationOptions = {}): Promise<AccessReceipt> {
    const key = await AnswerKey.generate();
    return this.#request(question, { encryptionKey: key.publicJwk }, key, options);
  }

  /**
   * Asks for the patient's own records, at the patient's signature: a right that no consent limits where a policy pack in force makes it
   * one. Only the patient's key opens what comes back.
   */
  async requestOwn(
    question: Omit<AccessQuestion, 'purpose' | 'emergency'>,
    key: PatientKey,
    options: OperationOptions = {},
  ): Promise<AccessReceipt> {
    const encryptionKey = key.publicKeys.find(({ use }) => use === 'enc')?.jwk;
    const statement = await key.readStatement({ ...question, what: 'records' });
    const opener = { open: (jwe: string) => key.decrypt(jwe) };
    return this.#request({ ...question, purpose: 'PATRQT' }, { encryptionKey, statement }, opener, options);
  }

  async #request(
    question: AccessQuestion,
    addressed: { readonly encryptionKey: PublicJwk | undefined; readonly statement?: string },
    key: Pick<AnswerKey, 'open'>,
    options: OperationOptions,
  ): Promise<AccessReceipt> {
    const { custodian, patient, purpose, filter = {}, scope = 'content', emergency, study } = question;
    const input = {
      patient,
      scope,
      purpose,
      filter,
      ...addressed,
      ...(emergency === undefined ? {} : { emergency }),
      ...(study === undefined ? {} : { study }),
      salt: newSalt(),
      ...actorOf(this.#session),
    };
    const call = { function: 'AccessContract:request', custodian, input };
    const { result } = await this.#session.channel('care').submit(call, options);
    const { receipt } = answer(result) as { receipt: string };
    return { receipt, custodian, patient, scope, key };
  }

  /** The decision on a request, with the consents and rules that it rests on. */
  async outcome(
    receipt: Pick<AccessReceipt, 'receipt' | 'custodian'>,
    options: OperationOptions = {},
  ): Promise<ReceiptDocument> {
    const { custodian } = receipt;
    const input = { receipt: receipt.receipt, ...actorOf(this.#session) };
    const call = { function: 'AccessContract:outcome', custodian, input };
    const found = await this.#session.channel('care').evaluate(call, { ...options, needsRecentState: true });
    return answer(found) as ReceiptDocument;
  }

  /**
   * Opens a receipt: the records that may be had now, by the consents and revocations that stand now, page by page as
   * they are asked for. Contents are fetched when they are read.
   *
   * @throws VitaledgerError `CONSENT_DENIED` with `details.receipt` when nothing is permitted; `EXPIRED` after ten minutes
   */
  async *open(receipt: AccessReceipt, options: PageOptions = {}): AsyncGenerator<ReleasedRecord> {
    const { pageSize, signal } = options;
    let vault: Vault | undefined;
    const lent = (): Vault => (vault ??= this.#vaultFor(receipt));
    let bookmark = '';
    do {
      const input = {
        receipt: receipt.receipt,
        ...actorOf(this.#session),
        ...(pageSize === undefined ? {} : { pageSize }),
        ...(bookmark === '' ? {} : { bookmark }),
      };
      const call = { function: 'AccessContract:open', custodian: receipt.custodian, input };
      const page = answer(
        await this.#session.channel('care').evaluate(call, { signal, needsRecentState: bookmark === '' }),
      ) as { jwe: string; bookmark: string };
      const disclosure = (await receipt.key.open(page.jwe)) as Disclosure;
      checkReceipt(disclosure, receipt);
      for (const record of disclosure.records) {
        yield new ReleasedRecord(record, lent, disclosure.accompanying);
      }
      bookmark = page.bookmark;
    } while (bookmark !== '');
  }

  /** The custodian's vault; one that lends is shown, each time anew, that the receipt still opens. */
  #vaultFor({ receipt, custodian }: AccessReceipt): Vault {
    const vault = vaultOf(this.#session, custodian);
    const input = { receipt, ...actorOf(this.#session), pageSize: 1 };
    const call = { function: OPEN, custodian, input };
    return vault.lend?.(() => this.#session.signed('care', call)) ?? vault;
  }

  /**
   * Asks and opens in one: each record that may be had, ready to be read.
   *
   * @throws VitaledgerError as {@link request} and {@link open} do
   * @example
   * ```typescript
   * for await (const record of ledger.access.read({ ...token, purpose: 'TREAT', filter: { classes: ['Condition'] } })) {
   *   console.log(record.metadata.class, await record.json());
   * }
   * ```
   */
  async *read(question: AccessQuestion, options: PageOptions = {}): AsyncGenerator<ReleasedRecord> {
    yield* this.open(await this.request(question, options), options);
  }

  /**
   * Who asked for the patient's records at a custodian, denials included, oldest first. Each page is a request that the
   * patient's key signs, and readable with that key only.
   */
  async *log(token: PatientToken, key: PatientKey, options: PageOptions = {}): AsyncGenerator<LogEntry> {
    const { custodian, patient } = token;
    const { pageSize, signal } = options;
    let bookmark = '';
    do {
      const statement = await key.readStatement({
        custodian,
        patient,
        what: 'log',
        ...(pageSize === undefined ? {} : { pageSize }),
        ...(bookmark === '' ? {} : { bookmark }),
      });
      const call = { function: 'AccessContract:log', custodian, input: { patient, statement } };
      const jwe = await this.#session.channel('care').evaluate(call, { signal });
      const page = (await key.decrypt(new TextDecoder().decode(jwe))) as LogPage;
      yield* page.entries;
      bookmark = page.bookmark;
    } while (bookmark !== '');
  }
}

/** What a custodian's answer to `open` holds once it is decrypted. */
interface Disclosure {
  readonly receipt: string;
  readonly decision: Decision;
  readonly records: readonly DisclosedRecord[];
  /** What the laws make travel with these records. */
  readonly accompanying: readonly Accompanying[];
}

/** For scope `metadata`, without manifest and share of the key. */
export type DisclosedRecord = Omit<RecordMetadata, 'keyShare' | 'manifest'> &
  Partial<Pick<RecordMetadata, 'keyShare' | 'manifest'>>;

interface LogPage {
  readonly entries: readonly LogEntry[];
  readonly bookmark: string;
}

function checkReceipt(disclosure: Disclosure, { receipt }: AccessReceipt): void {
  if (disclosure.receipt !== receipt) {
    throw new VitaledgerError('INTEGRITY', 'The answer belongs to another receipt than the one opened', {
      receipt,
    });
  }
}
