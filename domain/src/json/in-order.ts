/**
 * A value whose objects have their members in the order of canonical JSON (by their names' UTF-16 code units), so that the engine writes them
 * so: itself where that is so already, as with everything that was read from canonical JSON; a copy of what is not. Undefined for what an
 * engine would not write as canonical JSON does: what JSON cannot hold, and names that objects order in a way of their own.
 */
export function inOrder(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'object') return undefined;
  return Array.isArray(value) ? arrayInOrder(value) : objectInOrder(value as Members);
}

type Members = Readonly<Record<string, unknown>>;

function arrayInOrder(values: readonly unknown[]): readonly unknown[] | undefined {
  let copy: unknown[] | undefined;
  for (let index = 0; index < values.length; index++) {
    const value = inOrder(values[index]);
    if (value === undefined) return undefined;
    if (value !== values[index]) copy ??= values.slice(0, index);
    copy?.push(value);
  }
  return copy ?? values;
}

function objectInOrder(members: Members): Members | undefined {
  const prototype: unknown = Object.getPrototypeOf(members);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const names = Object.keys(members);
  return areSorted(names) ? sortedObject(members, names) : copied(members, names.sort(), 0);
}

function areSorted(names: readonly string[]): boolean {
  for (let index = 1; index < names.length; index++) {
    if ((names[index - 1] ?? '') > (names[index] ?? '')) return false;
  }
  return true;
}

function sortedObject(members: Members, names: readonly string[]): Members | undefined {
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    const value = inOrder(members[name]);
    if (value === undefined) return undefined;
    // One member that is not in order is enough.
    if (value !== members[name]) return copied(members, names, index, value);
  }
  return members;
}

/**
 * A copy with the members in the order of their names. Those before `from` are in order, and `found` is what the one at `from` becomes: each is
 * looked at once, or what is nested would take twice as long with every level.
 */
function copied(
  members: Members,
  names: readonly string[],
  from: number,
  found?: unknown,
): Members | undefined {
  const copy: Record<string, unknown> = {};
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    if (isOrderedByObjects(name)) return undefined;
    const value = memberInOrder(members[name], index - from, found);
    if (value === undefined) return undefined;
    copy[name] = value;
  }
  return copy;
}

/** @param distance from the member that was `found` */
function memberInOrder(value: unknown, distance: number, found: unknown): unknown {
  if (distance < 0) return value;
  return distance === 0 && found !== undefined ? found : inOrder(value);
}

/** Names that look like an index come first, whatever the order in which they are set; and one sets no member at all. */
function isOrderedByObjects(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first >= 48 && first <= 57) || name === '__proto__';
}
