import {
  auditEventBundle,
  BundleExport,
  fhirCareTeam,
  fhirPatientLinks,
  FileVault,
  fillTemplate,
  Records,
  ReleasedRecord,
  studyResource,
  TEMPLATE_LANGUAGES,
  TEMPLATE_NAMES,
  toFhirConsent,
  trialResource,
  type CareTeam,
  type DisclosureReport,
  type Document,
  type LogEntry,
  type TemplateLanguage,
  type TemplateName,
  type TemplateValues,
} from '@vitaledger/client';
import {
  asTrialRecord,
  auditEvent,
  handleOf,
  provenanceOf,
  type RecordInput,
  type Study,
} from '@vitaledger/domain';
import type { DocumentReference, FhirResource, ImagingStudy, Media } from 'fhir/r4';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { condition, medication, observation } from '../harness/patient.js';

const instant = '2026-03-01T12:00:00.000Z';
const id = (digit: string): string => digit.repeat(32);
const doctor = { mspId: 'HospitalMSP', subject: 'd1f4', role: 'practitioner' } as const;
const fromDemo = (name: string): unknown => {
  const bytes = readFileSync(join(__dirname, '../../../demo/data', name));
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
};

/** Everything that the project writes as FHIR, by a file's name. */
export async function samples(vaultFolder: string): Promise<Readonly<Record<string, string>>> {
  const resources: Readonly<Record<string, FhirResource>> = {
    ...consents(),
    ...provenances(),
    ...auditEvents(),
    ...studies(),
    'patient-links.json': patientWithLinks(),
    'care-team.json': careTeam(),
    'care-team-ended.json': careTeam({ to: instant }),
  };
  const texts = Object.entries(resources).map(
    ([name, resource]) => [name, JSON.stringify(resource)] as const,
  );
  return { ...Object.fromEntries(texts), 'export.json': await exported(vaultFolder) };
}

function consents(): Record<string, FhirResource> {
  const organization = { mspId: 'ClinicMSP', name: 'City Clinic' };
  const values: Readonly<Record<TemplateName, Omit<TemplateValues, 'language'>>> = {
    treatment: { organization },
    'treatment-of-some': { organization, classes: ['Condition', 'Immunization'] },
    'treatment-without-sensitive': { organization, sensitivities: ['HIV', 'SUD'] },
    'treatment-by-team': { careTeam: { reference: `HospitalMSP/${'7'.repeat(32)}`, name: 'Diabetes team' } },
    research: { organization, until: '2027-12-31' },
    'emergency-only': { until: '2027-03-01' },
    never: { organization },
  };
  const termsOf = (name: TemplateName, language: TemplateLanguage) => {
    const { provision, text, digest } = fillTemplate(name, { ...values[name], language });
    return { provision, text: { ...text, digest } };
  };
  const filled = TEMPLATE_NAMES.flatMap((name) =>
    TEMPLATE_LANGUAGES.map((language) => [`${name}-${language}`, termsOf(name, language)] as const),
  );
  const known = {
    patient: { type: 'Patient', identifier: { system: 'urn:example:patients', value: '17' } },
    dateTime: instant,
    custodians: ['HospitalMSP', 'ClinicMSP'],
    consent: id('c'),
    version: 2,
    handle: handleOf('ab'.repeat(32)),
    replaces: { consent: id('b'), version: 1 },
  };
  const research = {
    ...known,
    ...termsOf('research', 'en'),
    dataUse: { permission: { code: 'GRU' as const }, modifiers: [] },
    policyRule: 'OPTIN' as const,
    trial: 'VT-0123456789abcdef',
    recontact: true as const,
  };
  return {
    ...Object.fromEntries(
      filled.map(([name, terms]) => [`consent-${name}.json`, toFhirConsent({ ...known, ...terms })]),
    ),
    'consent-bare.json': toFhirConsent(filled[0]![1]),
    'consent-research.json': toFhirConsent(research),
  };
}

function provenances(): Record<string, FhirResource> {
  const first = { id: id('a'), class: 'Observation', version: 1, registered: instant, registeredBy: doctor };
  const code = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'PATRQT' };
  const change = { instant, by: doctor, via: 'ehr-1', reason: { text: 'Unit was wrong', code } };
  const copiedFrom = { custodian: 'ClinicMSP', record: id('b'), version: 3, proof: 'c'.repeat(64) };
  return {
    'provenance-created.json': provenanceOf(first),
    'provenance-copied.json': provenanceOf({ ...first, copiedFrom }),
    'provenance-amended.json': provenanceOf({ ...first, version: 2, amendment: change }),
    'provenance-retracted.json': provenanceOf({ ...first, ended: { ...change, how: 'retracted' } }),
  };
}

