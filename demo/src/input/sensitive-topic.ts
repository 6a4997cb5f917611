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
 * The first topic that the shared records tell of; in other people's data, the disease that fewest of them tell of. Something
 * is always left to be read: where that cannot be, nothing is kept closed.
 */
export function sensitiveTopic(
  entries: readonly BundleEntry[],
  shared: readonly string[],
): SensitiveTopic | undefined {
  const resolve = referenceResolver(entries);
  const records = entries
    .map(({ resource }) => classify(resource, resolve))
    .filter((record) => shared.includes(record.class));
  const count = ({ codes }: SensitiveTopic): number =>
    records.filter((record) => record.codes.some((code) => codes.some((one) => isSame(one, code)))).length;
  const isUsable = (topic: SensitiveTopic): boolean => count(topic) > 0 && count(topic) < records.length;
  const known = topics.find(isUsable);
  if (known) return known;
  return diseases(entries)
    .filter(isUsable)
    .sort((one, other) => count(one) - count(other))[0];
}

/** One topic for each condition that is coded, in the order of the bundle. */
function diseases(entries: readonly BundleEntry[]): readonly SensitiveTopic[] {
  return entries.flatMap(({ resource }) => {
    if (resource.resourceType !== 'Condition') return [];
    const { coding = [], text } = resource.code ?? {};
    return coding.slice(0, 1).flatMap(({ system, code, display }): SensitiveTopic[] => {
      if (system === undefined || code === undefined) return [];
      const name = text ?? display ?? `code ${code}`;
      // Findings and situations are about a person's life rather than a disease.
      return /\((finding|situation)\)$/.test(name) ? [] : [{ name, codes: [{ system, code }] }];
    });
  });
}

function isSame(one: Coding, other: Coding): boolean {
  return one.system === other.system && one.code === other.code;
}
