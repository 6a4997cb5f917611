/**
 * Whether it is a number that this registry gave to a trial: `VL-` and 16 hexadecimal digits; with two more behind a dash when the trial
 * was registered together with others, which share what stands before.
 */
export function isTrialNumber(value: string): boolean {
  return /^VL-[0-9a-f]{16}(?:-[0-9a-f]{2})?$/.test(value);
}

/** Whether it is a number that this registry gave to a document. */
export function isDocumentNumber(value: string): boolean {
  return /^VD-[0-9a-f]{16}$/.test(value);
}
