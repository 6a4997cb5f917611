import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST_SENSITIVITY_MAP, US_HIPAA, VitaledgerError } from '@vitaledger/domain';
import { Access } from './access/access.js';
import { Consents } from './consents/consents.js';
import { Prohibitions } from './consents/prohibitions.js';
import { Consortium } from './consortium/consortium.js';
import { Notifications } from './notifications/notifications.js';
import { Orders } from './orders/orders.js';
import { PatientKey } from './patient/patient-key.js';
import { permission } from './patient/permission.js';
import { CareTeams } from './patients/care-teams.js';
import { Patients } from './patients/patients.js';
import { fillToken, newPrescriptionToken } from './prescriptions/prescription-token.js';
import { Prescriptions } from './prescriptions/prescriptions.js';
import { Participants } from './participation/participants.js';
import { Proofs } from './proof/proofs.js';
import { Holds } from './records/holds.js';
import { PatientLinks } from './records/patient-links.js';
import { Rectifications } from './records/rectifications.js';
import { Records } from './records/records.js';
import { Cohorts } from './research/cohorts.js';
import { Studies } from './research/studies.js';
import { ScriptedSession } from './testing/scripted-channel.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import { isCustodianCall } from './transaction/index.js';
import { TrialAnalysis } from './trial-analysis/trial-analysis.js';
import { TrialData } from './trial-documents/trial-data.js';
import { TrialDocuments } from './trial-documents/trial-documents.js';
import { Trials } from './trials/trials.js';
import { FileVault } from './vault/file-vault.js';

/** The functions of docs/protocol.md by contract; those marked "custodian" there are executed by the custodian alone. */
function protocolFunctions(): {
  readonly custodian: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
} {
  const lines = readFileSync(join(__dirname, '../../docs/protocol.md'), 'utf8').split('\n');
  const custodian = new Set<string>();
  const open = new Set<string>();
  let contract = '';
  for (const line of lines) {
    contract = /^### (\w+Contract)/.exec(line)?.[1] ?? contract;
    const row = /^\| `(\w+)` +\| ([SE])( \w+)? *\|/.exec(line);
    if (row && contract !== '') {
      (row[3] === ' custodian' ? custodian : open).add(`${contract}:${row[1]!}`);
    }
  }
  return { custodian, open };
}

const trial = JSON.parse(readFileSync(join(__dirname, '../../demo/data/trial.json'), 'utf8')) as Readonly<
  Record<string, unknown>
>;

