import { VitaledgerError } from '@vitaledger/domain';

/** Reads what a contract returned. Contracts of the same version answer in the shape that their types say. */
export function answer(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new VitaledgerError(
      'INTEGRITY',
      'The contract answered with something that is not JSON: client and chaincode are of different versions',
    );
  }
}
