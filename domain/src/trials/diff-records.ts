import { canonicalJson } from '../json/index.js';
import { pairWhere, unpaired } from './pairing.js';
import { pointerTo } from './json-pointer.js';
import { isMembers, type JsonMembers, textAt, type TrialRecord } from './trial-record.js';

/** One field that differs between two versions of a record. */
export interface FieldChange {
  readonly op: 'added' | 'removed' | 'changed';
  /** JSON Pointer (RFC 6901): in the later version for what was added or changed, in the earlier for what was removed. */
  readonly pointer: string;
  /** The value before; for `changed` and `removed`. */
  readonly before?: unknown;
  /** The value after; for `changed` and `added`. */
  readonly after?: unknown;
}

/** What makes two elements of a list the same thing, by the list's name. */
const IDENTITY: Readonly<Record<string, readonly string[]>> = {
  primaryOutcomes: ['measure'],
  secondaryOutcomes: ['measure'],
  otherOutcomes: ['measure'],
  outcomeMeasures: ['type', 'title'],
  armGroups: ['label'],
  interventions: ['name'],
  secondaryIdInfos: ['id'],
  collaborators: ['name'],
  locations: ['facility', 'city', 'state', 'zip', 'country'],
  references: ['pmid', 'citation'],
  groups: ['id'],
};

/**
 * Every field that differs between two versions of a record, in the order of the earlier version and then of the later.
 *
 * Lists are compared by what their elements are (an outcome by its measure, an arm by its label, a site by its place), so that
 * inserting an element does not change all that follow; the order within a list is no field.
 */
export function diffRecords(before: TrialRecord, after: TrialRecord): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  compareMembers(before, after, { before: '', after: '' }, changes);
  return changes;
}

interface Place {
  readonly before: string;
  readonly after: string;
}

function compare(before: unknown, after: unknown, place: Place, changes: FieldChange[]): void {
  if (Array.isArray(before) && Array.isArray(after)) {
    compareLists(before, after, place, changes);
  } else if (isMembers(before) && isMembers(after)) {
    compareMembers(before, after, place, changes);
  } else if (!isSame(before, after)) {
    changes.push({ op: 'changed', pointer: place.after, before, after });
  }
}

function compareMembers(before: JsonMembers, after: JsonMembers, place: Place, changes: FieldChange[]): void {
  for (const [name, value] of Object.entries(before)) {
    const inside = { before: pointerTo(place.before, name), after: pointerTo(place.after, name) };
    if (Object.hasOwn(after, name)) compare(value, after[name], inside, changes);
    else changes.push({ op: 'removed', pointer: inside.before, before: value });
  }
  for (const [name, value] of Object.entries(after)) {
    if (Object.hasOwn(before, name)) continue;
    changes.push({ op: 'added', pointer: pointerTo(place.after, name), after: value });
  }
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  place: Place,
  changes: FieldChange[],
): void {
  const pairs = pairElements(before, after, place);
  for (const [left, right] of [...pairs].sort(([one], [other]) => one - other)) {
    const inside = { before: pointerTo(place.before, left), after: pointerTo(place.after, right) };
    compare(before[left], after[right], inside, changes);
  }
  for (const left of unpaired(before, [...pairs.keys()])) {
    changes.push({ op: 'removed', pointer: pointerTo(place.before, left), before: before[left] });
  }
  for (const right of unpaired(after, [...pairs.values()])) {
    changes.push({ op: 'added', pointer: pointerTo(place.after, right), after: after[right] });
  }
}

/** Indices of the elements that are the same thing: equal ones first, then those of one identity, then, without any, by order. */
function pairElements(
  before: readonly unknown[],
  after: readonly unknown[],
  place: Place,
): Map<number, number> {
  const pairs = new Map<number, number>();
  const [left, right] = [before.map(canonicalJson), after.map(canonicalJson)];
  pairWhere(left, right, pairs, (one, other) => one === other);
  const identity = IDENTITY[place.before.slice(place.before.lastIndexOf('/') + 1)];
  if (identity === undefined)
    pairWhere(before, after, pairs, (one, other) => isMembers(one) && isMembers(other));
  else pairWhere(before, after, pairs, (one, other) => haveSameIdentity(one, other, identity));
  return pairs;
}

function haveSameIdentity(one: unknown, other: unknown, identity: readonly string[]): boolean {
  const named = identity.some((member) => textAt(one, member) !== undefined);
  return named && identity.every((member) => textAt(one, member) === textAt(other, member));
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}
