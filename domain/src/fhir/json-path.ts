import { MAX_JSON_DEPTH } from '../json/index.js';

/** A JSON object as it was parsed: nothing about its members is known yet. */
export type JsonMembers = Readonly<Record<string, unknown>>;

/** A member or element, with its path. */
export interface JsonChild {
  readonly name: string;
  readonly value: unknown;
  readonly path: string;
}

const ELEMENT_NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;

/** True for `{…}`, false for arrays, null and scalars. */
export function isMembers(value: unknown): value is JsonMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The path of a member (`Bundle.entry[3].resource.status`). A name that no FHIR element can have is shown as `[?]`:
 * what somebody wrote in its place might be about a person.
 */
export function memberPath(path: string, name: string): string {
  return ELEMENT_NAME.test(name) ? `${path}.${name}` : `${path}[?]`;
}

/** The path of an array element, counted from 0. */
export function elementPath(path: string, index: number): string {
  return `${path}[${index}]`;
}

/** The members of an object or the elements of an array; none for scalars. */
export function childrenOf(value: unknown, path: string): JsonChild[] {
  if (Array.isArray(value)) {
    return value.map((child: unknown, index) => ({
      name: String(index),
      value: child,
      path: elementPath(path, index),
    }));
  }
  if (!isMembers(value)) return [];
  return Object.entries(value).map(([name, child]) => ({ name, value: child, path: memberPath(path, name) }));
}

/** The elements of an array, or the value itself when it is single, or nothing when it is absent. */
export function asArray(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Whether `value` is nested deeper than `limit` levels; does not itself recurse deeper than that. */
export function isTooDeep(value: unknown, limit: number = MAX_JSON_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((child) => isTooDeep(child, limit - 1));
}
