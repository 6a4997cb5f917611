/** Whose patients the absolute references of an input name: `Patient/17` of two servers are two people. */
export class PatientServer {
  #base: string | undefined;

  /** Whether a reference names a patient of another server than an absolute one before it. A relative one does not. */
  isAnother(reference: string): boolean {
    const [, base = ''] = /^(.*\/)Patient\/[^/]+(?:\/_history\/[^/]+)?$/.exec(reference) ?? [];
    if (base === '') return false;
    this.#base ??= base;
    return this.#base !== base;
  }
}
