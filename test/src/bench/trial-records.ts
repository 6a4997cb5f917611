import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(__dirname, '../../..');

interface TrialFile {
  readonly protocolSection: Readonly<Record<string, object>>;
}

const CONDITIONS =
  'Hypertension|Asthma|Migraine|Sepsis|Psoriasis|Epilepsy|Glaucoma|Malaria|Depression|Stroke'.split('|');
const SITES = 'Heart|Lung|Kidney|Liver|Skin|Brain|Eye|Bone|Blood|Stomach'.split('|');
const COUNTRIES =
  'Germany|France|Italy|Spain|Japan|Brazil|Kenya|India|Canada|Norway|Chile|Ghana|Peru|Poland|Greece|Egypt'.split(
    '|',
  );

/** The demonstration's record as a trial of its own, one of many: its words, countries and dates differ with its number. */
function benchTrial(number: number): unknown {
  base ??= JSON.parse(readFileSync(join(PROJECT, 'demo/data/trial.json'), 'utf8')) as TrialFile;
  const { protocolSection } = base;
  const pick = (list: readonly string[], turn: number): string =>
    list[Math.floor(number / turn) % list.length] ?? '';
  const condition = `${pick(CONDITIONS, 1)} of the ${pick(SITES, 10)}`;
  const month = `${2000 + (number % 25)}-${String(1 + (number % 12)).padStart(2, '0')}`;
  const title = `Trial ${number} of treatment for ${condition}`;
  return {
    ...base,
    protocolSection: {
      ...protocolSection,
      identificationModule: {
        orgStudyIdInfo: { id: `BENCH-${number}` },
        organization: { fullName: 'Institute', class: 'OTHER' },
        briefTitle: title,
        officialTitle: `A randomized study: ${title}`,
      },
      conditionsModule: { conditions: [condition] },
      statusModule: { ...protocolSection.statusModule, startDateStruct: { date: month, type: 'ACTUAL' } },
      contactsLocationsModule: {
        ...protocolSection.contactsLocationsModule,
        locations: [1, 3, 7].map((turn) => ({ city: 'City', country: pick(COUNTRIES, turn) })),
      },
    },
  };
}

/** So many trials, from a number on, made as they are asked for. */
export function* benchTrials(first: number, count: number): Generator {
  for (let number = first; number < first + count; number++) yield benchTrial(number);
}

let base: TrialFile | undefined;

/** The largest real record beside the project, if there are any. */
export function largestRealTrial(): unknown {
  const folder = join(PROJECT, '../shared/data/clinicaltrials');
  if (!existsSync(folder)) return undefined;
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const [largest] = texts.sort((one, other) => other.length - one.length);
  return largest === undefined ? undefined : (JSON.parse(largest) as unknown);
}
