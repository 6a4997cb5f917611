import { VitaledgerError, type ErrorCode } from '@vitaledger/domain';
import { TransactionError } from '../transaction/transaction-error.js';

/** Exit codes of the command, so that scripts can tell why it failed. */
export const exitCodes = {
  success: 0,
  /** A defect, or an error of another program. */
  failure: 1,
  /** Wrong usage or input. */
  usage: 2,
  denied: 3,
  notFound: 4,
  /** The state does not allow it, or something else changed meanwhile. */
  conflict: 5,
  /** A part of the network cannot answer; nothing was written. */
  unavailable: 6,
  /** Stored or received bytes are not what was registered. */
  integrity: 7,
  /** It is not known whether something was written. */
  fateUnknown: 8,
} as const;

const byCode: Readonly<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: exitCodes.usage,
  PERMISSION_DENIED: exitCodes.denied,
  CONSENT_DENIED: exitCodes.denied,
  NOT_FOUND: exitCodes.notFound,
  ALREADY_EXISTS: exitCodes.conflict,
  PRECONDITION_FAILED: exitCodes.conflict,
  CONFLICT: exitCodes.conflict,
  EXPIRED: exitCodes.conflict,
  UNAVAILABLE: exitCodes.unavailable,
  INTEGRITY: exitCodes.integrity,
  INTERNAL: exitCodes.failure,
};

export function exitCodeOf(error: unknown): number {
  if (error instanceof TransactionError && error.fate === 'unknown') {
    return exitCodes.fateUnknown;
  }
  return error instanceof VitaledgerError ? byCode[error.code] : exitCodes.failure;
}
