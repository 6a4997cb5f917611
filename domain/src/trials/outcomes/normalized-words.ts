const NUMBERS: Readonly<Record<string, string>> = Object.fromEntries(
  'one two three four five six seven eight nine ten eleven twelve'
    .split(' ')
    .map((word, index) => [word, String(index + 1)]),
);

/** Signs and words for a bound, and what they are called here. The longest come first. */
const BOUNDS: readonly (readonly [pattern: RegExp, sign: string])[] = [
  [/\b(?:greater|more|higher) than or equal to\b|\bat least\b|>=|\bno less than\b/gu, ' ≥ '],
  [
    /\b(?:less|fewer|lower) than or equal to\b|\bat most\b|<=|\bno more than\b|\bup to and including\b/gu,
    ' ≤ ',
  ],
  [/\b(?:greater|more|higher) than\b|\babove\b|\bexceeding\b/gu, ' > '],
  [/\b(?:less|fewer|lower) than\b|\bbelow\b|\bunder\b/gu, ' < '],
];

/** British spellings of words, in the order in which they are made American. */
const SPELLINGS: readonly (readonly [pattern: RegExp, american: string])[] = [
  [/ae/gu, 'e'],
  [/oe(?=[a-z])/gu, 'e'],
  [/our$/u, 'or'],
  [/ours$/u, 'ors'],
  [/is(e|ed|es|ing|ation|ations)$/u, 'iz$1'],
  [/yse(d|s)?$/u, 'yze$1'],
  [/logue$/u, 'log'],
  [/tre(s)?$/u, 'ter$1'],
];
const OF_ONE_SPELLING = new Set(
  'our hour hours four your disease diseases exercise rise wise raise raised noise'.split(' '),
);

/**
 * A text as words: lower case, American spelling, letters and digits apart (`HbA1c` is `hba 1 c`), number words as digits, bounds as
 * one of `< ≤ > ≥`, and `%`. Thousands have no separators, decimals a point.
 */
export function normalizedWords(text: string): string[] {
  let plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(?<=\d),(?=\d{3}\b)/gu, '');
  for (const [pattern, sign] of BOUNDS) plain = plain.replace(pattern, sign);
  plain = plain.replace(
    /(\d+(?:\.\d+)?)\s*(%|[a-z]+)?\s*(?:or|and) (?:more|greater|higher|above|over|older)\b/gu,
    '≥ $1 $2',
  );
  plain = plain.replace(
    /(\d+(?:\.\d+)?)\s*(%|[a-z]+)?\s*(?:or|and) (?:less|fewer|lower|under|younger)\b/gu,
    '≤ $1 $2',
  );
  const found = plain.match(/\d+(?:\.\d+)?|[\p{L}\p{M}]+|[<>≤≥%]/gu) ?? [];
  return found.map((word) => NUMBERS[word] ?? spelled(word));
}

function spelled(word: string): string {
  if (word.length < 4 || OF_ONE_SPELLING.has(word)) return word;
  return SPELLINGS.reduce((spelling, [pattern, american]) => spelling.replace(pattern, american), word);
}

/** The beginning that the forms of a word share: `infections`, `infected` and `infection` are `infect`. */
export function stem(word: string): string {
  if (word.length < 5) return word.length === 4 && /[^s]s$/u.test(word) ? word.slice(0, -1) : word;
  const cut = word.replace(
    /(?:ically|ical|ations|ation|ions|ion|ments|ment|ies|ied|ing|ed|es|s|ly|al|ic|ive|y|e)$/u,
    '',
  );
  return cut.length >= 4 ? cut : word.replace(/s$/u, '');
}
