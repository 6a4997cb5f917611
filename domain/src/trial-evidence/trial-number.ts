/** Whether it is a number that this registry gave to a trial. */
export function isTrialNumber(value: string): boolean {
  return /^VL-[0-9a-f]{16}$/.test(value);
}

/** Whether it is a number that this registry gave to a document. */
export function isDocumentNumber(value: string): boolean {
  return /^VD-[0-9a-f]{16}$/.test(value);
}
