import {
  changeReasonShape,
  checkShape,
  invalid,
  MAX_VERSIONS,
  shapes,
  validateRecord,
  VitaledgerError,
  wholeNumber,
  type Change,
  type EndedVersion,
  type RecordInput,
  type RecordMetadata,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { admit } from '../authorization/admission.js';
import { adoptedMap } from '../consortium/adopted-map.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { recordKey, versionKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { putProof } from './content-proof.js';
import { currentRecord } from './held-record.js';
import { answerRequest, changeBy } from './rectification.js';
import { labeller } from './labeller.js';
import { patientHead } from './patient-head.js';

const changing = {
  patient: shapes.id,
  version: wholeNumber(1, MAX_VERSIONS),
  reason: changeReasonShape,
  salt: shapes.salt,
  actor: v.exactOptional(v.unknown()),
};

/** The patient's request that a correction answers. */
const answering = { rectification: v.exactOptional(shapes.id) };
const amending = v.strictObject({ ...changing, ...answering, record: v.unknown() });
const retracting = v.strictObject({ ...changing, ...answering, record: shapes.id });

/**
 * Corrections of records at their custodian. What was wrong is hidden from readers and kept for audit: nothing is edited,
 * and nothing that was retracted comes back.
 */
@Info({ title: 'CorrectionContract', description: 'Records amended and retracted' })
export class CorrectionContract extends VitaledgerContract {
  constructor() {
    super('CorrectionContract');
  }

  /** Puts a new version of a record in the place of the one named; of two at the same moment, one is valid. */
  @Transaction()
  @Returns('string')
  async amend(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { record: given, ...input } = checkShape(amending, ledger.input, 'input');
    const record = validateRecord(given, 'input.record');
    const admission = await admit(context, 'CorrectionContract:amend', input.actor);
    const { document } = admission;
    const change = await changeBy(ledger, admission, input.reason);
    const { patient } = await patientHead(ledger, input.patient);
    const current = await currentRecord(ledger, patient, record.id);
    checkAmendment(current, record, input.version);
    const label = labeller(await adoptedMap(ledger, document));
    await endVersion(ledger, current, { ...change, how: 'amended' }, input.salt);
    await ledger.putPrivate(recordKey(patient, record.id), amended(current, label(record), change));
    await putProof(ledger, record, 'current');
    const answer = { ...change, how: 'amended' as const, version: input.version + 1 };
    await answerRequest(ledger, { ...input, record: record.id }, answer);
    return '';
  }

  /** Takes a record that was entered in error from all readers, for good. Its versions stay for audit. */
  @Transaction()
  @Returns('string')
  async retract(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(retracting, ledger.input, 'input');
    const admission = await admit(context, 'CorrectionContract:retract', input.actor);
    const retracted = await changeBy(ledger, admission, input.reason);
    const { patient } = await patientHead(ledger, input.patient);
    const current = await currentRecord(ledger, patient, input.record);
    refuseOvertaken(current, input.version);
    await endVersion(ledger, current, { ...retracted, how: 'retracted' }, input.salt);
    await ledger.putPrivate(recordKey(patient, current.id), {
      id: current.id,
      patient,
      version: current.version,
      retracted,
      salt: derivedSalt(input.salt, 'retraction'),
    });
    const answer = { ...retracted, how: 'retracted' as const, version: input.version };
    await answerRequest(ledger, input, answer);
    return '';
  }
}

/**
 * An amendment corrects a record, it does not make another of it. The legal origin stays where the new version declares
 * none: leaving it out must not free a record of the law that protects it.
 */
function amended(
  current: RecordMetadata,
  record: RecordInput & Pick<RecordMetadata, 'labelledBy'>,
  amendment: Change,
): RecordMetadata {
  const { patient, registered, registeredBy, version, origin } = current;
  return {
    ...(origin === undefined ? {} : { origin }),
    ...record,
    patient,
    registered,
    registeredBy,
    version: version + 1,
    amendment,
  };
}

function checkAmendment(current: RecordMetadata, record: RecordInput, version: number): void {
  refuseOvertaken(current, version);
  if (record.class !== current.class) {
    throw invalid('input.record.class', 'must stay; retract the record and register another');
  }
  if (record.salt === current.salt || record.keyShare === current.keyShare) {
    throw invalid('input.record', 'must have a salt and a key share of its own');
  }
  if (current.version >= MAX_VERSIONS) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `A record has at most ${MAX_VERSIONS} versions; retract it and register another.`,
      { reason: 'TOO_MANY_VERSIONS', limit: MAX_VERSIONS },
    );
  }
}

function refuseOvertaken(current: RecordMetadata, version: number): void {
  if (current.version !== version) {
    throw new VitaledgerError(
      'CONFLICT',
      'Somebody else amended this record meanwhile; read the current version and decide again.',
      { reason: 'OVERTAKEN' },
    );
  }
}

async function endVersion(
  ledger: Ledger,
  current: RecordMetadata,
  ended: EndedVersion['ended'],
  salt: string,
): Promise<void> {
  const { patient, id, version, salt: recordSalt } = current;
  const value = { ...current, ended, recordSalt, salt: derivedSalt(salt, 'version') };
  await ledger.putPrivate(versionKey(patient, id, version), value);
  await putProof(ledger, current, ended.how === 'amended' ? 'superseded' : 'retracted');
}
