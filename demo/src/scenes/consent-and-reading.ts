import { permission, type ReleasedRecord, type SignedConsent } from '@vitaledger/client';
import type { ConsentBody } from '@vitaledger/domain';
import type { FhirResource } from 'fhir/r4';
import { counted, listed, short } from '../narrator/layout.js';
import type { Narrator } from '../narrator/narrator.js';
import { all, parties, type Cast, type CastPatient } from '../stage/cast.js';
import { resourceDate, resourceLine } from '../stage/resource-line.js';
import { explainReceipt } from './receipt-explained.js';

const VALID_DAYS = 90;

export async function consentAndReading(
  narrator: Narrator,
  cast: Cast,
  patient: CastPatient,
): Promise<SignedConsent> {
  narrator.scene('The patient consents, and the specialist reads');
  narrator.tell(
    'The device shows what is asked for in plain words, and signs exactly that. Nobody else has the key: no organization can ' +
      'forge a consent, change it, or put an older one in its place.',
  );
  const consent = await grant(narrator, cast, patient);
  narrator.blank();
  await read(narrator, cast, patient);
  return consent;
}

/** The FHIR R4 provision: the shared classes to this person for treatment; what tells of the topic is excepted. */
function provisionFor({ specialistActor }: Cast, { file }: CastPatient): ConsentBody['provision'] {
  const { codes } = file.topic ?? { codes: [] };
  return {
    ...permission({
      to: [{ organization: 'ClinicMSP', subject: specialistActor.subject }],
      purposes: ['TREAT'],
      classes: file.shared,
      until: lastDay(),
    }),
    ...(codes.length === 0
      ? {}
      : { provision: [{ type: 'deny', code: codes.map((code) => ({ coding: [{ ...code }] })) }] }),
  };
}

function lastDay(): string {
  return new Date(Date.now() + VALID_DAYS * 86_400_000).toISOString().slice(0, 10);
}

async function grant(narrator: Narrator, cast: Cast, patient: CastPatient): Promise<SignedConsent> {
  const { file, key, token } = patient;
  const exception = file.topic === undefined ? '' : ` Whatever tells of ${file.topic.name} stays closed.`;
  const content =
    `The specialist of the Specialist Clinic may read my records of these kinds at the General Hospital, to treat me, until ` +
    `${lastDay()}: ${listed(file.shared)}.${exception}`;
  narrator.quote('on the patient’s device', [
    file.name === undefined
      ? 'The bundle has no name; this would be the only screen to show it.'
      : `Signed in as ${file.name}. No other screen shows this name.`,
    '',
    content,
  ]);
  const consent = await narrator.does(parties.device, 'signs the consent', () =>
    key.consent({
      patients: [token],
      provision: provisionFor(cast, patient),
      text: { content, language: 'en' },
    }),
  );
  await narrator.does(parties.clinic, 'passes the signed consent on to the hospital', async () => {
    const report = await cast.clinic.consents.grant({ consent, patients: [token], key });
    const failed = report.deliveries.find(({ error }) => error !== undefined);
    if (failed?.error) throw failed.error;
  });
  narrator.sees(
    parties.hospital,
    `a consent by the key that it enrolled as ${short(token.patient)}, first of its chain. It knows whose key that is; the ledger does not.`,
  );
  return consent;
}

async function read(
  narrator: Narrator,
  { specialist, registrar }: Cast,
  { file, token }: CastPatient,
): Promise<void> {
  const receipt = await narrator.does(
    parties.clinic,
    ({ receipt: id }) => `asks again, to treat the patient: receipt ${short(id)}`,
    () => specialist.access.request({ ...token, purpose: 'TREAT' }),
  );
  const records = await narrator.does(
    parties.clinic,
    (opened) => `opens the receipt: the hospital releases ${counted(opened.length, 'record')}`,
    () => all(specialist.access.open(receipt)),
  );
  const contents = await narrator.does(
    parties.clinic,
    (resources) => `fetches and decrypts ${resources.length === 1 ? 'it' : 'all of them'}`,
    () => Promise.all(records.map((record) => record.json())),
  );
  const shown = examplesOf(contents).map(resourceLine);
  narrator.sees(parties.clinic, ...shown, ...(contents.length > shown.length ? ['…'] : []));
  narrator.blank();
  const held = await all(registrar.records.list(token.patient));
  narrator.table(comparison(records, held, file.shared), {
    head: ['FHIR type', 'at the hospital', 'released', 'withheld', 'because'],
  });
  narrator.blank();
  explainReceipt(narrator, await specialist.access.outcome(receipt));
}

/** The latest of each kind, and of conditions rather diseases than findings about a person's life. */
function examplesOf(resources: readonly FhirResource[]): readonly FhirResource[] {
  const latest = [...resources].sort((one, other) => (resourceDate(one) < resourceDate(other) ? 1 : -1));
  const of = (type: string, count: number, what = ''): readonly FhirResource[] =>
    latest.filter((one) => one.resourceType === type && resourceLine(one).includes(what)).slice(0, count);
  const diseases = of('Condition', 3, '(disorder)');
  const chosen = [
    ...(diseases.length > 0 ? diseases : of('Condition', 3)),
    ...of('Observation', 2),
    ...of('MedicationRequest', 1),
  ];
  return chosen.length > 0 ? chosen : latest.slice(0, 3);
}

/** Only who tells the story can draw this table: the clinic does not learn what there is besides what it gets. */
function comparison(
  records: readonly ReleasedRecord[],
  held: readonly { readonly class: string }[],
  shared: readonly string[],
): string[][] {
  const count = (list: readonly string[], type: string): number => list.filter((one) => one === type).length;
  const types = {
    held: held.map((one) => one.class),
    released: records.map(({ metadata }) => metadata.class),
  };
  const rows = shared.map((type): string[] => {
    const [all, out] = [count(types.held, type), count(types.released, type)];
    const reason = out === all ? '' : 'excepted by the patient';
    return [type, String(all), String(out), out === all ? '–' : String(all - out), reason];
  });
  const others = types.held.filter((type) => !shared.includes(type)).length;
  const kinds = new Set(types.held).size - shared.length;
  return others === 0
    ? rows
    : [...rows, [counted(kinds, 'other type'), String(others), '0', String(others), 'not shared']];
}
