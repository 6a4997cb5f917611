import { classify, referenceResolver, type BundleEntry } from '@vitaledger/domain';

interface Coding {
  readonly system: string;
  readonly code: string;
}

/** Something in a patient's records that the patient will keep closed. */
export interface SensitiveTopic {
  /** For people: `intimate partner abuse`. */
  readonly name: string;
  /** What tells of it. */
  readonly codes: readonly Coding[];
}

const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';

const of = (system: string, ...codes: readonly string[]): readonly Coding[] =>
  codes.map((code) => ({ system, code }));

/** Topics that people often keep to themselves, with the codes by which Synthea's records tell of them. */
const topics: readonly SensitiveTopic[] = [
  {
    name: 'intimate partner abuse',
    codes: [
      ...of(SNOMED, '706893006', '424393004', '866148006'),
      // The HARK questionnaire and its answers.
      ...of(LOINC, '76499-3', '76500-8', '76501-6', '76502-4', '76503-2', '76504-0'),
    ],
  },
  {
    name: 'substance use',
    codes: [
      ...of(SNOMED, '6525002', '55680006', '361055000', '428211000124100', '713106006'),
      ...of(LOINC, '82666-9', '82667-7', '72109-2', '75626-2'),
    ],
  },
  {
    name: 'depression and anxiety',
    codes: [
      ...of(SNOMED, '35489007', '370143000', '36923009', '80583007', '171207006'),
      ...of(LOINC, '55757-9', '55758-7', '44249-1', '44261-6', '69737-5', '70274-6'),
    ],
  },
];

/**
 * The first topic that the shared records tell of; in other people's data, what their most telling shared record has as
 * its first code. Without any code nothing is kept closed.
 */
export function sensitiveTopic(entries: readonly BundleEntry[], shared: readonly string[]): SensitiveTopic {
  const resolve = referenceResolver(entries);
  const records = entries
    .map(({ resource }) => classify(resource, resolve))
    .filter((record) => shared.includes(record.class));
  const tells = (topic: SensitiveTopic): boolean =>
    records.some(({ codes }) => codes.some((code) => topic.codes.some((one) => isSame(one, code))));
  const known = topics.find(tells);
  if (known) return known;
  const telling = records.find((record) => record.class === 'Condition' && record.codes.length > 0);
  const first = (telling ?? records.find(({ codes }) => codes.length > 0))?.codes[0];
  if (!first) return { name: 'nothing', codes: [] };
  return { name: `whatever has the code ${first.code}`, codes: [{ system: first.system, code: first.code }] };
}

function isSame(one: Coding, other: Coding): boolean {
  return one.system === other.system && one.code === other.code;
}
