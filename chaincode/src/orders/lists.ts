import { isInstant, placedState, PLACED_STATES, text } from '@vitaledger/domain';
import * as v from 'valibot';
import { awaitedOnes, placedOrders } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { DEFAULT_PAGE, page, pageShape, type Page } from '../ledger/page.js';

const actor = v.exactOptional(v.unknown());

export const awaitedShape = v.strictObject({
  ...pageShape,
  critical: v.exactOptional(v.boolean()),
  before: v.exactOptional(
    text(isInstant, 'must be an instant in UTC with milliseconds, such as 2026-03-01T12:00:00.000Z'),
  ),
  actor,
});

export const placementsShape = v.strictObject({
  ...pageShape,
  state: v.exactOptional(v.picklist(PLACED_STATES, `must be one of ${PLACED_STATES.join(', ')}`)),
  actor,
});

/** A page of the results that nobody has acknowledged. */
export function awaitedPage(
  ledger: Ledger,
  { bookmark, pageSize = DEFAULT_PAGE, critical, before }: v.InferOutput<typeof awaitedShape>,
): Promise<Page<object>> {
  return page(ledger.rangePrivate(awaitedOnes(bookmark)), pageSize, (one) => {
    if (critical !== undefined && one.critical !== critical) return undefined;
    if (before !== undefined && one.resulted >= before) return undefined;
    const { order, requester, resulted } = one;
    return { order, requester, critical: one.critical, resulted };
  });
}

/** A page of the orders that this organization placed, without whom they are for. */
export function placementsPage(
  ledger: Ledger,
  { bookmark, pageSize = DEFAULT_PAGE, state: wanted }: v.InferOutput<typeof placementsShape>,
  now: string,
): Promise<Page<object>> {
  return page(ledger.rangePrivate(placedOrders(bookmark)), pageSize, (one) => {
    const state = placedState(one, now);
    if (wanted !== undefined && state !== wanted) return undefined;
    const { order, kind, performer, placed, validUntil } = one;
    return { order, kind, performer, placed: placed.instant, validUntil, state };
  });
}
