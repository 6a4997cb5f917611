import {
  addLink,
  canonicalJson,
  changeReasonShape,
  checkPublicJwk,
  checkShape,
  endLink,
  invalid,
  isLinked,
  linkedPatientShape,
  mergeHeads,
  publicJwkShape,
  referenceTypeShape,
  shapes,
  text,
  unmergeHeads,
  type MergedPair,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { admit } from '../authorization/admission.js';
import { readerOf } from '../consent/reader.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { linksKey } from '../ledger/keys.js';
import { notify } from '../notifications/notify.js';
import { refuseMerge } from './merged-heads.js';
import { putPair } from './merged-pair.js';
import { patientHead } from './patient-head.js';
import { changeBy } from './rectification.js';

const said = {
  patient: shapes.id,
  reason: changeReasonShape,
  salt: shapes.salt,
  actor: v.exactOptional(v.unknown()),
};

const linking = v.strictObject({ ...said, other: linkedPatientShape, type: referenceTypeShape });
const unlinking = v.strictObject({ ...said, other: linkedPatientShape });
const merging = v.strictObject({ ...said, replaced: shapes.id });

const asking = v.strictObject({
  patient: shapes.id,
  encryptionKey: publicJwkShape,
  actor: v.exactOptional(v.unknown()),
});

const reading = v.strictObject({
  patient: shapes.id,
  statement: text((value) => typeof value === 'string', 'must be a compact JWS'),
});

/**
 * Which entries are of one person: at other custodians, and duplicates here. Private at each custodian that says so, and nothing is
 * looked up elsewhere: a transaction that did would tie the two ids together in a block.
 */
@Info({ title: 'PatientLinkContract', description: 'Which entries are of one person' })
export class PatientLinkContract extends VitaledgerContract {
  constructor() {
    super('PatientLinkContract');
  }

  /** Says that a patient here and one elsewhere are the same person. It gives nobody access. */
  @Transaction()
  @Returns('string')
  async link(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { other, type, reason, salt, ...input } = checkShape(linking, ledger.input, 'input');
    const admission = await admit(context, 'PatientLinkContract:link', input.actor);
    const linked = await changeBy(ledger, admission, reason);
    const head = await patientHead(ledger, input.patient);
    if (other.custodian === ledger.custodian) {
      throw invalid('input.other.custodian', 'must be another custodian; entries of one are merged');
    }
    const { patient } = head;
    const links = addLink(await ledger.getPrivate(linksKey(patient)), { ...other, type, linked });
    await ledger.putPrivate(linksKey(patient), { patient, links, salt });
    await notify(ledger, head, { kind: 'link', instant: linked.instant, salt });
    return '';
  }

  /** Takes a link back. That it was there stays known. */
  @Transaction()
  @Returns('string')
  async unlink(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { other, reason, salt, ...input } = checkShape(unlinking, ledger.input, 'input');
    const admission = await admit(context, 'PatientLinkContract:unlink', input.actor);
    const unlinked = await changeBy(ledger, admission, reason);
    const head = await patientHead(ledger, input.patient);
    if (other.custodian === ledger.custodian) {
      throw invalid('input.other.custodian', 'must be another custodian; a merge is taken back by unmerge');
    }
    const { patient } = head;
    const links = endLink(await ledger.getPrivate(linksKey(patient)), other, unlinked);
    await ledger.putPrivate(linksKey(patient), { patient, links, salt });
    await notify(ledger, head, { kind: 'link', instant: unlinked.instant, salt });
    return '';
  }

  /**
   * Says that two entries here are of one person. From then on requests for either are decided for both, each by its own consents, and what
   * either forbids holds for both. Nothing moves, so nothing is lost.
   */
  @Transaction()
  @Returns('string')
  async merge(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(merging, ledger.input, 'input');
    const admission = await admit(context, 'PatientLinkContract:merge', input.actor);
    const linked = await changeBy(ledger, admission, input.reason);
    const before = await pairOf(context, input);
    await refuseMerge(ledger, before.surviving, before.replaced);
    await putPair(
      ledger,
      { before, merging: mergeHeads },
      { ...input, instant: linked.instant },
      (all, link) => addLink(all, { ...link, linked }),
    );
    return '';
  }

  /** Takes a merge back: each entry is again what it was, with what was added to it meanwhile. */
  @Transaction()
  @Returns('string')
  async unmerge(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(merging, ledger.input, 'input');
    const admission = await admit(context, 'PatientLinkContract:unmerge', input.actor);
    const unlinked = await changeBy(ledger, admission, input.reason);
    const before = await pairOf(context, input);
    await putPair(
      ledger,
      { before, merging: unmergeHeads },
      { ...input, instant: unlinked.instant },
      (all, link) => endLink(all, link, unlinked),
    );
    return '';
  }

  /** The patient's links that stand, encrypted to the asker. */
  @Transaction(false)
  @Returns('string')
  async links(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(asking, ledger.input, 'input');
    await admit(context, 'PatientLinkContract:links', input.actor);
    checkPublicJwk(input.encryptionKey, 'input.encryptionKey');
    const { patient } = await patientHead(ledger, input.patient);
    const { links = [] } = (await ledger.getPrivate(linksKey(patient))) ?? {};
    return canonicalJson({ jwe: await sealAnswer({ links: links.filter(isLinked) }, input.encryptionKey) });
  }

  /** The same for the patient, with those taken back: who said what, when and why. */
  @Transaction(false)
  @Returns('string')
  async history(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(reading, ledger.input, 'input');
    await admit(context, 'PatientLinkContract:history');
    const head = await patientHead(ledger, input.patient);
    const { body } = await readerOf(context, head, input.statement, 'links');
    const { links = [] } = (await ledger.getPrivate(linksKey(head.patient))) ?? {};
    return sealAnswer({ links }, body.encryptionKey);
  }
}

async function pairOf(
  { ledger }: TransactionContext,
  { patient, replaced }: { readonly patient: string; readonly replaced: string },
): Promise<MergedPair> {
  if (patient === replaced)
    throw invalid('input.replaced', 'must be another entry than the one that survives');
  return { surviving: await patientHead(ledger, patient), replaced: await patientHead(ledger, replaced) };
}
