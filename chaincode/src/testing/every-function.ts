import { FIRST_SENSITIVITY_MAP, proofId, proofSalt, US_HIPAA } from '@vitaledger/domain';
import { contracts as care } from '../care.js';
import { OrderContract } from '../orders/order-contract.js';
import { PrescriptionContract } from '../prescriptions/prescription-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { contracts as registry } from '../registry.js';
import { TrialDocumentContract } from '../trial-documents/trial-document-contract.js';
import { TrialRegistryContract } from '../trials/trial-registry-contract.js';
import { caller, random, type Bench, type Call } from './bench.js';
import { bringConsent, type ConsentState } from './consent-state.js';
import { everyCall } from './every-call.js';
import { TestOrder } from './order.js';
import { KeyPair, Patient, recordInput } from './patient.js';
import { TestPrescription } from './prescription.js';
import { answerCohort, askedCohort, registeredStudy } from './study.js';
import { trialDocument, trialRecord } from './trial.js';

type Arguments = Pick<Call, 'input' | 'args'>;

/** What a caller of the organization sends to each function, guarded or not. */
export type EveryFunction = (mspId: string) => Readonly<Record<string, Arguments>>;

interface Described {
  readonly name: string;
  readonly tag: readonly string[];
}

/** The contract library keeps what its decorators said in metadata, by a polyfill that it brings. */
const { getMetadata } = Reflect as unknown as { getMetadata: (key: string, of: object) => unknown };

/** All functions of both channels as Fabric finds them, `Contract:function`, with whether they are submitted. */
export function functionsOfContracts(): ReadonlyMap<string, 'submitted' | 'evaluated'> {
  const found = new Map<string, 'submitted' | 'evaluated'>();
  for (const contract of new Set([...care, ...registry])) {
    const instance = new contract();
    for (const { name, tag } of getMetadata('fabric:transactions', instance) as readonly Described[])
      found.set(`${instance.getName()}:${name}`, tag.includes('SUBMIT') ? 'submitted' : 'evaluated');
  }
  return found;
}

/**
 * Brings a founded channel into a state in which every function has something to do at `home`, of a patient whose
 * consent is in a state. What is opened by a receipt is opened by that of the organization's practitioner-1 or pharmacist-1.
 */
export async function everyFunction(
  bench: Bench,
  home: string,
  other: string,
  state: ConsentState,
): Promise<EveryFunction> {
  const trial = await provenTrial(bench, home);
  const published = await publishedRules(bench, home);
  const key = new KeyPair();
  let receipts: ReadonlyMap<string, string> = new Map();
  let consented: Patient | undefined;
  const guarded = await everyCall(bench, home, {
    state,
    patient: async (patient) => {
      consented = patient;
      receipts = await bringConsent(bench, patient, [home, other], state, key);
    },
  });
  if (!consented) throw new Error('no patient');
  const shared = {
    ...guarded,
    ...published,
    'ConsortiumContract:proposal': { args: guarded['ConsortiumContract:vote'].args ?? [] },
    ...(await ofCare(bench, consented)),
    'StudyContract:get': { args: (guarded['StudyContract:decide'].args ?? []).slice(0, 1) },
    'StudyContract:list': { args: ['{}'] },
    'CohortContract:read': { input: { receipt: await answeredCohort(bench, home, other) } },
    ...ofTrials(trial, guarded['TrialDataContract:request'], guarded['TrialDataContract:decide']),
  };
  const prescription = await new TestPrescription(bench, consented, { prescriber: home }).issue();
  const redemptions = new Map<string, string>();
  for (const mspId of [home, other]) {
    const call = { as: caller(mspId, 'pharmacist'), at: home, input: prescription.redemption() };
    const answer = await bench.submit(new PrescriptionContract(), 'redeem', call);
    redemptions.set(mspId, receiptOf(answer));
  }
  return (mspId) => ({
    ...shared,
    'AccessContract:outcome': { input: { receipt: receipts.get(mspId) } },
    'AccessContract:open': { input: { receipt: receipts.get(mspId) } },
    'PrescriptionContract:open': { input: { receipt: redemptions.get(mspId), fill: 1 } },
    'PrescriptionContract:status': { args: [prescription.counter] },
  });
}

const receiptOf = (answer: string): string => (JSON.parse(answer) as { receipt: string }).receipt;

