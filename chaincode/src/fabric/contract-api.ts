/**
 * The one place that imports Fabric's contract library.
 *
 * Importing fabric-contract-api or fabric-shim installs process-wide listeners (winston's for `uncaughtException`, the
 * shim's for `unhandledRejection`) that log a crash and let the process go on, in a state nobody knows, with exit code 0.
 * A chaincode that has crashed must end, so that whoever supervises it starts a fresh one. Exactly those listeners are
 * removed here, right after the import; anybody else's stay.
 */
import type { Context } from 'fabric-contract-api';

export { Context, Contract, Info, Returns, Transaction } from 'fabric-contract-api';

export type ChaincodeStub = Context['stub'];
export type ClientIdentity = Context['clientIdentity'];

/** Names of the listeners, as winston's exception handler and the shim's logger define them. */
const SWALLOWING_EXCEPTIONS = 'bound _uncaughtException';
const SWALLOWING_REJECTIONS = 'loggerUnhandledRejectionFn';

/** Takes away what swallows crashes. Returns how many listeners were removed. */
export function restoreCrashes(): number {
  const exceptions = process
    .listeners('uncaughtException')
    .filter(({ name }) => name === SWALLOWING_EXCEPTIONS);
  const rejections = process
    .listeners('unhandledRejection')
    .filter(({ name }) => name === SWALLOWING_REJECTIONS);
  for (const listener of exceptions) process.removeListener('uncaughtException', listener);
  for (const listener of rejections) process.removeListener('unhandledRejection', listener);
  return exceptions.length + rejections.length;
}

restoreCrashes();
