import { parseJson, VitaledgerError } from '@vitaledger/domain';
import type { OrderTicket } from '../../orders/orders.js';
import { readPrivateFile } from '../private-file.js';

const MEMBERS = ['kind', 'requester', 'order', 'secret', 'opens', 'validUntil'] as const;

/**
 * The ticket of an order, from the file that placing it wrote; `-` is standard input.
 *
 * @throws VitaledgerError `NOT_FOUND`, `INVALID_ARGUMENT`, `PRECONDITION_FAILED` (others may read the file)
 */
export async function readTicket(file: string): Promise<OrderTicket> {
  const value = parseJson(await readPrivateFile(file, 'the ticket of an order'), file);
  const given = (value ?? {}) as Partial<Record<string, unknown>>;
  if (MEMBERS.every((name) => typeof given[name] === 'string')) return value as OrderTicket;
  throw new VitaledgerError('INVALID_ARGUMENT', `${file} holds no ticket of an order; ask who placed it`);
}