/** A trial with a document, and the two beats after them that a proof takes. */
async function provenTrial(bench: Bench, sponsor: string): Promise<readonly [string, string, string]> {
  const as = caller(sponsor, 'sponsor');
  const registered = await bench.submit(new TrialRegistryContract(), 'register', {
    as,
    args: [JSON.stringify(trialRecord({ number: 'VITA-P' }))],
  });
  const { trial } = JSON.parse(registered) as { trial: string };
  const described = trialDocument();
  const added = await bench.submit(new TrialDocumentContract(), 'register', {
    as,
    args: [trial, JSON.stringify(described)],
  });
  for (let beats = 0; beats < 2; beats++) {
    await bench.submit(bench.consortium, 'beat', { as: caller(sponsor, 'admin') });
    bench.skip(60_000);
  }
  return [trial, (JSON.parse(added) as { document: string }).document, described.digest];
}

/** A map and a pack on the ledger, other ones than {@link everyCall} publishes. */
async function publishedRules(bench: Bench, mspId: string): Promise<Readonly<Record<string, Arguments>>> {
  const publish = async (name: string, rules: object): Promise<Arguments> => {
    const call = { as: caller(mspId, 'admin'), args: [JSON.stringify({ ...rules, version: 99 })] };
    const { digest } = JSON.parse(await bench.submit(bench.consortium, name, call)) as { digest: string };
    return { args: [digest] };
  };
  return {
    'ConsortiumContract:map': await publish('publishMap', FIRST_SENSITIVITY_MAP),
    'ConsortiumContract:pack': await publish('publishPack', US_HIPAA),
    'ConsortiumContract:clock': {},
    'ConsortiumContract:document': {},
  };
}

async function ofCare(bench: Bench, patient: Patient): Promise<Readonly<Record<string, Arguments>>> {
  const home = patient.custodian;
  const record = recordInput();
  const input = { patient: patient.id, records: [record] };
  await bench.submit(new RecordContract(), 'register', { as: caller(home, 'registrar'), input });
  const order = await new TestOrder(bench, { requester: patient, performer: patient }).resulted();
  const showing = { as: caller(home, 'practitioner'), input: order.showing('report') };
  const receipt = receiptOf(await bench.submit(new OrderContract(), 'show', showing));
  return {
    'RecordContract:contentHash': { args: [home, proofId(proofSalt(record.salt))] },
    'ConsentContract:revoked': { args: [JSON.stringify([random(256)])] },
    'OrderContract:open': { input: { receipt } },
  };
}

/** Asked for by researcher-1 of the home organization. */
async function answeredCohort(bench: Bench, home: string, committee: string): Promise<string> {
  const study = await registeredStudy(bench, home, committee, 'approved');
  const receipt = await askedCohort(bench, home, study);
  await answerCohort(bench, home, receipt, 42);
  return receipt;
}

function ofTrials(
  [trial, document, digest]: readonly [string, string, string],
  asked: Arguments,
  decided: Arguments,
): Readonly<Record<string, Arguments>> {
  const [dataTrial = '', dataSet = ''] = asked.args ?? [];
  const [request = ''] = decided.args ?? [];
  const ofTrial = { args: [trial] };
  return {
    'TrialRegistryContract:get': ofTrial,
    'TrialImportContract:find': { args: ['["NCT01234567"]'] },
    'TrialRegistryContract:history': ofTrial,
    'TrialRegistryContract:outcomes': ofTrial,
    'TrialRegistryContract:steps': ofTrial,
    'TrialRegistryContract:asOf': { args: [trial, '2026-03-01T12:59:00.000Z', ''] },
    'TrialRegistryContract:search': { args: ['{}'] },
    'TrialRegistryContract:overdue': { args: ['{}'] },
    'TrialRegistryContract:clocks': { args: [trial, ''] },
    'TrialDelayContract:list': ofTrial,
    'TrialDocumentContract:list': { args: [...ofTrial.args, '{}'] },
    'TrialDocumentContract:history': { args: [trial, document] },
    'TrialDocumentContract:find': { args: [trial, digest] },
    'TrialEnrolmentContract:get': ofTrial,
    'TrialAnalysisContract:get': ofTrial,
    'TrialDataContract:get': { args: [request] },
    'TrialDataContract:log': { args: [dataTrial, dataSet, '{}'] },
    'ProofContract:document': { args: [trial, digest] },
    'ProofContract:version': { args: [trial, '1'] },
  };
}
