import {
  canonicalJson,
  careTeamChange,
  careTeamDeclaration,
  changeCareTeam,
  changeReasonShape,
  checkPublicJwk,
  checkShape,
  declareCareTeam,
  endCareTeam,
  invalid,
  publicJwkShape,
  shapes,
  text,
  VitaledgerError,
  wholeNumber,
  type ChangedTeam,
  type ChangeReason,
  type ConsortiumDocument,
  type HeadChange,
  type JoiningParticipant,
  type MedicalActor,
  type PatientHead,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { denied } from '../authorization/acting-person.js';
import { admit, type Admission } from '../authorization/admission.js';
import { readerOf } from '../consent/reader.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { careTeamKey, careTeamsOf, patientKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { DEFAULT_PAGE, page } from '../ledger/page.js';
import { notify } from '../notifications/notify.js';
import { patientHead } from '../records/patient-head.js';
import { changeBy } from '../records/rectification.js';

const said = {
  patient: shapes.id,
  reason: changeReasonShape,
  salt: shapes.salt,
  actor: v.exactOptional(v.unknown()),
};
const named = { ...said, team: shapes.id, version: wholeNumber(1, 999_999) };

const declaring = v.strictObject({ ...said, ...careTeamDeclaration });
const changing = v.strictObject({ ...named, ...careTeamChange });
const ending = v.strictObject(named);

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
 * Who cares for a patient at this custodian, so that a consent can name the team and need not change with every shift. The custodian says who
 * is in it, as it says who its staff are; the patient says by signature what the team may read, and is told of every change. The teams stand
 * in the patient head, where decisions find them without another read.
 */
@Info({ title: 'CareTeamContract', description: 'Who cares for a patient, as consents name it' })
export class CareTeamContract extends VitaledgerContract {
  constructor() {
    super('CareTeamContract');
  }

  /** Declares a team, with its organizations, which it keeps for good, and the persons in it. */
  @Transaction()
  @Returns('string')
  async declare(context: TransactionContext): Promise<string> {
    const { patient, reason, salt, actor, ...team } = checkShape(declaring, context.ledger.input, 'input');
    const admission = await admit(context, 'CareTeamContract:declare', actor);
    refuseStrangers(team.organizations, admission.document);
    refuseSelf(team.participants, admission.person);
    await refuseEarlierTeam(context.ledger, patient, team.team);
    const stated = { patient, reason, salt };
    return keep(context.ledger, admission, stated, (head, change) => declareCareTeam(head, team, change));
  }

  /** Persons join or leave. Nobody lets themselves in. */
  @Transaction()
  @Returns('string')
  async change(context: TransactionContext): Promise<string> {
    const { patient, reason, salt, actor, ...team } = checkShape(changing, context.ledger.input, 'input');
    const admission = await admit(context, 'CareTeamContract:change', actor);
    refuseSelf(team.join ?? [], admission.person);
    const stated = { patient, reason, salt };
    return keep(context.ledger, admission, stated, (head, change) => changeCareTeam(head, team, change));
  }

  /** Ends a team: consents that name it permit nobody by it any more, denials still deny. */
  @Transaction()
  @Returns('string')
  async end(context: TransactionContext): Promise<string> {
    const { patient, reason, salt, actor, ...team } = checkShape(ending, context.ledger.input, 'input');
    const admission = await admit(context, 'CareTeamContract:end', actor);
    const stated = { patient, reason, salt };
    return keep(context.ledger, admission, stated, (head, change) => endCareTeam(head, team, change));
  }

  /** The patient's teams as they stand, for the custodian's own staff, encrypted to the asker. */
  @Transaction(false)
  @Returns('string')
  async list(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(asking, ledger.input, 'input');
    await admit(context, 'CareTeamContract:list', input.actor);
    checkPublicJwk(input.encryptionKey, 'input.encryptionKey');
    const { careTeams = [] } = await patientHead(ledger, input.patient);
    return canonicalJson({ jwe: await sealAnswer({ careTeams }, input.encryptionKey) });
  }

  /** One page of every version of the patient's teams, for the patient: who was in them when, who said so and why. */
  @Transaction(false)
  @Returns('string')
  async history(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(reading, ledger.input, 'input');
    await admit(context, 'CareTeamContract:history');
    const head = await patientHead(ledger, input.patient);
    const { body, delegation } = await readerOf(context, head, input.statement, 'care-teams');
    // A team's name and persons tell of what somebody is treated for.
    if (delegation?.hidden) throw denied('The patient reads this alone.', 'NOT_DELEGATED');
    const { bookmark: after, pageSize = DEFAULT_PAGE, encryptionKey } = body;
    if (after !== undefined && !/^[0-9a-f]{32}\/\d{6}$/.test(after)) {
      throw invalid('statement.body.bookmark', 'must be the bookmark of the page before');
    }
    const versions = ledger.rangePrivate(careTeamsOf(head.patient, after));
    const { items, bookmark } = await page(versions, pageSize, (version) => version);
    return sealAnswer({ versions: items, bookmark }, encryptionKey);
  }
}

interface Stated {
  readonly patient: string;
  readonly reason: ChangeReason;
  readonly salt: string;
}

/** Writes the head, the team's version and a notice for the patient. */
async function keep(
  ledger: Ledger,
  admission: Admission,
  { patient, reason, salt }: Stated,
  change: (head: PatientHead, change: HeadChange) => ChangedTeam,
): Promise<string> {
  const changed = await changeBy(ledger, admission, reason);
  const before = await patientHead(ledger, patient);
  const { instant } = changed;
  const { head, team } = change(before, { instant, salt: derivedSalt(salt, 'head') });
  await ledger.putPrivate(patientKey(patient), head);
  await ledger.putPrivate(careTeamKey(patient, team.team, team.version), {
    ...team,
    changed,
    salt: derivedSalt(salt, 'care-team'),
  });
  await notify(ledger, before, { kind: 'care-team', instant, salt });
  return '';
}

/** Teams that are over leave the head; their versions are the patient's to read for good, and a new team of that id would write over them. */
async function refuseEarlierTeam(ledger: Ledger, patient: string, team: string): Promise<void> {
  const first = await ledger.getPrivate(careTeamKey(patient, team, 1));
  if (first === undefined) return;
  throw new VitaledgerError(
    'ALREADY_EXISTS',
    'There is, or was, a care team with this id; make a new random id.',
    { what: 'care-team' },
  );
}

function refuseStrangers(mspIds: readonly string[], { organizations }: ConsortiumDocument): void {
  const index = mspIds.findIndex((mspId) => !Object.hasOwn(organizations, mspId));
  if (index >= 0) throw invalid(`input.organizations[${index}]`, 'must be a member of the consortium');
}

/** A team that its members fill would be no limit at all. */
function refuseSelf(joining: readonly JoiningParticipant[], { mspId, subject }: MedicalActor): void {
  if (joining.some((one) => one.mspId === mspId && one.subject === subject)) {
    throw denied('Nobody lets themselves into a care team; ask a colleague to do it.', 'OWN_MEMBERSHIP');
  }
}
