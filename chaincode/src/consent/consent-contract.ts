import {
  acceptRecord,
  canonicalJson,
  checkShape,
  closeConsent,
  declare,
  delegateOf,
  grantConsent,
  handleOf,
  invalid,
  isDigest,
  parseJson,
  shapes,
  signersOf,
  text,
  validateRegistrarRecord,
  verifyStatement,
  type MedicalActor,
  type PatientHead,
  type StoredStatement,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { admit } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { patientKey, revokedKey, statementKey, statementsOf } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { DEFAULT_PAGE, page } from '../ledger/page.js';
import { notify } from '../notifications/notify.js';
import { putSignedLink } from '../records/signed-link.js';
import { patientHead } from '../records/patient-head.js';
import { heldView, historyView } from './delegate-view.js';
import { readerOf } from './reader.js';
import { revocationsOf } from './revocations.js';

/** How many handles one question may hold. */
export const MAX_HANDLES = 1000;

const statement = text((value) => typeof value === 'string', 'must be a compact JWS');

const granting = v.strictObject({
  patient: shapes.id,
  statement,
  salt: shapes.salt,
  actor: v.exactOptional(v.unknown()),
});

const recording = v.strictObject({
  patient: shapes.id,
  record: v.unknown(),
  salt: shapes.salt,
  actor: v.exactOptional(v.unknown()),
});

const closing = v.strictObject({
  patient: shapes.id,
  consent: shapes.id,
  secret: shapes.digest,
  salt: shapes.salt,
});

const reading = v.strictObject({ patient: shapes.id, statement });

/**
 * Consents: statements that patients sign and any member relays. Nobody else can make, change or roll one back; to
 * revoke one takes no more than its secret, at any gateway, whether or not a custodian can be reached.
 */
@Info({ title: 'ConsentContract', description: "Patients' signed consents and their revocation" })
export class ConsentContract extends VitaledgerContract {
  constructor() {
    super('ConsentContract');
  }

  /** Accepts a signed consent into the patient head of this custodian. */
  @Transaction()
  @Returns('string')
  async grant(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(granting, ledger.input, 'input');
    const { document, person, via } = await admit(context, 'ConsentContract:grant', input.actor);
    const instant = await ledgerTime(ledger, document);
    const head = await patientHead(ledger, input.patient);
    const verified = verifyStatement(input.statement, signersOf(head), instant);
    const next = grantConsent(head, input.statement, verified, ledger.custodian, {
      instant,
      salt: derivedSalt(input.salt, 'head'),
    });
    const by = delegateOf(head, verified.signer);
    const evidence = { jws: input.statement, ...(by === undefined ? {} : { by }) };
    await keep(ledger, next, evidence, { instant, relay: relayOf(person, via), salt: input.salt });
    await notify(ledger, head, { kind: 'consent', instant, salt: input.salt });
    return '';
  }

  /** Accepts a signed statement other than a consent: new keys, a prohibition, a delegation, the withdrawal of any, or a link. */
  @Transaction()
  @Returns('string')
  async declare(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(granting, ledger.input, 'input');
    const { document, person, via } = await admit(context, 'ConsentContract:declare', input.actor);
    const instant = await ledgerTime(ledger, document);
    const head = await patientHead(ledger, input.patient);
    const verified = verifyStatement(input.statement, signersOf(head), instant);
    const next = declare(head, input.statement, verified, ledger.custodian, {
      instant,
      salt: derivedSalt(input.salt, 'head'),
    });
    const by = delegateOf(head, verified.signer);
    const evidence = { jws: input.statement, ...(by === undefined ? {} : { by }) };
    await keep(ledger, next, evidence, { instant, relay: relayOf(person, via), salt: input.salt });
    if (verified.statement.kind === 'link') {
      await putSignedLink(ledger, head.patient, verified.statement.body, {
        said: { instant, statement: verified.digest },
        salt: input.salt,
      });
    }
    await notify(ledger, head, { kind: 'statement', instant, salt: input.salt });
    return '';
  }

  /**
   * Records, by the custodian's registrar, what a patient cannot sign: a consent on paper or by word, a guardian, keys after a loss. Marked so
   * wherever it counts.
   */
  @Transaction()
  @Returns('string')
  async record(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(recording, ledger.input, 'input');
    const record = validateRegistrarRecord(input.record);
    const { document, person, via } = await admit(context, 'ConsentContract:record', input.actor);
    const instant = await ledgerTime(ledger, document);
    const head = await patientHead(ledger, input.patient);
    const next = acceptRecord(
      head,
      record,
      { registrar: person, mspId: ledger.custodian },
      { instant, salt: derivedSalt(input.salt, 'head') },
    );
    const evidence = record.kind === 'confirmed-keys' ? { jws: record.statement, record } : { record };
    await keep(ledger, next, evidence, { instant, relay: relayOf(person, via), salt: input.salt });
    await notify(ledger, head, { kind: 'statement', instant, salt: input.salt });
    return '';
  }

  /**
   * Revokes whatever has this secret's handle, everywhere at once. Public, and says nothing about whom it concerns. It
   * works with a stale clock, and revoking twice changes nothing: the first instant stays.
   */
  @Transaction()
  @Returns('string')
  async revoke(context: TransactionContext, secret: string): Promise<string> {
    const { ledger } = context;
    const key = revokedKey(handleOf(secret));
    await admit(context, 'ConsentContract:revoke');
    if (!(await ledger.get(key))) await ledger.put(key, { instant: ledger.timestamp });
    return '';
  }

  /** Takes a consent, prohibition or delegation out of the patient head, so that later requests decide without it. Its secret proves the right. */
  @Transaction()
  @Returns('string')
  async close(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { patient, consent, secret, salt } = checkShape(closing, ledger.input, 'input');
    const { document } = await admit(context, 'ConsentContract:close');
    const instant = await ledgerTime(ledger, document);
    const head = await patientHead(ledger, patient);
    await ledger.putPrivate(patientKey(patient), closeConsent(head, consent, secret, { instant, salt }));
    await notify(ledger, head, { kind: 'closed', instant, salt });
    return '';
  }

  /** Which of these handles are revoked, and when: `{ "<handle>": instant }`. */
  @Transaction(false)
  @Returns('string')
  async revoked(context: TransactionContext, handles: string): Promise<string> {
    const asked = parseJson(handles, 'handles');
    if (!Array.isArray(asked) || asked.length > MAX_HANDLES || !asked.every(isDigest)) {
      throw invalid(
        'handles',
        `must be a JSON array of at most ${MAX_HANDLES} handles (64 hexadecimal digits each)`,
      );
    }
    return canonicalJson(Object.fromEntries(await revocationsOf(context.ledger, asked)));
  }

  /** One page of the statements accepted for a patient, as they were signed, first one first, encrypted to the patient. */
  @Transaction(false)
  @Returns('string')
  async history(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(reading, ledger.input, 'input');
    await admit(context, 'ConsentContract:history');
    const head = await patientHead(ledger, input.patient);
    const { body, delegation } = await readerOf(context, head, input.statement, 'history');
    const { bookmark: after, pageSize = DEFAULT_PAGE, encryptionKey } = body;
    const { items: entries, bookmark } = await page(
      ledger.rangePrivate(statementsOf(head.patient, after ? historyBookmark(after) : undefined)),
      pageSize,
      (entry) => historyView(entry, delegation),
    );
    return sealAnswer({ entries, bookmark }, encryptionKey);
  }

  /** The patient's consents in force and where the chain of statements stands, encrypted to the patient. */
  @Transaction(false)
  @Returns('string')
  async list(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(reading, ledger.input, 'input');
    await admit(context, 'ConsentContract:list');
    const head = await patientHead(ledger, input.patient);
    const { body, delegation } = await readerOf(context, head, input.statement, 'consents');
    return sealAnswer(heldView(head, delegation), body.encryptionKey);
  }
}

/** Writes the head and, beside it, what it rests on. */
async function keep(
  ledger: Ledger,
  head: PatientHead,
  evidence: Pick<StoredStatement, 'jws' | 'record' | 'by'>,
  { salt, ...when }: Pick<StoredStatement, 'instant' | 'relay' | 'salt'>,
): Promise<void> {
  await ledger.putPrivate(patientKey(head.patient), head);
  await ledger.putPrivate(statementKey(head.patient, head.sequence), {
    ...evidence,
    ...when,
    salt: derivedSalt(salt, 'statement'),
  });
}

function relayOf(person: MedicalActor, via: string | undefined): StoredStatement['relay'] {
  return via === undefined ? person : { ...person, via };
}

/** A bookmark of the history is the last statement's place in the chain. */
function historyBookmark(bookmark: string): string {
  if (!/^\d{8}$/.test(bookmark)) {
    throw invalid('statement.body.bookmark', 'must be the bookmark of the page before');
  }
  return bookmark;
}
