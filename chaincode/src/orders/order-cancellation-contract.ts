import {
  changeReasonShape,
  checkOrderSecret,
  checkShape,
  isAccepted,
  orderCommitment,
  shapes,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { admit } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { orderKey, taskKey } from '../ledger/keys.js';
import { checkPartner, deed, failed, placedOrder, refuseCancelled } from './parts.js';

const said = {
  order: shapes.id,
  reason: changeReasonShape,
  salt: shapes.salt,
  actor: v.exactOptional(v.unknown()),
};
const revoking = v.strictObject(said);
const cancelling = v.strictObject({ ...said, secret: shapes.digest });

/**
 * Orders that are called off: first at the performer's organization, where it is decided whether that came in time, then at the
 * requester's own, which hands nothing out any more.
 */
@Info({ title: 'OrderCancellationContract', description: 'Orders that are called off' })
export class OrderCancellationContract extends VitaledgerContract {
  constructor() {
    super('OrderCancellationContract');
  }

  /**
   * Calls an order off at the performer's organization: before it is accepted, and it no longer can be; or before there is a result. Of this
   * and an acceptance or a result at the same moment one is valid, the other is decided anew.
   */
  @Transaction()
  @Returns('string')
  async cancel(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { order, secret, reason, salt, actor } = checkShape(cancelling, ledger.input, 'input');
    const { document, ...acting } = await admit(context, 'OrderCancellationContract:cancel', actor);
    const cancelled = { ...deed(acting, await ledgerTime(ledger, document)), reason };
    const stored = { cancelled, salt: derivedSalt(salt, 'head') };
    const task = await ledger.getPrivate(taskKey(order));
    if (!task) {
      const requester = acting.person.mspId;
      await ledger.putPrivate(taskKey(order), {
        order,
        requester,
        opens: orderCommitment(secret),
        ...stored,
      });
      return '';
    }
    checkPartner(acting, task.requester);
    checkOrderSecret(task.opens, secret);
    refuseCancelled(task);
    if (isAccepted(task) && task.result) {
      throw failed('RESULTED', 'The order has its result already, so it can no longer be called off.');
    }
    await ledger.putPrivate(taskKey(order), { ...task, ...stored });
    return '';
  }

  /** Notes at the requester's own organization that an order is called off: its records are handed to nobody any more. */
  @Transaction()
  @Returns('string')
  async revoke(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { order, reason, salt, actor } = checkShape(revoking, ledger.input, 'input');
    const { document, ...acting } = await admit(context, 'OrderCancellationContract:revoke', actor);
    const revoked = { ...deed(acting, await ledgerTime(ledger, document)), reason };
    const placed = await placedOrder(ledger, order);
    refuseCancelled({ cancelled: placed.revoked });
    await ledger.putPrivate(orderKey(order), { ...placed, revoked, salt: derivedSalt(salt, 'head') });
    return '';
  }
}
