import type { Actors } from './actors.js';
import { hex, type Json } from './read-write-sets.js';

/**
 * Gives everything that differs from run to run a stable word: transaction ids in the order in which they came up,
 * addresses by peer, creators by name.
 */
export class Names {
  readonly #words = new Map<string, string>();
  #transactions = 0;

  constructor(actors: Actors) {
    for (const peer of actors.peers.values()) {
      this.add(peer.address, peer.name);
      this.add(peer.address.replace('localhost', '127.0.0.1'), peer.name);
    }
    for (const actor of actors.all()) this.add(hex(actor.serialized), `hex of ${actor.name}`);
  }

  add(value: string, word: string): void {
    this.#words.set(value, `<${word}>`);
  }

  transaction(txId: string): void {
    if (this.#words.has(txId)) return;
    this.#transactions += 1;
    const word = `tx${String(this.#transactions)}`;
    this.add(txId, word);
    // Peers shorten transaction ids in some messages.
    this.add(`[${txId.slice(0, 8)}]`, `[short ${word}]`);
  }

  apply(value: Json): Json {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((item: Json) => this.apply(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.#text(key), this.apply(item)]),
    );
  }

  #text(text: string): string {
    let result = text;
    for (const [value, word] of this.#words) result = result.replaceAll(value, word);
    return unstable.reduce((named, [pattern, word]) => named.replace(pattern, word), result);
  }
}

/** Patterns whose text is chance: times, serial numbers, ports of what is no peer of ours. */
const unstable: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( \+\d{4} UTC|Z)?( m=\+[\d.]+)?/g, '<time>'],
  [/(localhost|127\.0\.0\.1):\d{4,5}/g, '<address>'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, '<uuid>'],
  [/(txid|Tx|transaction ID:?) \[[0-9a-f]{64}\]/g, '$1 [<unknown transaction>]'],
  // The shim's short name of a transaction.
  [/\[(\w+)-[0-9a-f]{8}\]/g, '[$1-<short transaction>]'],
  // Go's protobuf separates its prefix by one of two kinds of space, by chance of the build.
  [/proto:[\s\u00a0]+/g, 'proto: '],
  // Certificates and signatures differ in length by a few bytes.
  [/payload is \d+ bytes/g, 'payload is <size> bytes'],
  // The client's own words, which say where the time went.
  [/Deadline exceeded after .*|Call cancelled/g, 'Deadline exceeded'],
  [/\{BlockNum: \d+, TxNum: (\d+)\}/g, '{BlockNum: <block>, TxNum: $1}'],
];
