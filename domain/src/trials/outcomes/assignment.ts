/**
 * Pairs rows with columns so that the sum of the pairs' gains is greatest (Hungarian method, successive shortest paths). Pairs without a
 * gain are not made. Among equal sums the one found first counts, always the same for the same table.
 *
 * @param gains rows of numbers of 0 or more, all of one length.
 * @returns row → column.
 */
export function bestPairs(gains: readonly (readonly number[])[]): ReadonlyMap<number, number> {
  const [rows, columns] = [gains.length, gains[0]?.length ?? 0];
  const size = Math.max(rows, columns);
  const cost = (row: number, column: number): number => -(gains[row]?.[column] ?? 0);
  // Potentials of rows and columns, and the row of each column; index 0 stands for none.
  const u = new Float64Array(size + 1);
  const v = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1);
  for (let row = 1; row <= size; row++) augment(row, size, cost, { u, v, rowOf });
  const pairs = new Map<number, number>();
  for (let column = 1; column <= size; column++) {
    const row = rowOf[column] ?? 0;
    if (cost(row - 1, column - 1) < 0) pairs.set(row - 1, column - 1);
  }
  return pairs;
}

interface Potentials {
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly rowOf: Int32Array;
}

/** Finds a column for one more row, moving others along the shortest path. */
function augment(
  row: number,
  size: number,
  cost: (row: number, column: number) => number,
  potentials: Potentials,
): void {
  const { rowOf } = potentials;
  const search: Search = {
    least: new Float64Array(size + 1).fill(Infinity),
    way: new Int32Array(size + 1),
    used: new Uint8Array(size + 1),
  };
  rowOf[0] = row;
  let column = 0;
  do {
    search.used[column] = 1;
    const next = nearest(column, size, cost, potentials, search);
    shift(next.distance, size, potentials, search);
    column = next.column;
  } while (rowOf[column] !== 0);
  while (column !== 0) {
    const before = search.way[column] ?? 0;
    rowOf[column] = rowOf[before] ?? 0;
    column = before;
  }
}

/** A search for the shortest path: to each column how far, by which column, and whether it has been reached. */
interface Search {
  readonly least: Float64Array;
  readonly way: Int32Array;
  readonly used: Uint8Array;
}

/** The column that is nearest once the way over `column` is known. */
function nearest(
  column: number,
  size: number,
  cost: (row: number, column: number) => number,
  { u, v, rowOf }: Potentials,
  { least, way, used }: Search,
): { readonly column: number; readonly distance: number } {
  const row = rowOf[column] ?? 0;
  let found = { column: 0, distance: Infinity };
  for (let other = 1; other <= size; other++) {
    if (used[other] === 1) continue;
    const reduced = cost(row - 1, other - 1) - at(u, row) - at(v, other);
    if (reduced < at(least, other)) {
      least[other] = reduced;
      way[other] = column;
    }
    if (at(least, other) < found.distance) found = { column: other, distance: at(least, other) };
  }
  return found;
}

/** Moves the potentials so that the nearest column lies on a path of no cost. */
function shift(distance: number, size: number, { u, v, rowOf }: Potentials, { least, used }: Search): void {
  for (let other = 0; other <= size; other++) {
    if (used[other] === 1) {
      const row = rowOf[other] ?? 0;
      u[row] = at(u, row) + distance;
      v[other] = at(v, other) - distance;
    } else least[other] = at(least, other) - distance;
  }
}

function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0;
}
