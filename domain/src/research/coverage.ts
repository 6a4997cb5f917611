import type { Tri } from '../decision/tri.js';

/** For a CURIE, everything above it, in its own and in equivalent terms of other ontologies. */
export type Ancestors = Readonly<Record<string, readonly string[]>>;

/** How far what a study has is within what terms allow. */
export interface Coverage {
  readonly within: 'all' | 'some' | 'none' | 'unknown';
  /** The entries that are not, or not certainly, within. */
  readonly outside: readonly string[];
}

/** How far these entries are within what is allowed; `covers` says it of one. */
export function coverageOf(entries: readonly string[], covers: (entry: string) => Tri): Coverage {
  const found = entries.map((entry) => ({ entry, covered: covers(entry) }));
  const outside = found.filter(({ covered }) => covered !== 'yes').map(({ entry }) => entry);
  if (found.some(({ covered }) => covered === 'maybe')) return { within: 'unknown', outside };
  if (outside.length === 0 && entries.length > 0) return { within: 'all', outside };
  return { within: outside.length < entries.length ? 'some' : 'none', outside };
}

/** Whether a CURIE is one of the allowed, or below one. Without its ancestors in an allowed one's ontology nobody can tell. */
export function isBelowAny(allowed: readonly string[], curie: string, ancestors: Ancestors): Tri {
  if (allowed.includes(curie)) return 'yes';
  const above = Object.hasOwn(ancestors, curie) ? ancestors[curie] : undefined;
  if (!above) return 'maybe';
  if (above.some((one) => allowed.includes(one))) return 'yes';
  const known = new Set([curie, ...above].map(ontologyOf));
  return allowed.every((one) => known.has(ontologyOf(one))) ? 'no' : 'maybe';
}

/** Whether a place is one of the allowed, or within one. A country of which only a part is allowed is neither. */
export function isWithinRegions(allowed: readonly string[], place: string): Tri {
  if (allowed.some((one) => one === place || place.startsWith(`${one}-`))) return 'yes';
  return allowed.some((one) => one.startsWith(`${place}-`)) ? 'maybe' : 'no';
}

function ontologyOf(curie: string): string {
  return curie.slice(0, curie.indexOf(':'));
}
