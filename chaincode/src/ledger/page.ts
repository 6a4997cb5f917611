import { text, wholeNumber } from '@vitaledger/domain';
import * as v from 'valibot';
import type { PrivateEntry, Salted } from './ledger.js';

export const DEFAULT_PAGE = 100;
export const MAX_PAGE = 1000;

/** Members of an input that asks for one page. */
export const pageShape = {
  pageSize: v.exactOptional(wholeNumber(1, MAX_PAGE)),
  bookmark: v.exactOptional(
    text((value) => /^[0-9a-f]{0,64}$/.test(String(value)), 'must be the bookmark of the page before'),
  ),
};

export interface Page<R> {
  readonly items: readonly R[];
  /** Name of the last entry looked at; empty when there is nothing behind it. */
  readonly bookmark: string;
}

/**
 * Reads entries until `size` of them are chosen. `choose` returns what the page shows of a value, or undefined to leave
 * it out.
 */
export async function page<T extends Salted, R>(
  entries: AsyncIterable<PrivateEntry<T>>,
  size: number,
  choose: (value: T) => R | undefined | Promise<R | undefined>,
): Promise<Page<R>> {
  const items: R[] = [];
  let last = '';
  for await (const { name, value } of entries) {
    if (items.length === size) return { items, bookmark: last };
    const item = await choose(value);
    if (item !== undefined) items.push(item);
    last = name;
  }
  return { items, bookmark: '' };
}
