import * as v from 'valibot';
import { invalid, type VitaledgerError } from '../errors/vitaledger-error.js';
import { isDigest, isId, isInstant, isJurisdiction, isMspId, isSalt } from './formats.js';

type Schema<T> = v.GenericSchema<unknown, T>;

/**
 * Checks that `value` has the shape of `schema` and returns it typed.
 *
 * Texts are ours, and never quote a value: library texts change between releases (endorsers with different ones
 * would answer differently) and values may be personal.
 *
 * @param root what the value is, the head of the JSON path in the error: `record`, `document`.
 * @throws VitaledgerError `INVALID_ARGUMENT` with `details.path` for the first fault found.
 */
export function checkShape<T>(schema: Schema<T>, value: unknown, root: string): T {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw shapeError(result.issues[0], root);
}

function shapeError(issue: v.BaseIssue<unknown>, root: string): VitaledgerError {
  const isUnknownMember = issue.expected === 'never';
  const steps = (issue.path ?? []) as readonly PathItem[];
  // The name of an unknown member, or of a bad map key, is the sender's text: it stays out of the message.
  const known = steps.filter((step) => !('origin' in step && step.origin === 'key') || isMissing(issue));
  const path = known.reduce((text, step) => text + pathStep(step.key), root);
  if (isUnknownMember) return invalid(path, 'has a member that is not known here');
  return invalid(path, isMissing(issue) ? 'is required' : ruleOf(issue));
}

interface PathItem {
  readonly origin?: string;
  readonly key: unknown;
}

function pathStep(key: unknown): string {
  return typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
}

function isMissing(issue: v.BaseIssue<unknown>): boolean {
  return issue.received === 'undefined' && issue.expected !== 'never';
}

/** A rule of ours starts with `must`; everything else says which type was expected. */
function ruleOf(issue: v.BaseIssue<unknown>): string {
  if (issue.message.startsWith('must ')) return issue.message;
  return TYPE_RULES[issue.type] ?? 'is not allowed here';
}

const TYPE_RULES: Readonly<Record<string, string>> = {
  string: 'must be a string',
  number: 'must be a number',
  boolean: 'must be true or false',
  array: 'must be an array',
  strict_object: 'must be an object',
  object: 'must be an object',
  record: 'must be an object',
  picklist: 'must be one of the codes listed in the documentation',
  literal: 'must be the fixed value of the documentation',
  nullable: 'must be null or a value',
};

/**
 * An object with these members and no others. (valibot's own strict object also takes an array for an object without
 * required members.)
 */
export function closed<const E extends v.ObjectEntries>(entries: E) {
  return v.pipe(
    v.unknown(),
    v.check(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'must be an object',
    ),
    v.strictObject(entries),
  );
}

/** A string that passes `accepts`; `rule` completes "<path> …" and starts with "must". */
export function text(accepts: (value: unknown) => boolean, rule: string) {
  return v.custom<string>((value) => typeof value === 'string' && accepts(value), rule);
}

/** A whole number within bounds, both included. */
export function wholeNumber(least: number, most: number) {
  return v.custom<number>(
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
    `must be a whole number from ${least} to ${most}`,
  );
}

/** The formats of {@link "./formats"} as schemas. */
export const shapes = {
  id: text(isId, 'must be 128 bits in 32 lower-case hexadecimal digits'),
  salt: text(isSalt, 'must be at least 128 random bits (32 to 128 hexadecimal digits, an even number)'),
  digest: text(isDigest, 'must be 256 bits in 64 lower-case hexadecimal digits'),
  instant: text(isInstant, 'must be an instant in UTC with milliseconds, such as 2026-03-01T12:00:00.000Z'),
  mspId: text(isMspId, 'must be an MSP id'),
  jurisdiction: text(isJurisdiction, 'must be an ISO 3166 code such as DE or US-CA'),
};
