/**
 * Keeps one transaction to the rules that Fabric enforces late, or not at all: public and private writes never meet
 * (the endorsers of the one must not see the other), and what reads a range, or others' hashes, writes
 * nothing. Breaking one is a mistake
 * in a contract, never a caller's.
 */
export class WriteDiscipline {
  #written: 'public' | 'private' | undefined;
  #ranged = false;

  writing(side: 'public' | 'private'): void {
    if (this.#ranged) throw new Error('a transaction that read a range or others’ hashes may not write');
    if (this.#written !== undefined && this.#written !== side) {
      throw new Error('public and private writes may not meet in one transaction');
    }
    this.#written = side;
  }

  ranging(): void {
    if (this.#written !== undefined)
      throw new Error('a transaction that writes may not read a range or others’ hashes');
    this.#ranged = true;
  }
}
