import { VitaledgerError } from '@vitaledger/domain';
import { Contract } from '../fabric/contract-api.js';
import { TransactionContext } from './transaction-context.js';
import { wireError } from './wire-error.js';

/**
 * What all contracts have in common: their context, and one place where every error takes its wire form.
 *
 * Contract functions take strings and return strings (our own JSON), so that Fabric's serializer never sees an object:
 * it coerces numbers, and depends on a library version that a fresh install gets wrong.
 */
export abstract class VitaledgerContract extends Contract {
  override createContext(): TransactionContext {
    return new TransactionContext();
  }

  // Fabric's types call the function's name a Function, and its string result void.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type
  override aroundTransaction(context: TransactionContext, name: Function, values: unknown): Promise<void> {
    return super.aroundTransaction(context, name, values).catch((error: unknown) => {
      throw wireError(error, context.transactionId);
    });
  }

  override unknownTransaction(context: TransactionContext): Promise<void> {
    const message = `${this.getName()} has no such function.`;
    return Promise.reject(wireError(new VitaledgerError('INVALID_ARGUMENT', message), context.transactionId));
  }
}
