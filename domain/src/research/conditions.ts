import type { Tri } from '../decision/tri.js';
import { addPeriod } from '../trials/clocks/legal-dates.js';
import { coverageOf, isBelowAny, isWithinRegions, type Ancestors, type Coverage } from './coverage.js';
import type { DataUseModifier } from './data-use.js';
import type { Finding } from './findings.js';
import type { ResearchPurpose, Undertaking } from './research-purpose.js';

/** What a condition is judged by, besides the study's purpose. */
export interface ConditionContext {
  /** The day of the decision, `YYYY-MM-DD` in UTC. */
  readonly day: string;
  /** The day on which the study's use of these data began, or would. */
  readonly began: string;
  readonly ancestors: Ancestors;
}

type Condition<C extends DataUseModifier['code']> = (
  term: Extract<DataUseModifier, { code: C }>,
  purpose: ResearchPurpose,
  context: ConditionContext,
) => Finding;

/** Whether a study meets a condition. */
export function conditionFinding(
  term: DataUseModifier,
  purpose: ResearchPurpose,
  context: ConditionContext,
): Finding {
  const condition = CONDITIONS[term.code] as (
    term: DataUseModifier,
    purpose: ResearchPurpose,
    context: ConditionContext,
  ) => Finding;
  return condition(term, purpose, context);
}

/** The first day on which a term of `months` no longer lets data be used, for a use that began on `began`. */
export function endOfUse(began: string, months: number): string {
  return addPeriod(began, { months });
}

const CONDITIONS: { readonly [C in DataUseModifier['code']]: Condition<C> } = {
  NMDS: (_, { aims }) => met(!aims.includes('methods')),
  NPOA: (_, { aims }) => met(!aims.includes('ancestry')),
  GSO: (_, { genetic }) => met(genetic),
  NPU: (_, { notForProfit }) => met(notForProfit),
  NCU: (_, { commercial }) => met(commercial === undefined ? undefined : !commercial),
  NPUNCU: (_, { notForProfit, commercial }) => met(neither(notForProfit, commercial)),
  CC: () => met(true),
  IRB: (_, { ethics }, { day }) => approval(ethics, day),
  PUB: (_, purpose) => undertaking('PUB', purpose),
  COL: (_, purpose) => undertaking('COL', purpose),
  RTN: (_, purpose) => undertaking('RTN', purpose),
  MOR: ({ until }, purpose, { day }) => moratorium(until, purpose, day),
  TS: ({ months }, purpose, context) => timeLimit(months, purpose, context),
  GS: ({ regions }, purpose) => allOf(purpose.regions, (place) => isWithinRegions(regions, place)),
  US: ({ approved }, { users }) => allOf(users, amongst(approved)),
  IS: ({ approved }, { institutions }) => allOf(institutions, amongst(approved)),
  PS: ({ approved }, { project }) => allOf(project === undefined ? undefined : [project], amongst(approved)),
  RS: ({ types }, purpose, { ancestors }) =>
    allOf(purpose.types, (type) => isBelowAny(types, type, ancestors)),
};

function met(holds: boolean | undefined): Finding {
  if (holds === undefined) return { holds: 'maybe', reason: 'FACT_UNKNOWN' };
  return holds ? { holds: 'yes', reason: 'CONDITION_MET' } : { holds: 'no', reason: 'CONDITION_NOT_MET' };
}

/** Neither an organization nor a use for profit; one that is settles it, whatever the other. */
function neither(notForProfit: boolean | undefined, commercial: boolean | undefined): boolean | undefined {
  if (notForProfit === false || commercial === true) return false;
  return notForProfit === undefined || commercial === undefined ? undefined : true;
}

function amongst(approved: readonly string[]): (entry: string) => Tri {
  return (entry) => (approved.includes(entry) ? 'yes' : 'no');
}

const ALL_REASONS = {
  all: ['yes', 'CONDITION_MET'],
  // Part of a study within an approved place, or some of its users approved: the others may not, so the study may not.
  some: ['no', 'CONDITION_PARTLY_MET'],
  none: ['no', 'CONDITION_NOT_MET'],
} as const satisfies Record<Exclude<Coverage['within'], 'unknown'>, readonly [Tri, Finding['reason']]>;

function allOf(entries: readonly string[] | undefined, covers: (entry: string) => Tri): Finding {
  if (!entries) return { holds: 'maybe', reason: 'FACT_UNKNOWN' };
  const certainly = entries.filter((entry) => covers(entry) === 'no');
  if (certainly.length > 0) {
    const [holds, reason] = ALL_REASONS[certainly.length < entries.length ? 'some' : 'none'];
    return { holds, reason, values: certainly };
  }
  const { within, outside } = coverageOf(entries, covers);
  if (within === 'unknown') return { holds: 'maybe', reason: 'ANCESTORS_UNKNOWN', values: outside };
  const [holds, reason] = ALL_REASONS[within];
  return { holds, reason };
}

function undertaking(code: Undertaking, { undertakings }: ResearchPurpose): Finding {
  return undertakings.includes(code)
    ? { holds: 'yes', reason: 'UNDERTAKEN' }
    : { holds: 'no', reason: 'UNDERTAKING_MISSING' };
}

function approval(ethics: ResearchPurpose['ethics'], day: string): Finding {
  if (!ethics) return { holds: 'no', reason: 'APPROVAL_MISSING' };
  const hasEnded = ethics.until !== undefined && ethics.until < day;
  return hasEnded ? { holds: 'no', reason: 'APPROVAL_EXPIRED' } : met(true);
}

function moratorium(until: string, purpose: ResearchPurpose, day: string): Finding {
  if (day >= until) return { holds: 'yes', reason: 'MORATORIUM_OVER' };
  if (purpose.publication === undefined) return undertaking('MOR', purpose);
  return purpose.publication < until ? { holds: 'no', reason: 'PUBLISHED_TOO_EARLY' } : met(true);
}

function timeLimit(months: number, { until }: ResearchPurpose, { day, began }: ConditionContext): Finding {
  const end = endOfUse(began, months);
  if (day >= end) return { holds: 'no', reason: 'TIME_OVER' };
  if (until !== undefined && until >= end) return { holds: 'no', reason: 'USE_OUTLASTS_TIME' };
  return { holds: 'yes', reason: 'TIME_LEFT' };
}
