import { VitaledgerError } from '@vitaledger/domain';

/**
 * The error as a contract throws it: its message is the JSON of the protocol's ground rule 7, which survives the way
 * chaincode → peer → gateway → SDK. It also gets into the peers' logs, so what nobody foresaw must not speak: an
 * unexpected error's text may quote a key or a value. The client gets a reference, and the chaincode's own log, beside
 * the same reference, the error's kind and where it happened.
 */
export function wireError(error: unknown, transactionId: string): Error {
  if (error instanceof VitaledgerError) return new Error(error.toWire());
  const reference = transactionId.slice(0, 16);
  console.error(`INTERNAL ${reference} ${kindAndPlace(error)}`);
  const internal = new VitaledgerError(
    'INTERNAL',
    `The contract failed unexpectedly. Give the operator of the endorsing organization the reference ${reference}.`,
    { reference },
  );
  return new Error(internal.toWire());
}

/** The class of an error and its stack's places, without its message. */
export function kindAndPlace(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  return [error.constructor.name, ...places].join('\n');
}
