/** A JSON object as it was parsed: nothing about its members is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Deeper than any FHIR resource is in practice, and far from what overflows a stack. */
export const MAX_DEPTH = 100;

const ELEMENT_NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;

/** True for `{…}`, false for arrays, null and scalars. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The path of a member (`$.entry[3].resource.status`). A name that no FHIR element can have is shown as `[?]`:
 * what somebody wrote in its place might be about a person.
 */
export function memberPath(path: string, name: string): string {
  return ELEMENT_NAME.test(name) ? `${path}.${name}` : `${path}[?]`;
}

/** The path of an array element, counted from 0. */
export function elementPath(path: string, index: number): string {
  return `${path}[${index}]`;
}

/** The members of an object or the elements of an array, each with its path; none for scalars. */
export function childrenOf(value: unknown, path: string): { name: string; value: unknown; path: string }[] {
  if (Array.isArray(value)) {
    return value.map((child: unknown, index) => ({
      name: String(index),
      value: child,
      path: elementPath(path, index),
    }));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, child]) => ({ name, value: child, path: memberPath(path, name) }));
}

/** The path of the first value nested deeper than `limit`, or undefined. Does not itself recurse without bound. */
export function tooDeep(value: unknown, path: string, limit: number = MAX_DEPTH): string | undefined {
  if (limit === 0) return typeof value === 'object' && value !== null ? path : undefined;
  for (const child of childrenOf(value, path)) {
    const found = tooDeep(child.value, child.path, limit - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
