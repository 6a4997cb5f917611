import { canonicalJson } from '@vitaledger/domain';
import type { Ledger, PublicEntry, PublicKey, PublicRange } from '../ledger/ledger.js';

/*
 * Trials that are registered together have numbers in a row, `VL-0123456789abcdef-00`, `-01`, …. So one key of the index, a block, holds what it
 * would say of each under a key of its own: `<place>/VL-0123456789abcdef-` has `{ "00": …, "05": … }`. In byte order a block stands right before
 * the single keys of its trials, which come with amendments.
 */

/** What an index knows of the trials that were registered together, by the last two digits of their numbers. */
type Block<T> = Readonly<Record<string, T>>;

const DIGITS = 2;
const OF_BATCH = /VL-[0-9a-f]{16}-/;

/** Puts what an index is to say of new trials: by key, the keys of trials registered together in one block where they differ in nothing else. */
export async function putPostings(ledger: Ledger, postings: ReadonlyMap<string, unknown>): Promise<void> {
  const blocks = new Map<string, Record<string, unknown>>();
  for (const [key, value] of postings) {
    const name = blockOf(key);
    if (name === undefined) {
      await ledger.put({ public: key }, value);
      continue;
    }
    const block = blocks.get(name) ?? {};
    block[key.slice(-DIGITS)] = value;
    blocks.set(name, block);
  }
  for (const [name, block] of blocks) await ledger.put({ public: name }, block);
}

/** Removes what an index says of one trial, be it under a key of its own or in a block. */
export async function removePosting(ledger: Ledger, key: string): Promise<void> {
  const name = blockOf(key);
  const held: PublicKey<Block<unknown>> | undefined = name === undefined ? undefined : { public: name };
  const block = held && (await ledger.get(held));
  if (!held || block?.[key.slice(-DIGITS)] === undefined) {
    await ledger.delete({ public: key });
    return;
  }
  const others = Object.fromEntries(Object.entries(block).filter(([digits]) => !key.endsWith(digits)));
  if (Object.keys(others).length === 0) await ledger.delete(held);
  else await ledger.put(held, others);
}

/** Whether postings say this under a key. */
export function saySame(postings: ReadonlyMap<string, unknown>, key: string, value: unknown): boolean {
  return postings.has(key) && canonicalJson(postings.get(key)) === canonicalJson(value);
}

/** What a range of an index says, one entry per trial in the order of their names. */
export interface Postings<T> {
  readonly entries: readonly PublicEntry<T>[];
  /** How many keys were read. */
  readonly read: number;
  readonly isAtEnd: boolean;
}

/**
 * Reads a range of an index from `range.from` on.
 *
 * @param keys how many at most; more where one batch alone has more.
 */
export async function readPostings<T>(
  ledger: Ledger,
  range: PublicRange<T>,
  keys: number,
): Promise<Postings<T>> {
  const from = range.from ?? '';
  const entries: PublicEntry<T>[] = [];
  let [read, block, start]: [number, string | undefined, number] = [0, undefined, 0];
  // A block stands before those of its trials that the range is to begin with.
  for await (const entry of ledger.range({ ...range, from: blockOf(from) ?? from, limit: keys })) {
    const its = blockOf(entry.name);
    if (its === undefined || its !== block) [block, start] = [its, entries.length];
    read += 1;
    addInOrder(
      entries,
      start,
      entriesOf(entry).filter(({ name }) => name >= from),
    );
  }
  if (read < keys) return { entries, read, isAtEnd: true };
  // There may be more of the last batch, whose trials come in order only when all of it was read.
  if (block !== undefined && start === 0) return readPostings(ledger, range, keys * 4);
  return { entries: block === undefined ? entries : entries.slice(0, start), read, isAtEnd: false };
}

/** Adds entries, in order, to those of the same batch, which begin at `start`. */
function addInOrder<T>(entries: PublicEntry<T>[], start: number, more: readonly PublicEntry<T>[]): void {
  const isFirst = entries.length === start;
  entries.push(...more);
  if (!isFirst) entries.push(...entries.splice(start).sort(byName));
}

/** How many keys are read at first, when few may do, and then ever more, up to what a peer sends at once. */
export function* readingSizes(): Generator<number, never> {
  for (let keys = 8; ; keys = Math.min(100, keys * 4)) yield keys;
}

/** The key, or the name in a range, of the block that a trial's own would belong to; undefined for one that was registered alone. */
function blockOf(key: string): string | undefined {
  const found = OF_BATCH.exec(key);
  return found ? key.slice(0, found.index + found[0].length) : undefined;
}

function entriesOf<T>(entry: PublicEntry<T>): readonly PublicEntry<T>[] {
  if (!entry.name.endsWith('-')) return [entry];
  const block = entry.value as unknown as Block<T>;
  return Object.entries(block)
    .map(([digits, value]) => ({ name: `${entry.name}${digits}`, value }))
    .sort(byName);
}

function byName(one: PublicEntry<unknown>, other: PublicEntry<unknown>): number {
  return one.name < other.name ? -1 : 1;
}
