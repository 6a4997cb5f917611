import { VitaledgerError } from '@vitaledger/client';
import assert from 'node:assert/strict';

const LIMIT_MS = 15_000;
const PAUSE_MS = 50;

/**
 * Reads until it holds. A transaction is waited for at its sender's peer; another organization's peer commits the same
 * block a little earlier or later, so whoever acts on what somebody else did looks first whether it has arrived.
 */
export async function eventually<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const value = await read().catch((error: unknown) => {
      if (error instanceof VitaledgerError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    });
    if (value !== undefined && holds(value)) return value;
    assert.ok(performance.now() < deadline, `never held; last read: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
