import type { MeasureTerms, Metric } from './measure-terms.js';

/** How the measures of two outcomes compare. */
export interface MeasuresComparison {
  /** The part of their terms that they share, by weight, 0 to 1. */
  readonly likeness: number;
  readonly shared: readonly string[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** What tells that the same thing is measured otherwise; empty when nothing does. */
  readonly differences: readonly MeasureDifference[];
}

export type MeasureDifference = 'terms' | 'numbers' | 'metric';

/** Compares what two measures say. */
export function compareMeasures(before: MeasureTerms, after: MeasureTerms): MeasuresComparison {
  const pairs = pairTerms(before.terms, after.terms);
  const taken = new Set(pairs.values());
  const shared = [...pairs.keys()];
  const onlyBefore = [...before.terms.keys()].filter((term) => !pairs.has(term));
  const onlyAfter = [...after.terms.keys()].filter((term) => !taken.has(term));
  const common = sum(shared, before.terms) + sum([...taken], after.terms);
  const all = sum([...before.terms.keys()], before.terms) + sum([...after.terms.keys()], after.terms);
  return {
    likeness: all === 0 ? sameNumbers(before, after) : common / all,
    shared,
    onlyBefore,
    onlyAfter,
    differences: differencesOf(before, after, onlyBefore.length + onlyAfter.length > 0),
  };
}

function sameNumbers(before: MeasureTerms, after: MeasureTerms): number {
  return before.numbers.length > 0 && !haveOtherNumbers(before.numbers, after.numbers) ? 1 : 0;
}

function sum(terms: readonly string[], weights: ReadonlyMap<string, number>): number {
  return terms.reduce((total, term) => total + (weights.get(term) ?? 0), 0);
}

/** Equal terms, then such as differ by a slip of the pen. */
function pairTerms(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): ReadonlyMap<string, string> {
  const pairs = new Map([...before.keys()].filter((term) => after.has(term)).map((term) => [term, term]));
  for (const term of before.keys()) {
    if (pairs.has(term)) continue;
    const slip = [...after.keys()].find(
      (other) => !before.has(other) && ![...pairs.values()].includes(other) && isSlip(term, other),
    );
    if (slip !== undefined) pairs.set(term, slip);
  }
  return pairs;
}

/** One letter more, less or other in a long word, behind its first four: `ambulatory` and `ambulatry`, not `hyper…` and `hypo…`. */
function isSlip(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (short.length < 6 || long.length - short.length > 1 || short.slice(0, 4) !== long.slice(0, 4))
    return false;
  let start = 0;
  while (start < short.length && short[start] === long[start]) start += 1;
  let end = 0;
  while (end < short.length - start && short.at(-1 - end) === long.at(-1 - end)) end += 1;
  return start + end >= long.length - 1;
}

function differencesOf(
  before: MeasureTerms,
  after: MeasureTerms,
  haveOtherTerms: boolean,
): MeasureDifference[] {
  const differences: MeasureDifference[] = haveOtherTerms ? ['terms'] : [];
  if (haveOtherNumbers(before.numbers, after.numbers)) differences.push('numbers');
  if (contradict(before.metric, after.metric)) differences.push('metric');
  return differences;
}

/** Metrics that are named on both sides and are not one. How long until an event is never meant where it is not said. */
function contradict(one: Metric | undefined, other: Metric | undefined): boolean {
  if (one === 'time-to-event' || other === 'time-to-event') return one !== other;
  return one !== undefined && other !== undefined && one !== other;
}

/** Numbers are the same when each has its like on the other side; a bound counts where both state one. */
function haveOtherNumbers(one: readonly string[], other: readonly string[]): boolean {
  const isAmong = (number: string, list: readonly string[]): boolean =>
    list.some((that) => isSameNumber(number, that));
  return one.some((number) => !isAmong(number, other)) || other.some((number) => !isAmong(number, one));
}

function isSameNumber(one: string, other: string): boolean {
  const [first, second] = [one.split(' '), other.split(' ')];
  if (Number(first.at(-1)) !== Number(second.at(-1))) return false;
  return first.length !== 2 || second.length !== 2 || first[0] === second[0];
}
