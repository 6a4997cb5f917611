import type { Json } from './read-write-sets.js';
import type { Deviation } from './traces.js';

/** One place where a replay says something else than the trace. */
export interface Difference {
  readonly path: string;
  readonly expected: Json | undefined;
  readonly actual: Json | undefined;
}

/** Every place in which two transcripts differ. Lists are compared by position. */
export function differences(
  expected: Json | undefined,
  actual: Json | undefined,
  path = '',
): readonly Difference[] {
  if (isObject(expected) && isObject(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => differences(expected[key], actual[key], `${path}/${key}`));
  }
  return JSON.stringify(expected) === JSON.stringify(actual) ? [] : [{ path, expected, actual }];
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null;
}

/** The deviation that lists a difference of a trace, if one does. */
export function listedAs(
  trace: string,
  difference: Difference,
  deviations: readonly Deviation[],
): Deviation | undefined {
  return deviations.find(
    ({ traces, path }) =>
      new RegExp(`^(${traces.replaceAll('*', '.*')})$`).test(trace) && new RegExp(path).test(difference.path),
  );
}

/** For a person: what a trace says, and what was said instead. */
export function describeDifference({ path, expected, actual }: Difference): string {
  return `${path}\n    Fabric: ${JSON.stringify(expected)}\n    here:   ${JSON.stringify(actual)}`;
}
