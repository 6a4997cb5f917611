import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Capability } from './loan.js';

/** Makes and checks capabilities: who has one may read until it expires. Those of an earlier process of the server are void. */
export class Capabilities {
  readonly #key = randomBytes(32);
  readonly #lifetime: number;
  readonly #now: () => number;

  /** @param lifetime milliseconds */
  constructor(lifetime: number, now: () => number = Date.now) {
    this.#lifetime = lifetime;
    this.#now = now;
  }

  issue(): Capability {
    const expires = this.#now() + this.#lifetime;
    const claim = `${expires}.${randomBytes(16).toString('hex')}`;
    return { capability: `${claim}.${this.#mac(claim)}`, expires: new Date(expires).toISOString() };
  }

  isValid(capability: string): boolean {
    const [expires = '', nonce = '', mac = '', ...rest] = capability.split('.');
    const expected = Buffer.from(this.#mac(`${expires}.${nonce}`));
    const given = Buffer.from(mac);
    if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
      return false;
    return Number(expires) > this.#now();
  }

  #mac(claim: string): string {
    return createHmac('sha256', this.#key).update(claim).digest('hex');
  }
}
