import { VitaledgerError } from '../errors/vitaledger-error.js';
import { spanOf } from './dates.js';
import type { RecordMetadata } from './record.js';
import { RETENTION_RULES } from './retention-rules.js';

/** A duty to keep records for a time, as a law puts it. */
export interface RetentionRule {
  readonly id: string;
  /** ISO 3166; of a country, for all its subdivisions too. */
  readonly jurisdiction: string;
  /** Calendar years from the record's clinical date. */
  readonly years: number;
  /** Calendar years from the patient's coming of age, where that ends later. */
  readonly afterMajority?: number;
  readonly citation: string;
  /** What the cited text asks for. */
  readonly says: string;
  /** First day on which the rule is applied here. */
  readonly from: string;
  /** First day on which it is not applied any more. */
  readonly to?: string;
}

/** A rule that still keeps a record, and until when. */
export interface Retention {
  readonly rule: string;
  readonly citation: string;
  /** The first instant at which the record may be erased as far as this rule goes. */
  readonly until: string;
}

/**
 * Why a record is to be erased. The first three are Regulation (EU) 2016/679 art. 17(1)(a) to (c), and yield to a duty to keep it
 * (art. 17(3)(b)). Before the last three no such duty stands: it was processed unlawfully (17(1)(d)), another law demands the
 * erasure (17(1)(e)), or it was never a record of this patient.
 */
export const ERASURE_GROUNDS = [
  'no-longer-necessary',
  'consent-withdrawn',
  'objection',
  'unlawful',
  'legal-obligation',
  'wrong-person',
] as const;

export type ErasureGround = (typeof ERASURE_GROUNDS)[number];

const YIELDING: readonly ErasureGround[] = ['no-longer-necessary', 'consent-withdrawn', 'objection'];

type Kept = Pick<RecordMetadata, 'date' | 'registered'>;

/** The rules by which a record must still be kept at `instant`, the one that ends last first. */
export function retentionsOf(
  record: Kept,
  custody: { readonly jurisdiction: string; readonly ageOut?: string | undefined },
  instant: string,
  rules: readonly RetentionRule[] = RETENTION_RULES,
): readonly Retention[] {
  return rules
    .filter((rule) => isInForce(rule, instant) && isWithin(custody.jurisdiction, rule.jurisdiction))
    .map((rule) => ({
      rule: rule.id,
      citation: rule.citation,
      until: endOf(rule, record, custody.ageOut),
    }))
    .filter(({ until }) => instant < until)
    .sort((a, b) => (a.until < b.until ? 1 : -1));
}

/**
 * Refuses an erasure that a duty to keep the record forbids.
 *
 * @throws VitaledgerError `PRECONDITION_FAILED` (`RETENTION`) with the rule and its citation; until when is personal, and not in it.
 */
export function refuseRetained(ground: ErasureGround, retentions: readonly Retention[]): void {
  const [longest] = retentions;
  if (!longest || !YIELDING.includes(ground)) return;
  const { rule, citation } = longest;
  throw new VitaledgerError(
    'PRECONDITION_FAILED',
    `The record must still be kept: ${citation}. A duty to keep it goes before this ground of erasure (Regulation (EU) 2016/679 art. 17(3)(b), and alike elsewhere).`,
    { reason: 'RETENTION', rule, citation },
  );
}

function isInForce({ from, to }: RetentionRule, instant: string): boolean {
  return instant >= from && (to === undefined || instant < to);
}

function isWithin(jurisdiction: string, wider: string): boolean {
  return jurisdiction === wider || jurisdiction.startsWith(`${wider}-`);
}

function endOf({ years, afterMajority }: RetentionRule, { date, registered }: Kept, ageOut?: string): string {
  const last = date === undefined ? undefined : spanOf(date)?.last;
  const own = plusYears(last ?? Date.parse(registered), years);
  const grownUp =
    afterMajority === undefined || ageOut === undefined ? own : plusYears(Date.parse(ageOut), afterMajority);
  return new Date(Math.max(own, grownUp)).toISOString();
}

function plusYears(time: number, years: number): number {
  const end = new Date(time);
  end.setUTCFullYear(end.getUTCFullYear() + years);
  return end.getTime();
}
