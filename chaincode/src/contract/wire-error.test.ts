import assert from 'node:assert/strict';
import { VitaledgerError } from '@vitaledger/domain';
import sinon from 'sinon';
import { Bench, caller } from '../testing/bench.js';
import { RecordContract } from '../records/record-contract.js';
import { wireError } from './wire-error.js';

const transaction = 'ab'.repeat(32);

describe('errors of contracts', () => {
  let log: sinon.SinonStub;

  beforeEach(() => {
    log = sinon.stub(console, 'error');
  });

  afterEach(() => {
    log.restore();
  });

  it('keep code, message and details on the way to the client', () => {
    const refusal = new VitaledgerError('CONFLICT', 'read again', { expected: 2 });
    const onTheWay = `chaincode response 500, ${wireError(refusal, transaction).message}`;
    const received = VitaledgerError.fromWire(onTheWay);
    assert.deepEqual(
      [received?.code, received?.message, received?.details],
      ['CONFLICT', 'read again', { expected: 2 }],
    );
    assert.equal(log.callCount, 0);
  });

  it('say nothing of what nobody foresaw, neither to the client nor in the log, but where it happened', () => {
    const unforeseen = new TypeError('GET_STATE failed for key patient/Ann Example\n    at secret');
    const { message } = wireError(unforeseen, transaction);
    const received = VitaledgerError.fromWire(message);
    assert.equal(received?.code, 'INTERNAL');
    assert.equal(received.details.reference, transaction.slice(0, 16));
    assert.equal(log.callCount, 1);
    const logged = String(log.firstCall.args[0]);
    assert.match(logged, /^INTERNAL abababababababab TypeError\n\s+at .*wire-error\.test/);
    for (const text of [message, logged]) assert.doesNotMatch(text, /Ann|patient\/|secret/);
  });

  it('are errors whatever was thrown: a thrown string would reach the client as nothing', () => {
    for (const thrown of ['Ann', undefined, { name: 'Ann' }]) {
      const error = wireError(thrown, transaction);
      assert.equal(VitaledgerError.fromWire(error.message)?.code, 'INTERNAL');
    }
    assert.doesNotMatch(JSON.stringify(log.args), /Ann/);
  });

  it('take their wire form when a contract fails, and when it has no such function', async () => {
    const bench = new Bench();
    const records = new RecordContract();
    const input = { patient: 'Ann Example', records: [] };
    const as = caller('HospitalMSP', 'registrar');
    await assert.rejects(bench.evaluate(records, 'list', { as, input }), (error: Error) => {
      assert.ok(error instanceof VitaledgerError);
      assert.doesNotMatch(error.message, /Ann/);
      return error.code === 'INVALID_ARGUMENT';
    });
    await assert.rejects(
      records.unknownTransaction({ transactionId: transaction } as never),
      (error: Error) => VitaledgerError.fromWire(error.message)?.code === 'INVALID_ARGUMENT',
    );
  });
});
