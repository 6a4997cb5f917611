import {
  FIRST_SENSITIVITY_MAP,
  US_HIPAA,
  type ConsortiumDocument,
  randomizationCommitment,
} from '@vitaledger/domain';
import { AccessContract } from '../access/access-contract.js';
import type { GuardedFunction } from '../authorization/permissions.js';
import { CareTeamContract } from '../care-teams/care-team-contract.js';
import { ConsentContract } from '../consent/consent-contract.js';
import { ConsortiumContract } from '../consortium/consortium-contract.js';
import type { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { NotificationContract } from '../notifications/notification-contract.js';
import { ProofContract } from '../proof/proof-contract.js';
import { DispenseContract } from '../prescriptions/dispense-contract.js';
import { OrderCancellationContract } from '../orders/order-cancellation-contract.js';
import { OrderContract } from '../orders/order-contract.js';
import { PrescriptionContract } from '../prescriptions/prescription-contract.js';
import { CorrectionContract } from '../records/correction-contract.js';
import { ErasureContract } from '../records/erasure-contract.js';
import { RectificationContract } from '../records/rectification-contract.js';
import { PatientLinkContract } from '../records/patient-link-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { ParticipationContract } from '../participation/participation-contract.js';
import { TrialEnrolmentContract } from '../participation/trial-enrolment-contract.js';
import { CohortContract } from '../research/cohort-contract.js';
import { StudyContract } from '../research/study-contract.js';
import { TrialAnalysisContract } from '../trial-analysis/trial-analysis-contract.js';
import { TrialDataContract } from '../trial-documents/trial-data-contract.js';
import { TrialDataReleaseContract } from '../trial-documents/trial-data-release-contract.js';
import { TrialDocumentContract } from '../trial-documents/trial-document-contract.js';
import { TrialDelayContract } from '../trials/trial-delay-contract.js';
import { TrialImportContract } from '../trials/trial-import-contract.js';
import { TrialRegistryContract } from '../trials/trial-registry-contract.js';
import { caller, random, type Bench, type Call } from './bench.js';
import { bringParticipant, type ConsentState } from './consent-state.js';
import { OfferedDataSet } from './data-set.js';
import { approval, askedCohort, cohortAsk, registeredStudy, studyProposal } from './study.js';
import { optOut, paperConsent } from './declaration.js';
import { TestOrder } from './order.js';
import { KeyPair, Patient, recordInput } from './patient.js';
import { dispenseNote, TestPrescription } from './prescription.js';
import { TrialParticipant } from './trial-participant.js';
import { recruitingTrial, regulatedTrial, trialDocument, trialRecord } from './trial.js';

/** Arguments with which each guarded function succeeds, for whom it lets in. */
export type EveryCall = Readonly<Record<GuardedFunction, Pick<Call, 'input' | 'args'>>>;

const records = new RecordContract();
const consents = new ConsentContract();
const access = new AccessContract();
const corrections = new CorrectionContract();
const registry = new TrialRegistryContract();
const delays = new TrialDelayContract();
const documents = new TrialDocumentContract();
const participations = new ParticipationContract();
const data = new TrialDataContract();
const analysis = new TrialAnalysisContract();
const dispenses = new DispenseContract();

const contracts: Readonly<Record<string, VitaledgerContract>> = {
  ConsortiumContract: new ConsortiumContract(),
  RecordContract: records,
  CorrectionContract: corrections,
  RectificationContract: new RectificationContract(),
  ErasureContract: new ErasureContract(),
  PatientLinkContract: new PatientLinkContract(),
  CareTeamContract: new CareTeamContract(),
  ConsentContract: consents,
  AccessContract: access,
  PrescriptionContract: new PrescriptionContract(),
  DispenseContract: dispenses,
  OrderContract: new OrderContract(),
  OrderCancellationContract: new OrderCancellationContract(),
  NotificationContract: new NotificationContract(),
  TrialRegistryContract: registry,
  TrialImportContract: new TrialImportContract(),
  TrialDelayContract: delays,
  TrialDocumentContract: documents,
  TrialAnalysisContract: analysis,
  TrialDataContract: data,
  TrialDataReleaseContract: new TrialDataReleaseContract(),
  ParticipationContract: participations,
  StudyContract: new StudyContract(),
  CohortContract: new CohortContract(),
  TrialEnrolmentContract: new TrialEnrolmentContract(),
  ProofContract: new ProofContract(),
};

/** The contract and method behind a function's public name. */
export function target(name: string): readonly [VitaledgerContract, string] {
  const [contract = '', method = ''] = name.split(':');
  const found = contracts[contract];
  if (!found) throw new Error(`no contract ${contract}`);
  return [found, method];
}

/** What the patients of {@link everyCall} have said to treatment and to their trial. */
export interface Consenting {
  readonly state: ConsentState;
  /** Called when the patient of most calls is enrolled and has a record. */
  readonly patient: (patient: Patient) => Promise<unknown>;
}

/** Brings a founded channel into a state in which every guarded function has something to do at `home`. */
export async function everyCall(
  bench: Bench,
  home: string,
  consenting: Consenting = { state: 'permitted', patient: () => Promise.resolve() },
): Promise<EveryCall> {
  const patient = new Patient(bench, home);
  const [registrar, sponsor] = [caller(home, 'registrar'), caller(home, 'sponsor')];
  const record = recordInput();
  const other = new Patient(bench, home);
  await bench.submit(records, 'enrol', { as: registrar, input: other.enrolment() });
  await bench.submit(records, 'enrol', { as: registrar, input: patient.enrolment() });
  await bench.submit(records, 'register', {
    as: registrar,
    input: { patient: patient.id, records: [record] },
  });
  const declaring = new Patient(bench, home);
  await bench.submit(records, 'enrol', { as: registrar, input: declaring.enrolment() });
  const granted = patient.consent();
  const salt = random();
  const grant = { patient: patient.id, statement: granted, salt };
  await bench.submit(consents, 'grant', { as: registrar, input: grant });
  const [[consent, secret] = ['', '']] = [...patient.secrets];
  await consenting.patient(patient);
  const first = trialRecord();
  const { trial } = JSON.parse(
    await bench.submit(registry, 'register', { as: sponsor, args: [JSON.stringify(first)] }),
  ) as { trial: string };
  const { digest } = JSON.parse(await bench.evaluate(registry, 'get', { as: sponsor, args: [trial] })) as {
    digest: string;
  };
  const { trial: regulated } = JSON.parse(
    await bench.submit(registry, 'register', {
      as: sponsor,
      args: [JSON.stringify(regulatedTrial('VITA-3'))],
    }),
  ) as { trial: string };
  const delay = JSON.stringify({ kind: 'new-use', reason: 'application' });
  await bench.submit(delays, 'submit', { as: sponsor, args: [regulated, delay] });
  const letter = trialDocument({ kind: 'ethics-letter' });
  const { document: registered } = JSON.parse(
    await bench.submit(documents, 'register', { as: sponsor, args: [trial, JSON.stringify(letter)] }),
  ) as { document: string };
  const recruiting = await recruitingTrial(bench, home, 'VITA-R1');
  const unblinded = await recruitingTrial(bench, home, 'VITA-R2');
  const dataSets: string[] = [];
  for (let count = 0; count < 2; count++) {
    const args = [trial, JSON.stringify(trialDocument({ kind: 'data-set' }))];
    const added = await bench.submit(documents, 'register', { as: sponsor, args });
    dataSets.push((JSON.parse(added) as { document: string }).document);
  }
  const [offered = '', unoffered = ''] = dataSets;
  const otherOrganization = Object.keys(
    (JSON.parse(await bench.evaluate(bench.consortium, 'document', { as: registrar })) as ConsortiumDocument)
      .organizations,
  ).find((mspId) => mspId !== home);
  const offer = JSON.stringify({
    terms: { permission: { code: 'GRU' }, modifiers: [] },
    committee: otherOrganization,
  });
  await bench.submit(data, 'offer', { as: sponsor, args: [trial, offered, offer] });
  const question = JSON.stringify({ title: 'Study', purpose: { aims: ['health'], undertakings: [] } });
  const askedFor = await bench.submit(data, 'request', {
    as: caller(home, 'researcher'),
    args: [trial, offered, question],
  });
  const { request: dataRequest } = JSON.parse(askedFor) as { request: string };
  const participant = await bringParticipant(new TrialParticipant(bench, home, recruiting), consenting.state);
  const enrolled = new TrialParticipant(bench, home, recruiting);
  await enrolled.consent();
  await bench.submit(participations, 'enrol', {
    as: caller(home, 'investigator'),
    input: enrolled.enrolment(),
  });
  const committee = otherOrganization ?? '';
  const waiting = await registeredStudy(bench, home, committee);
  const approved = await registeredStudy(bench, home, committee, 'approved');
  const counting = await registeredStudy(bench, home, committee, 'approved');
  const unanswered = await askedCohort(bench, home, counting);
  const dataSet = await new OfferedDataSet(bench, home, trial, committee).offer();
  await dataSet.hold();
  const collected = await dataSet.request(home);
  await dataSet.approve(collected);
  await dataSet.collect(collected, home);
  const list = { digest: random(256), salt: random() };
  const commitment = randomizationCommitment(list.digest, list.salt);
  for (const [name, ...args] of [
    ['commitList', commitment],
    ['unblind', 'none', 'test'],
  ] as const)
    await bench.submit(analysis, name, { as: sponsor, args: [unblinded, ...args] });
  const inForce = await bench.evaluate(bench.consortium, 'document', { as: registrar });
  const document = JSON.parse(inForce) as ConsortiumDocument;
  const next = JSON.stringify({ ...document, version: 2 });
  const proposed = await bench.submit(bench.consortium, 'propose', {
    as: caller(home, 'admin'),
    args: [next],
  });
  const proposal = (JSON.parse(proposed) as { digest: string }).digest;
  const another = JSON.stringify({
    ...document,
    version: 2,
    clock: { intervalSeconds: 60, skewSeconds: 30 },
  });
  const prescription = await new TestPrescription(bench, patient, { prescriber: home }).issue();
  const unpublished = new TestPrescription(bench, patient, { prescriber: home });
  await unpublished.register();
  // One organization orders of itself: only so can everybody who may call be at home.
  const parties = { requester: patient, performer: patient };
  const unplaced = await new TestOrder(bench, parties).register();
  const accepted = await new TestOrder(bench, parties).accepted();
  const resulted = await new TestOrder(bench, parties).resulted();
  const showsReport = { order: resulted.id, secret: resulted.secrets.report };
  const note = dispenseNote({ value: 10 });
  await bench.submit(dispenses, 'begin', { as: caller(home, 'pharmacist'), input: note });
  bench.skip(1000);
  const ask = { scope: 'metadata', purpose: 'TREAT', filter: {}, encryptionKey: new KeyPair().jwk, salt };
  const emergency = { patient: patient.id, ...ask, purpose: 'BTG', emergency: { reason: 'unconscious' } };
  const broken = await bench.submit(access, 'request', { as: caller(home, 'emergency'), input: emergency });
  const { receipt } = JSON.parse(broken) as { receipt: string };
  const inspected = await bench.submit(records, 'inspect', {
    as: registrar,
    input: { patient: patient.id, ...ask, purpose: 'HCOMPL' },
  });
  const inspection = (JSON.parse(inspected) as { receipt: string }).receipt;
  const spared = recordInput();
  await bench.submit(records, 'register', {
    as: registrar,
    input: { patient: patient.id, records: [spared] },
  });
  const named = { patient: patient.id, reason: { text: 'test' }, salt };
  const rectification = { ...named, record: record.id, request: random() };
  await bench.submit(new RectificationContract(), 'request', { as: registrar, input: rectification });
  const linked = { custodian: 'OtherMSP', patient: random() };
  await bench.submit(new PatientLinkContract(), 'link', {
    as: registrar,
    input: { ...named, other: linked, type: 'seealso' },
  });
  const duplicates = [new Patient(bench, home), new Patient(bench, home), new Patient(bench, home)];
  for (const one of duplicates) {
    await bench.submit(records, 'enrol', { as: registrar, input: one.enrolment() });
  }
  const [survivor, duplicate, merged] = duplicates.map(({ id }) => id);
  const merge = { ...named, patient: survivor, replaced: duplicate };
  await bench.submit(new PatientLinkContract(), 'merge', {
    as: registrar,
    input: { ...merge, replaced: merged },
  });
  const team = { ...named, team: random() };
  const teamed = { name: 'Team', organizations: [home], participants: [] };
  await bench.submit(new CareTeamContract(), 'declare', { as: registrar, input: { ...team, ...teamed } });
  const joining = { mspId: home, subject: 'dr-2', role: 'practitioner' };
  const hold = { ...named, hold: random() };
  await bench.submit(new ErasureContract(), 'hold', {
    as: caller(home, 'auditor'),
    input: { ...hold, records: [spared.id] },
  });
  const correction = { patient: patient.id, version: 1, reason: { text: 'test' }, salt };
  return {
    'ConsortiumContract:beat': {},
    'ConsortiumContract:propose': { args: [another] },
    'ConsortiumContract:vote': { args: [proposal] },
    'ConsortiumContract:publishMap': { args: [JSON.stringify(FIRST_SENSITIVITY_MAP)] },
    'ConsortiumContract:publishPack': { args: [JSON.stringify(US_HIPAA)] },
    'RecordContract:enrol': { input: new Patient(bench, home).enrolment() },
    'RecordContract:register': { input: { patient: patient.id, records: [recordInput()] } },
    'RecordContract:registerBatch': {
      input: { patients: [{ patient: patient.id, records: [recordInput()] }] },
    },
    'RecordContract:inspect': { input: { patient: patient.id, ...ask, purpose: 'HCOMPL' } },
    'RecordContract:list': { input: { receipt: inspection } },
    'CorrectionContract:amend': {
      input: { ...correction, record: recordInput({ id: record.id }) },
    },
    'CorrectionContract:retract': { input: { ...correction, record: record.id } },
    'RectificationContract:request': { input: { ...rectification, request: random() } },
    'RectificationContract:refuse': { input: rectification },
    'RectificationContract:list': {
      input: { patient: patient.id, encryptionKey: ask.encryptionKey },
    },
    'RectificationContract:answers': {
      input: { patient: patient.id, statement: patient.read('rectifications') },
    },
    'PatientLinkContract:link': {
      input: { ...named, other: { ...linked, patient: random() }, type: 'seealso' },
    },
    'PatientLinkContract:merge': { input: merge },
    'PatientLinkContract:unmerge': { input: { ...merge, replaced: merged } },
    'PatientLinkContract:history': {
      input: { patient: patient.id, statement: patient.read('links') },
    },
    'PatientLinkContract:unlink': { input: { ...named, other: linked } },
    'PatientLinkContract:links': {
      input: { patient: patient.id, encryptionKey: ask.encryptionKey },
    },
    'ErasureContract:preview': { input: { patient: patient.id, record: record.id } },
    'ErasureContract:erase': {
      input: { patient: patient.id, record: record.id, ground: 'unlawful', reason: 'test', salt },
    },
    'ErasureContract:hold': { input: { ...hold, hold: random() } },
    'ErasureContract:release': { input: hold },
    'CareTeamContract:declare': { input: { ...team, ...teamed, team: random(), participants: [joining] } },
    'CareTeamContract:change': { input: { ...team, version: 1, join: [joining] } },
    'CareTeamContract:end': { input: { ...team, version: 1 } },
    'CareTeamContract:list': { input: { patient: patient.id, encryptionKey: ask.encryptionKey } },
    'CareTeamContract:history': {
      input: { patient: patient.id, statement: patient.read('care-teams') },
    },
    'ConsentContract:grant': { input: { patient: patient.id, statement: patient.consent(), salt } },
    'ConsentContract:declare': {
      input: { patient: declaring.id, statement: declaring.declare(optOut()), salt },
    },
    'ConsentContract:record': { input: { patient: patient.id, record: paperConsent(), salt } },
    'ConsentContract:revoke': { args: [random(256)] },
    'ConsentContract:close': { input: { patient: patient.id, consent, secret, salt } },
    'ConsentContract:list': { input: { patient: patient.id, statement: patient.read('consents') } },
    'ConsentContract:history': { input: { patient: patient.id, statement: patient.read('history') } },
    'AccessContract:request': { input: { patient: patient.id, ...ask } },
    'AccessContract:reviews': { input: {} },
    'AccessContract:review': { input: { receipt, step: 'open', salt } },
    'AccessContract:log': { input: { patient: patient.id, statement: patient.read('log') } },
    'NotificationContract:changeKey': {
      input: { patient: other.id, statement: other.newNotificationKey(), salt },
    },
    'NotificationContract:key': {
      input: { patient: patient.id, statement: patient.read('notification-key') },
    },
    'NotificationContract:notice': {
      input: { patient: patient.id, statement: patient.read('notice', { transaction: inspection }) },
    },
    'OrderContract:place': { input: unplaced.placing() },
    'OrderContract:placed': { input: { order: accepted.id } },
    'OrderContract:placements': { input: {} },
    'OrderContract:accept': { input: unplaced.acceptance() },
    'OrderContract:task': { input: { order: accepted.id } },
    'OrderCancellationContract:cancel': { input: accepted.cancelling() },
    'OrderCancellationContract:revoke': { input: accepted.revoking() },
    'OrderContract:result': { input: accepted.result() },
    'OrderContract:show': { input: resulted.showing('report') },
    'OrderContract:status': { input: showsReport },
    'OrderContract:acknowledge': { input: { ...showsReport, salt } },
    'OrderContract:awaited': { input: {} },
    'PrescriptionContract:issue': { input: unpublished.order() },
    'PrescriptionContract:publish': { args: unpublished.publication() },
    'PrescriptionContract:redeem': { input: prescription.redemption() },
    'PrescriptionContract:fill': { args: prescription.filling(1) },
    'PrescriptionContract:cancel': { args: [prescription.counter, prescription.secrets.cancel] },
    'PrescriptionContract:cancellation': { input: { prescription: prescription.id } },
    'DispenseContract:begin': { input: dispenseNote() },
    'DispenseContract:portion': { input: { dispense: note.dispense, value: 5, salt } },
    'DispenseContract:get': { input: { dispense: note.dispense } },
    'StudyContract:register': { args: [JSON.stringify(studyProposal(committee))] },
    'StudyContract:decide': { args: [waiting, JSON.stringify(approval(bench))] },
    'StudyContract:revoke': { args: [approved, 'test'] },
    'CohortContract:ask': { input: cohortAsk(approved) },
    'CohortContract:pending': { input: {} },
    'CohortContract:count': { input: { receipt: unanswered } },
    'CohortContract:answer': { input: { receipt: unanswered, count: 7, salt } },
    'CohortContract:log': { input: {} },
    'TrialRegistryContract:register': { args: [JSON.stringify(trialRecord({ number: 'VITA-2' }))] },
    'TrialImportContract:register': {
      args: [JSON.stringify([trialRecord({ number: 'VITA-4' }), trialRecord({ number: 'VITA-5' })])],
    },
    'TrialRegistryContract:approve': { args: [trial, JSON.stringify({ approved: true, digest })] },
    'TrialRegistryContract:advance': { args: [trial, 'withdraw', 'test'] },
    'TrialRegistryContract:amend': {
      args: [trial, '1', JSON.stringify(trialRecord({ start: '2026-10-01' })), 'test', ''],
    },
    'TrialDelayContract:submit': { args: [regulated, delay] },
    'TrialDelayContract:end': {
      args: [regulated, '1', JSON.stringify({ event: 'approved', date: bench.now.slice(0, 10) })],
    },
    'ParticipationContract:enrol': { input: participant.enrolment() },
    'ParticipationContract:emergency': { input: enrolled.emergency() },
    'ParticipationContract:list': { input: { trial: recruiting } },
    'ParticipationContract:emergencies': { input: { trial: recruiting } },
    'ParticipationContract:counts': { input: { trial: recruiting } },
    'TrialEnrolmentContract:report': {
      args: [recruiting, JSON.stringify({ enrolled: 5, withdrawn: 0, emergencies: 0 })],
    },
    'TrialDataContract:offer': { args: [trial, unoffered, offer] },
    'TrialDataContract:request': { args: [trial, offered, question] },
    'TrialDataContract:revoke': { args: [collected, 'test'] },
    'TrialDataReleaseContract:hold': { input: dataSet.holding() },
    'TrialDataReleaseContract:collect': { args: [collected, JSON.stringify(dataSet.key.jwk)] },
    'TrialDataReleaseContract:open': { input: { request: collected, encryptionKey: dataSet.key.jwk } },
    'TrialDataContract:decide': { args: [dataRequest, JSON.stringify({ approved: false })] },
    'TrialAnalysisContract:commitList': { args: [trial, random(256)] },
    'TrialAnalysisContract:unblind': { args: [recruiting, 'none', 'test'] },
    'TrialAnalysisContract:revealList': { args: [unblinded, '1', list.digest, list.salt] },
    'TrialDocumentContract:register': { args: [trial, JSON.stringify(trialDocument())] },
    'TrialDocumentContract:revise': {
      args: [trial, registered, '1', JSON.stringify(trialDocument({ kind: 'ethics-letter' })), 'test'],
    },
  };
}
