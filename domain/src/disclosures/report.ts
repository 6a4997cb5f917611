import type { LogEntry } from '../access/receipt.js';
import { includesPurpose } from '../decision/purposes.js';
import { addPeriod } from '../trials/clocks/legal-dates.js';

/** Laws that let a person ask who was given, or looked at, their data. */
export type DisclosureLaw = 'us-45cfr164.528' | 'eu-2025-327-art9';

/** Why an entry of the access log is not part of a report. */
export type Exclusion =
  | 'NOTHING_DISCLOSED'
  | 'BEFORE_PERIOD'
  | 'USE_WITHIN_ENTITY'
  | 'TREATMENT_PAYMENT_OPERATIONS'
  | 'TO_THE_INDIVIDUAL'
  | 'PERSONS_INVOLVED_IN_CARE'
  | 'AUTHORIZED'
  | 'SECONDARY_USE';

/** An entry left out, and the provision by which it is. */
export interface ExcludedEntry {
  readonly receipt: string;
  readonly instant: string;
  readonly reason: Exclusion;
  readonly citation: string;
}

/** A person's account of who was given their data by one custodian. */
export interface DisclosureReport {
  readonly law: DisclosureLaw;
  readonly citation: string;
  /** The day from which on entries count, and the instant of the request: `YYYY-MM-DD`, ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** Oldest first. A release that was permitted counts, whether or not it was then collected. */
  readonly disclosures: readonly LogEntry[];
  readonly excluded: readonly ExcludedEntry[];
}

interface LawRules {
  readonly citation: string;
  readonly years: number;
  readonly periodCitation: string;
  readonly deniedCitation: string;
  readonly exclusion: (entry: LogEntry) => readonly [Exclusion, string] | undefined;
}

const LAWS: Readonly<Record<DisclosureLaw, LawRules>> = {
  'us-45cfr164.528': {
    citation: '45 CFR 164.528',
    years: 6,
    periodCitation: '45 CFR 164.528(a)(1): six years before the request',
    deniedCitation: '45 CFR 160.103 (disclosure)',
    exclusion: usExclusion,
  },
  'eu-2025-327-art9': {
    citation: 'Regulation (EU) 2025/327 art. 9',
    years: 3,
    periodCitation: 'Regulation (EU) 2025/327 art. 9(2): three years after each access',
    deniedCitation: 'Regulation (EU) 2025/327 art. 9(1): any access',
    exclusion: ({ purpose }) =>
      includesPurpose('HRESCH', purpose)
        ? ['SECONDARY_USE', 'Regulation (EU) 2025/327 ch. IV (art. 9 is about primary use)']
        : undefined,
  },
};

/**
 * The account that a law gives a person a right to, from the access log of one custodian. What it leaves out is listed with
 * the provision by which; the whole log is the person's to read in any case.
 *
 * @param entries of one patient, in any order.
 * @param at the instant of the person's request.
 */
export function disclosureReport(
  entries: readonly LogEntry[],
  law: DisclosureLaw,
  at: string,
): DisclosureReport {
  const rules = LAWS[law];
  const from = addPeriod(at.slice(0, 10), { years: -rules.years });
  const disclosures: LogEntry[] = [];
  const excluded: ExcludedEntry[] = [];
  for (const entry of entries.toSorted(inTime)) {
    const exclusion = exclusionOf(entry, rules, from);
    if (exclusion) {
      const [reason, citation] = exclusion;
      excluded.push({ receipt: entry.receipt, instant: entry.instant, reason, citation });
    } else {
      disclosures.push(entry);
    }
  }
  return { law, citation: rules.citation, from, to: at, disclosures, excluded };
}

function inTime(one: LogEntry, other: LogEntry): number {
  const [a, b] = [`${one.instant}/${one.receipt}`, `${other.instant}/${other.receipt}`];
  return a < b ? -1 : Number(a > b);
}

function exclusionOf(
  entry: LogEntry,
  { deniedCitation, periodCitation, exclusion }: LawRules,
  from: string,
): readonly [Exclusion, string] | undefined {
  if (entry.outcome === 'deny') return ['NOTHING_DISCLOSED', deniedCitation];
  if (entry.instant < from) return ['BEFORE_PERIOD', periodCitation];
  return exclusion(entry);
}

/** The exceptions of 45 CFR 164.528(a)(1), as far as purpose, recipient and basis tell them. */
const US_BY_PURPOSE: readonly (readonly [string, Exclusion, string])[] = [
  ['TREAT', 'TREATMENT_PAYMENT_OPERATIONS', '45 CFR 164.528(a)(1)(i)'],
  ['HPAYMT', 'TREATMENT_PAYMENT_OPERATIONS', '45 CFR 164.528(a)(1)(i)'],
  ['HOPERAT', 'TREATMENT_PAYMENT_OPERATIONS', '45 CFR 164.528(a)(1)(i)'],
  ['FAMRQT', 'PERSONS_INVOLVED_IN_CARE', '45 CFR 164.528(a)(1)(v)'],
  ['SUPNWK', 'PERSONS_INVOLVED_IN_CARE', '45 CFR 164.528(a)(1)(v)'],
  // A power of attorney makes a personal representative, who is treated as the individual (164.502(g)).
  ['PATRQT', 'TO_THE_INDIVIDUAL', '45 CFR 164.528(a)(1)(ii)'],
];

function usExclusion(entry: LogEntry): readonly [Exclusion, string] | undefined {
  if (entry.actor.mspId === entry.custodian) return ['USE_WITHIN_ENTITY', '45 CFR 160.103 (use, disclosure)'];
  const found = US_BY_PURPOSE.find(([purpose]) => includesPurpose(purpose, entry.purpose));
  if (found) return [found[1], found[2]];
  return isAuthorized(entry) ? ['AUTHORIZED', '45 CFR 164.528(a)(1)(iv)'] : undefined;
}

/** Whether it rests on what the patient signed or showed, and not on law alone. */
function isAuthorized({ rules, prescription }: LogEntry): boolean {
  return prescription !== undefined || rules.some(({ type, consent }) => type === 'permit' && consent !== '');
}
