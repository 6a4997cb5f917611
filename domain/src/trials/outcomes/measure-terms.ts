import { normalizedWords, stem } from './normalized-words.js';
import { timesWithin } from './time-frame.js';
import { CONCEPTS, FILLERS, INSTRUMENTS, QUALIFIERS, SYNONYMS } from './vocabulary.js';

/** How an outcome is put in figures, where its text says so. */
export type Metric = 'time-to-event' | 'percent-change' | 'change' | 'count' | 'curve';

/** What the text of a measure says, whatever its wording. */
export interface MeasureTerms {
  /** Terms with the weight that each has in telling outcomes apart. */
  readonly terms: ReadonlyMap<string, number>;
  /** Thresholds, grades and the like, with their bounds: `< 7`, `≥ 50`, `20`. */
  readonly numbers: readonly string[];
  readonly metric?: Metric;
  /** Times of observation that the measure itself states, in days. */
  readonly days: readonly number[];
}

const WEIGHTS = { concept: 2, word: 1, instrument: 0.5, qualifier: 0.35 } as const;

interface Phrase {
  readonly words: readonly string[];
  /** What it stands for: terms with their weights. */
  readonly terms: readonly (readonly [term: string, weight: number])[];
}

/** The vocabulary by first words, the longest phrases first. */
const PHRASES = phrasesByFirstWord();

const SAME_WORD: ReadonlyMap<string, string> = new Map(
  SYNONYMS.flatMap((line) => {
    const [first = '', ...others] = line.split('=').map((word) => word.trim());
    return others.map((other) => [other, first] as const);
  }),
);

function phrasesByFirstWord(): ReadonlyMap<string, readonly Phrase[]> {
  const read = (lines: readonly string[], weight: number): Phrase[] =>
    lines.flatMap((line) => {
      const [names = '', wider = ''] = line.split('->');
      return phrasesOf(names, weight, wider.trim() === '' ? [] : [wider.trim()]);
    });
  const byFirst = new Map<string, Phrase[]>();
  for (const phrase of [...read(CONCEPTS, WEIGHTS.concept), ...read(INSTRUMENTS, WEIGHTS.instrument)]) {
    const [first = ''] = phrase.words;
    byFirst.set(first, [...(byFirst.get(first) ?? []), phrase]);
  }
  for (const phrases of byFirst.values()) phrases.sort((one, other) => other.words.length - one.words.length);
  return byFirst;
}

function phrasesOf(names: string, weight: number, domain: readonly string[]): Phrase[] {
  const all = names.split('=').map((name) => name.trim());
  const [term = ''] = all;
  const terms = [[term, weight] as const, ...domain.flatMap(domainTerms)];
  return all.map((name) => ({ words: normalizedWords(name), terms }));
}

function domainTerms(text: string): (readonly [string, number])[] {
  if (CONCEPTS.some((line) => line.split('=')[0]?.trim() === text)) return [[text, WEIGHTS.concept]];
  return normalizedWords(text).map((word) => [stem(word), WEIGHTS.word] as const);
}

/** Reads a measure, or what describes one. */
export function measureTerms(text: string, kind: 'measure' | 'description' = 'measure'): MeasureTerms {
  const all = normalizedWords(withoutRanges(text));
  const { days, words } = timesWithin(all, kind);
  const { terms, numbers } = readWords(words);
  // A measure of nothing but words that say little, such as "Safety", is told apart by them.
  if (terms.size === 0) for (const word of words.filter(isLong)) terms.set(stem(word), WEIGHTS.word);
  const metric = metricOf(all);
  return { terms, numbers: [...new Set(numbers)].sort(), days, ...(metric === undefined ? {} : { metric }) };
}

function readWords(words: readonly string[]): {
  readonly terms: Map<string, number>;
  readonly numbers: string[];
} {
  const terms = new Map<string, number>();
  const numbers: string[] = [];
  const add = (term: string, weight: number): void => {
    terms.set(term, Math.max(weight, terms.get(term) ?? 0));
  };
  for (let at = 0; at < words.length;) {
    const phrase = phraseAt(words, at);
    if (phrase) for (const [term, weight] of phrase.terms) add(term, weight);
    else readWord(words, at, add, numbers);
    at += phrase?.words.length ?? 1;
  }
  return { terms, numbers };
}

const isLong = (word: string): boolean => /^\p{L}{3}/u.test(word);

/** The range of a scale, `0-10` or `(0 to 100 mm)`, is part of its name. */
function withoutRanges(text: string): string {
  return text.replace(/\b0\s*(?:-|–|to)\s*100?\b/gu, ' ');
}

function phraseAt(words: readonly string[], at: number): Phrase | undefined {
  const phrases = PHRASES.get(words[at] ?? '') ?? [];
  return phrases.find((phrase) => phrase.words.every((word, index) => words[at + index] === word));
}

function readWord(
  words: readonly string[],
  at: number,
  add: (term: string, weight: number) => void,
  numbers: string[],
): void {
  const word = SAME_WORD.get(words[at] ?? '') ?? words[at] ?? '';
  if (/^\d/u.test(word)) {
    const before = words[at - 1] ?? '';
    numbers.push(/^[<>≤≥]$/u.test(before) ? `${before} ${word}` : word);
  } else if (/^\p{L}/u.test(word) && !FILLERS.has(word)) {
    add(stem(word), QUALIFIERS.has(word) ? WEIGHTS.qualifier : WEIGHTS.word);
  }
}

const METRICS: readonly (readonly [metric: Metric, pattern: RegExp])[] = [
  ['time-to-event', /\btime (?:from \w+ )?(?:to|until)\b/u],
  ['curve', /\barea under\b|\bauc\b/u],
  [
    'percent-change',
    /\bpercent(?:age)? (?:change|reduction|increase|decrease)\b|\b(?:change|reduction|increase|decrease)\b.*(?:%|\bpercent\b)/u,
  ],
  ['change', /\bchange\b|\breduction\b|\bdecline\b|\bdecrease\b|\bincrease\b/u],
  [
    'count',
    /\bproportion\b|\bpercentage\b|\bnumber of\b|\bincidence\b|\brate\b|\bparticipants\b|\bpatients (?:with|who)\b/u,
  ],
];

/** A reduction by a threshold is an event that is counted, not a change. */
function metricOf(words: readonly string[]): Metric | undefined {
  const text = words.join(' ');
  const metric = METRICS.find(([, pattern]) => pattern.test(text))?.[0];
  const hasThreshold = /[<>≤≥] \d/u.test(text);
  return hasThreshold && (metric === 'change' || metric === 'percent-change') ? 'count' : metric;
}
