import assert from 'node:assert/strict';
import { ERROR_CODES, isErrorCode } from './codes.js';
import { invalid, VitaledgerError } from './vitaledger-error.js';

describe('VitaledgerError', () => {
  const error = new VitaledgerError('CONFLICT', 'Say "why" {and} what', {
    path: 'a.b[0]',
    sequence: 3,
    stale: true,
  });

  it('travels as one JSON object and comes back typed', () => {
    const back = VitaledgerError.fromWire(error.toWire());
    assert.ok(back instanceof VitaledgerError);
    assert.deepEqual([back.code, back.message, back.details], [error.code, error.message, error.details]);
  });

  it('is found inside what shims and gateways put around it', () => {
    const text = `10 ABORTED: chaincode response 500, Error: ${error.toWire()} (peer0 {"code":"x"})`;
    assert.equal(VitaledgerError.fromWire(text)?.message, error.message);
  });

  it('is not seen where there is none', () => {
    for (const text of [
      '',
      'no',
      '{"code":"CONFLICT"',
      '{"code":"OTHER","message":"x"}',
      '{"code":"CONFLICT"}',
    ]) {
      assert.equal(VitaledgerError.fromWire(text), undefined);
    }
  });

  it('brings only plain details back', () => {
    const wire = '{"code":"CONFLICT","details":{"a":1,"b":{"c":2},"d":null},"message":"m"}';
    assert.deepEqual(VitaledgerError.fromWire(wire)?.details, { a: 1 });
  });

  it('has codes that are known, and no others', () => {
    assert.ok(ERROR_CODES.every(isErrorCode));
    assert.equal(isErrorCode('toString'), false);
  });

  it('names the path of bad input', () => {
    assert.equal(invalid('input.salt', 'is required').message, 'input.salt is required');
    assert.equal(invalid('input.salt', 'is required').details.path, 'input.salt');
  });
});
