/**
 * Pairs the elements of two lists that are alike, in order, each at most once; those in `pairs` (index in the first list →
 * index in the second) stay as they are. Adds to `pairs`.
 */
export function pairWhere<T>(
  first: readonly T[],
  second: readonly T[],
  pairs: Map<number, number>,
  areAlike: (one: T, other: T) => boolean,
): void {
  const taken = new Set(pairs.values());
  first.forEach((one, left) => {
    if (pairs.has(left)) return;
    const right = second.findIndex((other, index) => !taken.has(index) && areAlike(one, other));
    if (right < 0) return;
    pairs.set(left, right);
    taken.add(right);
  });
}

/** The indices of `list` that are not among `paired`. */
export function unpaired(list: readonly unknown[], paired: readonly number[]): number[] {
  const taken = new Set(paired);
  return [...list.keys()].filter((index) => !taken.has(index));
}
