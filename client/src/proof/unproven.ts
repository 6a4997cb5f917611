import { VitaledgerError, type ErrorDetails } from '@vitaledger/domain';

/** Why a proof proves nothing. */
export type Flaw =
  | 'PROPOSAL'
  | 'RESPONSE'
  | 'READ_SET'
  | 'ENDORSEMENT'
  | 'CERTIFICATE'
  | 'UNKNOWN_ORGANIZATION'
  | 'ANOTHER_CHANNEL'
  | 'ANOTHER_CONTENT';

/** What a verification throws: `INTEGRITY`, with the flaw as `details.reason`. */
export function unproven(reason: Flaw, message: string, details: ErrorDetails = {}): VitaledgerError {
  return new VitaledgerError('INTEGRITY', `Not a proof: ${message}`, { ...details, reason });
}

/** Decodes a protocol buffer; bytes that are none are a flaw. */
export function decoded<T>(reason: Flaw, what: string, decode: () => T): T {
  try {
    return decode();
  } catch {
    throw unproven(reason, `its ${what} cannot be decoded`);
  }
}
