/**
 * Why something was refused. The codes are stable: programs branch on them, texts are for people.
 *
 * - `NOT_FOUND` – the thing named does not exist here.
 * - `ALREADY_EXISTS` – an id is taken.
 * - `INVALID_ARGUMENT` – the input is malformed; `details.path` is its JSON path.
 * - `PERMISSION_DENIED` – the caller (or signer) may not do this.
 * - `CONSENT_DENIED` – the decision was deny; `details.receipt` names the receipt that explains it.
 * - `PRECONDITION_FAILED` – the state does not allow it now; the message says what must come first.
 * - `CONFLICT` – something else changed meanwhile; read again and retry.
 * - `EXPIRED` – a receipt, key or statement is too old.
 * - `UNAVAILABLE` – a part of the network cannot answer now; retry later.
 * - `INTEGRITY` – stored or received bytes are not what was registered.
 * - `INTERNAL` – a defect; report it.
 */
export const ERROR_CODES = [
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'INVALID_ARGUMENT',
  'PERMISSION_DENIED',
  'CONSENT_DENIED',
  'PRECONDITION_FAILED',
  'CONFLICT',
  'EXPIRED',
  'UNAVAILABLE',
  'INTEGRITY',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Whether `value` is one of {@link ERROR_CODES}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(value);
}
