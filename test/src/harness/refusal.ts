import { VitaledgerError, type ErrorCode } from '@vitaledger/client';
import assert from 'node:assert/strict';

/** Asserts a refusal with a stable code, and returns it for a closer look. */
export async function refused(
  code: ErrorCode,
  work: Promise<unknown>,
  text?: RegExp,
): Promise<VitaledgerError> {
  const error = await work.then(
    () => assert.fail(`expected ${code}, but it succeeded`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof VitaledgerError, `expected a VitaledgerError, got ${String(error)}`);
  assert.equal(error.code, code, `${error.code}: ${error.message}`);
  if (text) assert.match(error.message, text);
  return error;
}
