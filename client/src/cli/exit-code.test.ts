import assert from 'node:assert/strict';
import { ERROR_CODES, VitaledgerError } from '@vitaledger/domain';
import { TransactionError } from '../transaction/transaction-error.js';
import { exitCodeOf, exitCodes } from './exit-code.js';

describe('the exit code', () => {
  it('is never success for any error', () => {
    for (const code of ERROR_CODES) {
      assert.ok(exitCodeOf(new VitaledgerError(code, 'x')) > 0, code);
    }
    assert.equal(exitCodeOf(new Error('x')), exitCodes.failure);
    assert.equal(exitCodeOf('x'), exitCodes.failure);
  });

  it('tells an unknown fate from a failure', () => {
    const failure = { phase: 'commit', transactionId: 'tx', attempts: 1 } as const;
    assert.equal(
      exitCodeOf(new TransactionError('UNAVAILABLE', 'x', {}, { ...failure, fate: 'unknown' })),
      exitCodes.fateUnknown,
    );
    assert.equal(
      exitCodeOf(new TransactionError('UNAVAILABLE', 'x', {}, { ...failure, fate: 'failed' })),
      exitCodes.unavailable,
    );
  });
});
