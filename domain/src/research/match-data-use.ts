import { all } from '../decision/tri.js';
import { conditionFinding, endOfUse, type ConditionContext } from './conditions.js';
import type { Ancestors } from './coverage.js';
import type { DataUse, DataUseModifier } from './data-use.js';
import { findingOf, type TermFinding } from './findings.js';
import { permissionFindings } from './permission.js';
import type { ResearchPurpose, Undertaking } from './research-purpose.js';

/** Name and version of the rules; a change of any answer changes it. */
export const DATA_USE_MATCHER = 'vitaledger/duo/1';

export interface DataUseContext {
  /** ISO 8601 UTC with milliseconds. */
  readonly instant: string;
  /** When the study's use of these data began; the instant if it has not. */
  readonly began?: string;
  /** Of each disease and type of the study, everything above it in its ontology. */
  readonly ancestors?: Ancestors;
}

/** What binds a study whose use is approved. */
export type DataUseObligation =
  | { readonly term: Exclude<Undertaking, 'MOR'> }
  /** Publish nothing before this day. */
  | { readonly term: 'MOR'; readonly until: string }
  /** Stop before this day. */
  | { readonly term: 'TS'; readonly before: string };

/** Whether a study may use data under their terms, and why. */
export interface DataUseMatch {
  readonly matcher: typeof DATA_USE_MATCHER;
  readonly instant: string;
  /** `abstain`: a committee of people decides. */
  readonly outcome: 'approve' | 'deny' | 'abstain';
  /** One finding for each aim of the study under the permission, then one for each modifier. */
  readonly evidence: readonly TermFinding[];
  /** Whatever the outcome: what an approval (by this or by the committee) binds the study to. */
  readonly obligations: readonly DataUseObligation[];
}

/**
 * Matches a study's purpose against data-use terms. Every term must hold: one that does not denies, one that only a person
 * can judge abstains. Pure: the same input gives the same canonical JSON. The choices that DUO leaves open are declared in
 * `docs/data-use.md`.
 */
export function matchDataUse(
  dataUse: DataUse,
  purpose: ResearchPurpose,
  { instant, began = instant, ancestors = {} }: DataUseContext,
): DataUseMatch {
  const context: ConditionContext = { day: instant.slice(0, 10), began: began.slice(0, 10), ancestors };
  const evidence = [
    ...permissionFindings(dataUse, purpose, ancestors),
    ...dataUse.modifiers.map((term) => findingOf(term.code, conditionFinding(term, purpose, context))),
  ];
  return {
    matcher: DATA_USE_MATCHER,
    instant,
    outcome: OUTCOMES[all(evidence.map(({ holds }) => holds))],
    evidence,
    obligations: dataUse.modifiers.flatMap((term) => obligationOf(term, context) ?? []),
  };
}

const OUTCOMES = { yes: 'approve', no: 'deny', maybe: 'abstain' } as const;

function obligationOf(
  term: DataUseModifier,
  { day, began }: ConditionContext,
): DataUseObligation | undefined {
  if (term.code === 'PUB' || term.code === 'COL' || term.code === 'RTN') return { term: term.code };
  if (term.code === 'TS') return { term: 'TS', before: endOfUse(began, term.months) };
  if (term.code === 'MOR' && day < term.until) return { term: 'MOR', until: term.until };
  return undefined;
}
