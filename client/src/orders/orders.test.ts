import assert from 'node:assert/strict';
import { VitaledgerError } from '@vitaledger/domain';
import { ScriptedSession } from '../testing/scripted-channel.js';
import { Orders, type Order } from './orders.js';

describe('the status of an order', () => {
  const order = (validUntil: number): Order => ({
    order: '17'.repeat(16),
    performer: 'LabMSP',
    reportSecret: 'r',
    ticket: {
      kind: 'laboratory',
      requester: 'HospitalMSP',
      order: '17'.repeat(16),
      secret: 's',
      opens: 'o',
      validUntil: new Date(Date.now() + validUntil).toISOString(),
    },
  });
  const notFound = new VitaledgerError('NOT_FOUND', 'accepted no such order (yet)');

  it('claims no more than the performer’s peer knows once the time to accept it is over', async () => {
    let isBehind = true;
    const orders = new Orders(
      new ScriptedSession(() => {
        if (isBehind) throw notFound;
        return { state: 'accepted', critical: false };
      }),
    );
    await assert.rejects(orders.status(order(60_000)), { code: 'NOT_FOUND' });
    // It was accepted in time, and the peer that answers has not received that yet.
    assert.deepEqual(await orders.status(order(-1)), { state: 'unaccepted', critical: false });
    isBehind = false;
    assert.deepEqual(await orders.status(order(-1)), { state: 'accepted', critical: false });
  });
});
