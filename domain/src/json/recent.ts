/**
 * What was made from a text, so that it need not be made again: for what depends on the text and on nothing else, and is never changed. It then
 * changes no answer, on no peer.
 */
export class Recent<T> {
  readonly #most: number;
  readonly #values = new Map<string, T>();

  /** @param most how many are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  get(text: string): T | undefined {
    const value = this.#values.get(text);
    if (value !== undefined) this.#keep(text, value);
    return value;
  }

  /** The one that was not asked for longest is forgotten. */
  set(text: string, value: T): void {
    this.#keep(text, value);
    if (this.#values.size <= this.#most) return;
    const [oldest] = this.#values.keys();
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  #keep(text: string, value: T): void {
    this.#values.delete(text);
    this.#values.set(text, value);
  }
}

/** Makes a value of JSON unchangeable, to its depth. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}
