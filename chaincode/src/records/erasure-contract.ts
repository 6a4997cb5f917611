import {
  canonicalJson,
  changeReasonShape,
  checkShape,
  ERASURE_GROUNDS,
  holdsOn,
  placeHold,
  reasonText,
  refuseHeld,
  refuseRetained,
  releaseHold,
  shapes,
  type LegalHold,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { admit } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { erasureKey, holdsKey, recordKey, versionKey } from '../ledger/keys.js';
import { purgeProof } from './content-proof.js';
import { allVersions, dutiesToKeep } from './erasure.js';
import { heldRecord } from './held-record.js';
import { patientHead } from './patient-head.js';
import { changeBy } from './rectification.js';

const actor = { actor: v.exactOptional(v.unknown()) };
const naming = v.strictObject({ patient: shapes.id, record: shapes.id, ...actor });

const erasing = v.strictObject({
  ...naming.entries,
  ground: v.picklist(ERASURE_GROUNDS, `must be one of ${ERASURE_GROUNDS.join(', ')}`),
  reason: reasonText,
  salt: shapes.salt,
});

const holding = {
  patient: shapes.id,
  hold: shapes.id,
  reason: changeReasonShape,
  salt: shapes.salt,
  ...actor,
};
const placing = v.strictObject({
  ...holding,
  records: v.exactOptional(
    v.pipe(
      v.array(shapes.id),
      v.minLength(1, 'must have at least one entry, or be absent'),
      v.maxLength(500, 'must have at most 500 entries'),
    ),
  ),
});
const releasing = v.strictObject(holding);

/**
 * Erasure at the custodian, and what stands before it: duties to keep records, which are data with citations, and legal holds,
 * which an auditor places and releases.
 */
@Info({ title: 'ErasureContract', description: 'Records erased, and kept where they must be' })
export class ErasureContract extends VitaledgerContract {
  constructor() {
    super('ErasureContract');
  }

  /**
   * What an erasure of a record would destroy, and what stands before it: the names of its objects in the vault, which are random,
   * the duties to keep it with their ends, and how many holds there are.
   */
  @Transaction(false)
  @Returns('string')
  async preview(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(naming, ledger.input, 'input');
    const { document } = await admit(context, 'ErasureContract:preview', input.actor);
    const head = await patientHead(ledger, input.patient);
    const versions = await allVersions(ledger, await heldRecord(ledger, head.patient, input.record));
    return canonicalJson({
      objects: versions.map(({ manifest }) => manifest.object),
      registered: versions[0]?.registered ?? '',
      retentions: dutiesToKeep(ledger, document, head, versions, context.peerTime()),
      holds: holdsOn(await ledger.getPrivate(holdsKey(head.patient)), input.record),
    });
  }

  /**
   * Destroys the ledger's shares of a record's keys, its metadata and its proofs, in all versions; what remains says who did it,
   * on which ground and why.
   */
  @Transaction()
  @Returns('string')
  async erase(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(erasing, ledger.input, 'input');
    const { record, ground, reason, salt } = input;
    const { document, person, via } = await admit(context, 'ErasureContract:erase', input.actor);
    const instant = await ledgerTime(ledger, document);
    const head = await patientHead(ledger, input.patient);
    const { patient } = head;
    const versions = await allVersions(ledger, await heldRecord(ledger, patient, record));
    refuseHeld(await ledger.getPrivate(holdsKey(patient)), record);
    refuseRetained(ground, dutiesToKeep(ledger, document, head, versions, instant));
    for (const version of versions) {
      await purgeProof(ledger, version.salt);
      if (version.ended) await ledger.purgePrivate(versionKey(patient, record, version.version));
    }
    await ledger.purgePrivate(recordKey(patient, record));
    const by = via === undefined ? { by: person } : { by: person, via };
    const what = { patient, record, versions: versions.length };
    await ledger.putPrivate(erasureKey(patient, record), { ...what, instant, ...by, ground, reason, salt });
    return '';
  }

  /** Places a hold on a patient's records, or some of them: none is erased until it is released. */
  @Transaction()
  @Returns('string')
  async hold(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { records, hold, ...input } = checkShape(placing, ledger.input, 'input');
    const admission = await admit(context, 'ErasureContract:hold', input.actor);
    const placed = await changeBy(ledger, admission, input.reason);
    const { patient } = await patientHead(ledger, input.patient);
    const before = await ledger.getPrivate(holdsKey(patient));
    const order: LegalHold = { hold, ...(records ? { records } : {}), placed };
    const holds = placeHold(before, order);
    await ledger.putPrivate(holdsKey(patient), { patient, holds, salt: input.salt });
    return '';
  }

  @Transaction()
  @Returns('string')
  async release(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { hold, ...input } = checkShape(releasing, ledger.input, 'input');
    const admission = await admit(context, 'ErasureContract:release', input.actor);
    const released = await changeBy(ledger, admission, input.reason);
    const { patient } = await patientHead(ledger, input.patient);
    const holds = releaseHold(await ledger.getPrivate(holdsKey(patient)), hold, released);
    await ledger.putPrivate(holdsKey(patient), { patient, holds, salt: input.salt });
    return '';
  }
}
