/** How many signatures are remembered: about a kilobyte each. */
const MOST = 2000;

/**
 * Signatures that were found good, so that the statements in a patient head are not verified again and again. Whether one is good depends on
 * nothing but key and bytes, so what is remembered is what would be found again: it changes no answer, on no peer.
 */
export class KnownSignatures {
  readonly #good = new Set<string>();

  /** Whether the bytes were signed by the key; asks `verify` unless it is known. Only what is good is remembered. */
  isGood(key: string, signed: string, verify: () => boolean): boolean {
    const name = `${key} ${signed}`;
    const known = this.#good.delete(name) || verify();
    if (known) this.#remember(name);
    return known;
  }

  /** The one that was not asked for longest is forgotten. */
  #remember(name: string): void {
    this.#good.add(name);
    if (this.#good.size <= MOST) return;
    const [oldest] = this.#good;
    if (oldest !== undefined) this.#good.delete(oldest);
  }
}