/** What is needed to go on with. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  'AccessContract:request': { receipt: 'r1' },
  'OrderContract:show': { receipt: 'r1' },
  'OrderCancellationContract:cancel': '',
  'PrescriptionContract:redeem': { receipt: 'r1' },
  'PrescriptionContract:issue': '',
  'DispenseContract:begin': '',
  'DispenseContract:get': { state: 'dispensed' },
  'RecordContract:inspect': { receipt: 'r1' },
  'ErasureContract:preview': { objects: ['ab'.repeat(16)], registered: '' },
  'TrialAnalysisContract:get': { lists: [{ commitment: 'ab'.repeat(32) }] },
  'TrialRegistryContract:get': { record: trial, id: 't', status: 'recruiting' },
  'TrialDataReleaseContract:collect': { request: 'r', sponsor: 'ClinicMSP' },
  'TrialEnrolmentContract:get': { sites: {} },
  'ParticipationContract:counts': { enrolled: 7, withdrawn: 0, emergencies: 0 },
  'ConsentContract:revoke': '',
  'CohortContract:ask': { receipt: 'r1' },
  'CohortContract:count': { counted: 1, looked: 1, bookmark: '' },
};

describe('the areas of the ledger', () => {
  const folder = temporaryFolder();

  /** Uses everything there is; each call fails after it was recorded, unless its answer is needed to go on. */
  async function useEverything(): Promise<ScriptedSession> {
    const session = new ScriptedSession((call) => {
      if (Object.hasOwn(ANSWERS, call.function)) return ANSWERS[call.function];
      throw new VitaledgerError('PERMISSION_DENIED', 'recorded');
    }, new FileVault(folder()));
    const key = await PatientKey.generate();
    const token = { custodian: 'ClinicMSP', patient: 'ab'.repeat(16) };
    const provision = permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'] });
    const consent = await key.consent({
      patients: [token],
      provision,
      text: { content: 't', language: 'en' },
    });
    const secret = await key.revocationSecret(consent.consent);
    const [access, consents, consortium] = [
      new Access(session),
      new Consents(session),
      new Consortium(session),
    ];
    const [records, trials] = [new Records(session), new Trials(session)];
    const documents = new TrialDocuments(session);
    const analysis = new TrialAnalysis(session);
    const data = new TrialData(session);
    const participants = new Participants(session);
    const studies = new Studies(session);
    const cohorts = new Cohorts(session);
    const inquiry = { custodian: 'ClinicMSP', study: 's', question: 'askable' } as const;
    const cohort = await cohorts.ask(inquiry);
    const commitment = 'ab'.repeat(32);
    const secret1 = JSON.stringify({ digest: 'd', salt: 's' });
    await session.findVault()?.store('randomization').put(commitment, Buffer.from(secret1));
    const draft = {
      kind: 'protocol',
      title: 'Protocol',
      language: 'en',
      mediaType: 'text/plain',
      content: Buffer.from('p'),
    } as const;
    const notifications = new Notifications(session);
    const withdrawal = {
      patient: token.patient,
      withdraws: 'consent' as const,
      id: consent.consent,
      source: { form: 'verbal' as const, document: 'd' },
    };
    const rectifications = new Rectifications(session);
    const careTeams = new CareTeams(session);
    const orders = new Orders(session);
    const placed = {
      order: 'ab'.repeat(16),
      performer: 'ClinicMSP',
      reportSecret: 'cd'.repeat(32),
      ticket: {
        kind: 'laboratory',
        requester: 'HospitalMSP',
        order: 'ab'.repeat(16),
        secret: 's',
        opens: 'o',
        validUntil: '2099-01-01T00:00:00.000Z',
      } as const,
    };
    const prescriptions = new Prescriptions(session);
    const prescription = newPrescriptionToken('HospitalMSP');
    const shown = { token: fillToken(prescription, 1), disclosure: { receipt: 'r1' } as never };
    const receipt = await access.request({ ...token, purpose: 'TREAT' });
    const resource = { resourceType: 'Basic', code: { text: 'x' } } as const;
    const uses: (() => Promise<unknown>)[] = [
      () => new Patients(session).enrol({ keys: key.publicKeys, jurisdiction: 'DE' }),
      () => records.register(token.patient, resource),
      () => records.list(token.patient).next(),
      () => records.registerBatch([{ patient: token.patient, resource }]).next(),
      () => records.verifyContent({ custodian: 'ClinicMSP', salt: 's' }, Buffer.of()),
      () => records.amend(token.patient, { id: 'r', version: 1 }, resource, { reason: 'r' }),
      () => records.retract(token.patient, { id: 'r', version: 1 }, { reason: 'r' }),
      () => new Holds(session).place(token.patient, { reason: 'r' }),
      () => new Holds(session).release(token.patient, 'h', { reason: 'r' }),
      () => new PatientLinks(session).link(token.patient, token, { reason: 'r' }),
      () => new PatientLinks(session).unlink(token.patient, token, { reason: 'r' }),
      () => new PatientLinks(session).merge(token.patient, 'o', { reason: 'r' }),
      () => new PatientLinks(session).unmerge(token.patient, 'o', { reason: 'r' }),
      () => new PatientLinks(session).list(token.patient),
      () => new PatientLinks(session).history(token, key),
      () => careTeams.declare({ patient: 'p', name: 'Team', participants: [] }, { reason: 'r' }),
      () => careTeams.change('p', { team: 't', version: 1 }, { join: [], leave: [] }, { reason: 'r' }),
      () => careTeams.end('p', { team: 't', version: 1 }, { reason: 'r' }),
      () => careTeams.list('p'),
      () => careTeams.history(token, key).next(),
      () => rectifications.request(token.patient, 'r', { reason: 'r' }),
      () => rectifications.refuse(token.patient, { request: 'q', record: 'r' }, { reason: 'r' }),
      () => rectifications.list(token.patient).next(),
      () => rectifications.answers(token, key).next(),
      () => records.erase(token.patient, 'r', 'reason'),
      () => consents.grant({ consent, patients: [token] }),
      () => consents.revoke({ consent: consent.consent, secret, patients: [token] }),
      () => consents.revoked([]),
      () => consents.list(token, key),
      () => consents.history(token, key).next(),
      () => consents.amend({ consent, secret, patients: [token] }),
      () => new Prohibitions(session).optOut({ patients: [token], key }),
      () => new Patients(session).recordWithdrawal(withdrawal),
      () => access.outcome(receipt),
      () => access.open(receipt).next(),
      () => access.log(token, key).next(),
      () => orders.place({ kind: 'laboratory', patient: 'p', performer: 'ClinicMSP', request: 'r' }),
      () => orders.placed('o'),
      () => orders.placements().next(),
      () => orders.request(placed.ticket),
      () => orders.accept(placed.ticket, 'p'),
      () => orders.result('o', ['r']),
      () => orders.cancel(placed, { reason: 'r' }),
      () => orders.task('o'),
      () => orders.status(placed),
      () => orders.report(placed),
      () => orders.acknowledge(placed),
      () => orders.unacknowledged().next(),
      () => access.reviews.list().next(),
      () => access.reviews.open('ab'.repeat(32)),
      () => notifications.watch([token], key).next(),
      () => notifications.notice(token, key, 'ab'.repeat(32)),
      () => notifications.changeKey(token, key),
      () =>
        prescriptions.issue(
          { ...token, record: 'r', fills: 1, validUntil: new Date() },
          { token: prescription },
        ),
      () => prescriptions.redeem(shown.token),
      () => prescriptions.dispense(shown, { authorized: { value: 30, unit: 'tablet' } }),
      () => prescriptions.dispenseMore('d', 1),
      () => prescriptions.cancel({ prescription: prescription.prescription }),
      () => prescriptions.cancel(prescription),
      () => prescriptions.status(prescription),
      () => consortium.document('care'),
      () =>
        consortium.propose('care', {
          version: 1,
          organizations: {},
          packs: [],
          clock: { intervalSeconds: 1, skewSeconds: 1 },
        }),
      () => consortium.vote('care', 'd'),
      () => consortium.proposal('care', 'd'),
      () => consortium.publishMap('care', FIRST_SENSITIVITY_MAP),
      () => consortium.map('care', 'd'),
      () => consortium.publishPack('care', US_HIPAA),
      () => consortium.pack('care', 'd'),
      () => consortium.beat('care'),
      () => consortium.clock('care'),
      () => trials.register(trial),
      () => trials.import([trial]).next(),
      () => trials.find(['NCT01234567']),
      () => trials.approve('t', { approved: true, digest: 'd' }),
      () => trials.amend('t', { version: 1, record: trial, reason: 'r' }),
      () => trials.get('t'),
      () => trials.history('t'),
      () => trials.outcomes('t'),
      () => trials.advance('t', 'recruit', 'r'),
      () => trials.asOf('t', '2026-03-01T12:00:00.000Z'),
      () => trials.steps('t'),
      () => trials.search({}).next(),
      () => trials.overdue().next(),
      () => trials.clocks('t'),
      () => trials.delay('t', { kind: 'new-use', reason: 'r' }),
      () => trials.endDelay('t', 1, { event: 'approved', date: '2026-03-01' }),
      () => trials.delays('t'),
      () => documents.register('t', draft),
      () => documents.revise('t', { document: 'd', version: 1, reason: 'r' }, draft),
      () => documents.list('t'),
      () => documents.history('t', 'd'),
      () => documents.find('t', 'd'),
      () => analysis.commitList('t', draft.content),
      () => analysis.unblind('t', { plan: 'none', reason: 'r' }),
      () => analysis.revealList('t', 1),
      () => analysis.get('t'),
      () => cohorts.read(cohort),
      () => cohorts.pending().next(),
      () => cohorts.answer('r1'),
      () => cohorts.log().next(),
      () => studies.register({} as never),
      () => studies.decide('s', { approved: false }),
      () => studies.revoke('s', 'r'),
      () => studies.get('s'),
      () => studies.list().next(),
      () => data.offer('t', 'd', {} as never),
      () => data.request('t', 'd', {} as never),
      () => data.decide('r', { approved: false }),
      () => data.get('r'),
      () => data.log('t', 'd'),
      () => data.revoke('r', 'r'),
      () => data.hold({ trial: 't', document: 'd' }, Buffer.from('x')),
      () => data.content('r').next(),
      () => participants.enrol({ patient: 'p', trial: 't', consent: 'c' }),
      () => participants.emergency({ trial: 't', participation: 'p', cause: 'overdose' }),
      () => participants.list('t').next(),
      () => participants.emergencies('t').next(),
      () => participants.publish('t'),
      () => new Proofs(session).create({ trial: 'VL-0123456789abcdef', digest: 'd' }),
      () => new Proofs(session).create({ trial: 'VL-0123456789abcdef', version: 1 }),
    ];
    for (const use of uses) {
      await use().catch((error: unknown) => {
        assert.ok(error instanceof VitaledgerError && error.message === 'recorded', String(error));
      });
    }
    return session;
  }

  it('name the custodian, and only it, in every function that the protocol gives to custodians', async () => {
    const { custodian, open } = protocolFunctions();
    const session = await useEverything();
    for (const call of session.calls) {
      if (custodian.has(call.function)) {
        assert.ok(isCustodianCall(call), call.function);
        assert.ok(['ClinicMSP', 'HospitalMSP'].includes(call.custodian), call.function);
      } else {
        assert.ok(open.has(call.function), `${call.function} is not in the protocol`);
        assert.equal(isCustodianCall(call), false, call.function);
      }
    }
  });

  it('use every function of the protocol', async () => {
    const { custodian, open } = protocolFunctions();
    const used = new Set((await useEverything()).calls.map((call) => call.function));
    assert.deepEqual([...used].sort(), [...custodian, ...open].sort());
  });
});
