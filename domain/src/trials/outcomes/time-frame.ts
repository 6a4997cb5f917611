import { normalizedWords } from './normalized-words.js';

/** When an outcome is observed, as far as its text says. */
export interface ObservedTimes {
  /** Days after the start of whatever it counts from, ascending; none of the baseline. */
  readonly days: readonly number[];
  /** What it counts from or ends with: `surgery`, `discharge`, … */
  readonly anchors: readonly string[];
  /** The words that are neither. */
  readonly rest: readonly string[];
}

const DAYS: Readonly<Record<string, number>> = {
  minute: 1 / 1440,
  min: 1 / 1440,
  hour: 1 / 24,
  hr: 1 / 24,
  h: 1 / 24,
  day: 1,
  d: 1,
  week: 7,
  wk: 7,
  month: 365.25 / 12,
  mo: 365.25 / 12,
  year: 365.25,
  yr: 365.25,
};

const ANCHORS: readonly (readonly [name: string, pattern: RegExp])[] = [
  [
    'end of treatment',
    /\b(?:last|final) (?:dose|administration|infusion|injection)\b|\bend of (?:the )?(?:treatment|therapy|intervention)\b|\bpost ?treatment\b|\bafter (?:the )?treatment\b/gu,
  ],
  ['discharge', /\bdischarge[d]?\b/gu],
  [
    'surgery',
    /\bsurgery\b|\bsurgical procedure\b|\boperation\b|\bpost ?operative(?:ly)?\b|\bpost ?op\b|\barthroplasty\b/gu,
  ],
  ['birth', /\bbirth\b|\bdelivery\b|\bpost ?partum\b/gu],
  ['transplantation', /\btransplant(?:ation)?\b/gu],
  ['vaccination', /\bvaccin(?:ation|e dose)\b/gu],
  ['corrected age', /\bcorrected age\b|\bpostmenstrual age\b/gu],
  ['intensive care', /\bicu\b|\bintensive care\b/gu],
  ['progression', /\bprogression\b/gu],
  ['death', /\bdeath\b/gu],
];

const POSITIONS = new Set(['first', 'last']);
const JOINS = new Set(['and', 'or', 'to', 'through', 'until']);
const NOISE = new Set(
  'a an at the of in on by about approximately approx average is from for up within over after before baseline and or to through until during post time pre dose dosing each every as assessed measured following study visit visits end completion enrollment randomization since'.split(
    ' ',
  ),
);

/** What a time frame says: `Baseline, weeks 4 and 12` is 28 and 84 days. */
export function observedTimes(timeFrame: string): ObservedTimes {
  const { days, words } = takeTimes(normalizedWords(timeFrame), () => true);
  let text = words.join(' ');
  const anchors: string[] = [];
  for (const [name, pattern] of ANCHORS) {
    const without = text.replace(pattern, ' ');
    if (without !== text) anchors.push(name);
    text = without;
  }
  const rest = text.split(' ').filter((word) => word !== '' && !NOISE.has(word));
  return { days: points(days), anchors, rest };
}

/** Words after which a length of time is when something is observed, not part of what is observed. */
const BEFORE_TIMES = new Set(
  'at by after within over through until to first last week weeks month months day days year years from during next past'.split(
    ' ',
  ),
);
/** What is observed over a length of time that stands before it: `28-day mortality`. */
const EVENTS = new Set('mortality survival death readmission all cause overall'.split(' '));

/**
 * Takes the times out of the words of a measure: `mortality at 28 days`, `28-day mortality`; not those of `6-minute walk`.
 *
 * @param kind of a description, every length of time is taken.
 */
export function timesWithin(
  words: readonly string[],
  kind: 'measure' | 'description',
): { readonly days: readonly number[]; readonly words: readonly string[] } {
  const { days, words: others } = takeTimes(withoutMoments(words), (start, end) => {
    if (kind === 'description') return true;
    const before = words[start - 1] ?? '';
    return BEFORE_TIMES.has(before) || EVENTS.has(words[end] ?? '');
  });
  return { days: points(days), words: others };
}

/** `at the time of surgery`, `at follow-up` */
const MOMENT =
  /\bat (?:the )?(?:time of )?(?:surgery|discharge|birth|delivery|follow up|end of treatment|end of study)\b/gu;

function withoutMoments(words: readonly string[]): string[] {
  return words
    .join(' ')
    .replace(MOMENT, ' ')
    .split(' ')
    .filter((word) => word !== '');
}

interface Taken {
  readonly days: number[];
  readonly words: string[];
}

