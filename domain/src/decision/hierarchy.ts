/** Codes by the codes directly below them. A code may stand below several. */
export type Hierarchy = Readonly<Record<string, readonly string[]>>;

/** For every code of a hierarchy, itself and all codes below it. */
export function closureOf(hierarchy: Hierarchy): ReadonlyMap<string, ReadonlySet<string>> {
  const codes = new Set([...Object.keys(hierarchy), ...Object.values(hierarchy).flat()]);
  return new Map([...codes].map((code) => [code, below(code, hierarchy)]));
}

function below(code: string, hierarchy: Hierarchy): ReadonlySet<string> {
  const found = new Set([code]);
  // A set grows while it is iterated, so this visits every descendant once.
  for (const next of found) for (const child of hierarchy[next] ?? []) found.add(child);
  return found;
}
