import {
  isAccepted,
  VitaledgerError,
  type CancelledOrder,
  type Deed,
  type OrderCancellation,
  type OrderTask,
  type PlacedOrder,
} from '@vitaledger/domain';
import { denied, type ActingPerson } from '../authorization/acting-person.js';
import { orderKey, taskKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

export function deed({ person, via }: ActingPerson, instant: string): Deed {
  return via === undefined ? { instant, actor: person } : { instant, actor: person, via };
}

export async function placedOrder(ledger: Ledger, order: string): Promise<PlacedOrder> {
  const placed = await ledger.getPrivate(orderKey(order));
  if (!placed) throw missing('order', 'This organization placed no such order.');
  return placed;
}

export async function acceptedTask(ledger: Ledger, order: string): Promise<OrderTask> {
  const task = await knownTask(ledger, order);
  if (isAccepted(task)) return task;
  throw cancelled();
}

/** An order that was accepted, or called off before it could be. */
export async function knownTask(ledger: Ledger, order: string): Promise<OrderTask | CancelledOrder> {
  const task = await ledger.getPrivate(taskKey(order));
  if (!task) throw missing('order', 'This organization has accepted no such order (yet).');
  return task;
}

/** Throws PRECONDITION_FAILED (CANCELLED) for an order that was called off. */
export function refuseCancelled(order: { readonly cancelled?: OrderCancellation | undefined }): void {
  if (order.cancelled) throw cancelled();
}

function cancelled(): VitaledgerError {
  return failed('CANCELLED', 'Who placed this order has called it off.');
}

export function checkPartner({ person }: ActingPerson, partner: string): void {
  if (person.mspId !== partner) {
    throw denied('The order is between two other organizations.', 'NOT_THE_PARTNER');
  }
}

export function missing(what: string, message: string): VitaledgerError {
  return new VitaledgerError('NOT_FOUND', message, { what });
}

export function taken(): VitaledgerError {
  return new VitaledgerError('ALREADY_EXISTS', 'There is an order with this id here already.', {
    what: 'order',
  });
}

export function failed(reason: string, message: string): VitaledgerError {
  return new VitaledgerError('PRECONDITION_FAILED', message, { reason });
}