function auditEvents(): Record<string, FhirResource> {
  const entry: LogEntry = {
    receipt: '1'.repeat(64),
    patient: id('a'),
    custodian: 'HospitalMSP',
    instant,
    actor: { ...doctor, mspId: 'ClinicMSP' },
    via: 'ehr-1',
    scope: 'content',
    purpose: 'TREAT',
    filter: { classes: ['Condition'], from: '2025' },
    outcome: 'permit',
    rules: [{ consent: id('c'), version: 1, path: 'provision', type: 'permit', certain: true }],
    policies: [
      { pack: 'eu-ehds', version: 1, rule: 'art-8', effect: 'permit', citation: 'art. 8', certain: true },
    ],
    salt: '0'.repeat(64),
  };
  const others: readonly LogEntry[] = [
    { ...entry, receipt: '2'.repeat(64), filter: { records: [id('d')] }, study: 'VS-0123456789abcdef' },
    {
      ...entry,
      receipt: '3'.repeat(64),
      purpose: 'BTG',
      emergency: { reason: 'Unconscious' },
      prescription: id('e'),
    },
  ];
  const report = {
    disclosures: [entry, ...others],
    excluded: [],
    to: instant,
  } as unknown as DisclosureReport;
  return { 'audit-event.json': auditEvent(entry), 'disclosures.json': auditEventBundle(report) };
}

function studies(): Record<string, FhirResource> {
  const moment = { instant, beat: 1 };
  const study = {
    study: 'VS-0123456789abcdef',
    organization: 'ResearchMSP',
    registrant: doctor,
    title: 'Blood pressure after stroke',
    purpose: {
      aims: ['health', 'methods'],
      diseases: ['MONDO:0005098', 'DOID:6713'],
      types: ['NCIT:C15206'],
      regions: ['DE', 'PT'],
      undertakings: [],
    },
    trial: 'VT-0123456789abcdef',
    committee: 'EthicsMSP',
    decisions: [],
    ...moment,
  } as unknown as Study;
  const approved = {
    approved: true,
    until: '2026-09-01T00:00:00.000Z',
    organization: 'EthicsMSP',
    ...moment,
  };
  const decided = { ...study, decisions: [approved] } as Study;
  const trial = (name: string): FhirResource =>
    trialResource('VT-0123456789abcdef', asTrialRecord(fromDemo(name)));
  return {
    'study-waiting.json': studyResource(study, instant),
    'study-approved.json': studyResource(decided, instant),
    'study-expired.json': studyResource(decided, '2027-01-01T00:00:00.000Z'),
    'trial.json': trial('trial.json'),
    'trial-amended.json': trial('trial-amended.json'),
  };
}

function careTeam(change: Partial<CareTeam> = {}): FhirResource {
  const team: CareTeam = {
    team: id('7'),
    version: 2,
    name: 'Diabetes team',
    organizations: ['HospitalMSP', 'ClinicMSP'],
    participants: [
      { ...doctor, from: '2026-01-01T00:00:00.000Z' },
      { ...doctor, subject: 'd2f4', from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
    ],
    from: '2026-01-01T00:00:00.000Z',
    ...change,
  };
  const subject = { type: 'Patient', identifier: { system: 'urn:example:patients', value: '17' } };
  return fhirCareTeam(team, { subject, instant });
}

function patientWithLinks(): FhirResource {
  const link = { custodian: 'ClinicMSP', patient: id('f'), type: 'seealso' } as never;
  return { resourceType: 'Patient', link: fhirPatientLinks([link]) };
}

/** A patient's records as they are registered and exported: resources, and documents with what describes them. */
async function exported(vaultFolder: string): Promise<string> {
  const vault = new FileVault(vaultFolder);
  const registered: RecordInput[] = [];
  const answered = (call: unknown): void => {
    registered.push(...(call as { input: { records: readonly RecordInput[] } }).input.records);
  };
  const channel = {
    submit: (call: unknown) => {
      answered(call);
      return Promise.resolve({ transactionId: 'tx', result: new Uint8Array(), block: 1n, attempts: 1 });
    },
    evaluate: () => Promise.resolve(new Uint8Array()),
  };
  const session = { mspId: 'HospitalMSP', actor: undefined, channel: () => channel, findVault: () => vault };
  const records = new Records(session as unknown as ConstructorParameters<typeof Records>[0]);
  const patient = id('a');
  for (const resource of [condition(), observation(), medication()])
    await records.register(patient, resource);
  await records.registerBundle(patient, fromDemo('child-asthma.json.gz') as object);
  for (const document of documents()) await records.registerDocument(patient, document);
  const released = registered.map((record) => {
    const metadata = { ...record, version: 1, patient, registered: instant, registeredBy: doctor };
    return new ReleasedRecord(metadata, () => vault);
  });
  const bundle = new BundleExport(Readable.from(released) as AsyncIterable<ReleasedRecord>);
  const json = await text(Readable.from(bundle));
  assert.deepEqual(bundle.report.missing, []);
  return json;
}

function documents(): readonly Document[] {
  const subject = { reference: 'Patient/example' };
  const reference: DocumentReference = {
    resourceType: 'DocumentReference',
    status: 'current',
    subject,
    type: { coding: [{ system: 'http://loinc.org', code: '18842-5' }] },
    content: [{ attachment: { contentType: 'application/pdf', title: 'Discharge' } }],
  };
  const imaging: ImagingStudy = {
    resourceType: 'ImagingStudy',
    status: 'available',
    subject,
    started: '2026-01-05',
  };
  const media: Media = {
    resourceType: 'Media',
    status: 'completed',
    subject,
    content: { contentType: 'image/png' },
  };
  const content = (): Readable => Readable.from([Buffer.from('content')]);
  return [
    { content: content(), mediaType: 'application/pdf', describedBy: reference },
    { content: content(), mediaType: 'application/dicom', describedBy: imaging },
    { content: content(), mediaType: 'image/png', describedBy: media },
  ];
}