/** Numbers beside a unit of time, as days, and all other words; `isTime` decides by where they begin and end. */
function takeTimes(words: readonly string[], isTime: (start: number, end: number) => boolean): Taken {
  const taken: Taken = { days: [], words: [] };
  let at = 0;
  while (at < words.length) {
    const numbers = numbersAt(words, at);
    const span = numbers && spanAt(words, at, numbers);
    if (span && isTime(span.start, span.end)) {
      if (span.start < at) taken.words.pop();
      taken.days.push(...span.values.map((value) => value * span.unit));
      at = span.end;
    } else {
      taken.words.push(words[at] ?? '');
      at += 1;
    }
  }
  return taken;
}

interface NumberList {
  readonly values: readonly number[];
  /** Behind the last one. */
  readonly end: number;
}

function numbersAt(words: readonly string[], start: number): NumberList | undefined {
  const values: number[] = [];
  let end = start;
  for (let at = start; at < words.length; at++) {
    const word = words[at] ?? '';
    if (/^\d/u.test(word)) {
      values.push(Number(word));
      end = at + 1;
    } else if (values.length === 0 || !JOINS.has(word)) break;
  }
  return values.length === 0 ? undefined : { values, end };
}

interface TimeSpan {
  readonly start: number;
  readonly end: number;
  readonly values: readonly number[];
  readonly unit: number;
}

function spanAt(words: readonly string[], start: number, { values, end }: NumberList): TimeSpan | undefined {
  const [behind, ahead] = [unitOf(words[end]), unitOf(words[start - 1])];
  // In "month 3, week 12" the second unit belongs to the second number.
  const isNexts = ahead !== undefined && /^\d/u.test(words[end + 1] ?? '');
  if (behind !== undefined && !isNexts) return { start, end: end + 1, values, unit: behind };
  return ahead === undefined ? undefined : { start: start - 1, end, values, unit: ahead };
}

function unitOf(word = ''): number | undefined {
  return DAYS[word] ?? (word.endsWith('s') ? DAYS[word.slice(0, -1)] : undefined);
}

/** Without the baseline: day 0, and day 1 when it is not the last. */
function points(days: readonly number[]): readonly number[] {
  const sorted = [...new Set(days)].filter((day) => day > 0).sort((one, other) => one - other);
  const isBaseline = sorted[0] === 1 && (sorted.at(-1) ?? 0) >= 7;
  return isBaseline ? sorted.slice(1) : sorted;
}

/** 52 weeks and a year, 90 days and three months are one time. */
const TOLERANCE = 0.02;
/** Times so close within one text say the same twice: `3 months (week 12)`. */
const RESTATED = 0.09;

/** Whether two lists of days are the same points in time. */
export function areSameDays(one: readonly number[], other: readonly number[]): boolean {
  const [left, right] = [groups(one), groups(other)];
  return left.length === right.length && left.every((group, index) => meet(group, right[index] ?? []));
}

function groups(days: readonly number[]): number[][] {
  const found: number[][] = [];
  for (const day of [...days].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && day <= (last[0] ?? 0) * (1 + RESTATED)) last.push(day);
    else found.push([day]);
  }
  return found;
}

function meet(one: readonly number[], other: readonly number[]): boolean {
  return one.some((day) => other.some((that) => Math.abs(day - that) <= TOLERANCE * Math.max(day, that)));
}

/** Whether two time frames say one time, in whatever words; `days` of the measures are added to those of the frames. */
export function areSameTimes(one: ObservedTimes, other: ObservedTimes): boolean {
  if (one.days.length > 0 && other.days.length > 0) {
    return (
      areSameDays(one.days, other.days) &&
      !contradict(one.anchors, other.anchors) &&
      !contradict(positions(one), positions(other))
    );
  }
  if (one.days.length + other.days.length > 0) return share(one.anchors, other.anchors);
  const isBare = one.anchors.length + one.rest.length === 0 && other.anchors.length + other.rest.length === 0;
  return (
    isBare ||
    (share([...one.anchors, ...one.rest], [...other.anchors, ...other.rest]) &&
      !contradict(numbers(one), numbers(other)))
  );
}

const positions = ({ rest }: ObservedTimes): string[] => rest.filter((word) => POSITIONS.has(word));
const numbers = ({ rest }: ObservedTimes): string[] => rest.filter((word) => /^\d/u.test(word));

function contradict(one: readonly string[], other: readonly string[]): boolean {
  return one.length > 0 && other.length > 0 && !share(one, other);
}

function share(one: readonly string[], other: readonly string[]): boolean {
  return one.some((word) => other.includes(word));
}
