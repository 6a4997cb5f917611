/**
 * Keys of the world state. Fabric compares keys by their UTF-8 bytes, JavaScript compares strings by UTF-16 units, and
 * the two disagree beyond U+FFFF. A `StateKey` is a *binary string*, one character per byte of the stored key, so `<`,
 * `Map` and `sort` all follow Fabric's order.
 *
 * The layout is that of Fabric's LevelDB state (statedb/stateleveldb, privacyenabledstate/db.go):
 * `d` namespace NUL key, where private values live in the namespace `chaincode$$pcollection` and their hashes in
 * `chaincode$$hcollection`, under the SHA-256 of the key.
 */
export type StateKey = string;

const DATA = 'd';
const RAW_KEY = 'k';
const SEPARATOR = '\0';
const AFTER_SEPARATOR = '\x01';
const PRIVATE = '$$p';
const HASHED = '$$h';

const ASCII = /^[\0-\x7f]*$/;

/** Text as a binary string of its UTF-8 bytes. */
export function toBinary(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

export function fromBinary(binary: string): string {
  return ASCII.test(binary) ? binary : Buffer.from(binary, 'latin1').toString('utf8');
}

/** Orders text as Fabric does. */
export function compareUtf8(a: string, b: string): number {
  const left = toBinary(a);
  const right = toBinary(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function publicKey(namespace: string, key: string): StateKey {
  return DATA + toBinary(namespace) + SEPARATOR + toBinary(key);
}

export function privateKey(namespace: string, collection: string, key: string): StateKey {
  return DATA + toBinary(namespace) + PRIVATE + toBinary(collection) + SEPARATOR + toBinary(key);
}

export function hashedKey(namespace: string, collection: string, keyHash: Uint8Array): StateKey {
  const hash = Buffer.from(keyHash.buffer, keyHash.byteOffset, keyHash.byteLength).toString('latin1');
  return DATA + toBinary(namespace) + HASHED + toBinary(collection) + SEPARATOR + hash;
}

/** Where the key itself is kept whose hash is `keyHash`, as long as its value is: a purge by hash must find the value. */
export function rawKeyOf(namespace: string, collection: string, keyHash: Uint8Array): StateKey {
  return RAW_KEY + hashedKey(namespace, collection, keyHash).slice(DATA.length);
}

export interface StateRange {
  readonly start: StateKey;
  /** Exclusive. */
  readonly end: StateKey;
}

/** `[start, end)`; an empty `end` is the end of the namespace. */
export function publicRange(namespace: string, start: string, end: string): StateRange {
  return range(toBinary(namespace), start, end);
}

export function privateRange(namespace: string, collection: string, start: string, end: string): StateRange {
  return range(toBinary(namespace) + PRIVATE + toBinary(collection), start, end);
}

export function rawKeyRange(namespace: string, collection: string): StateRange {
  const space = RAW_KEY + toBinary(namespace) + HASHED + toBinary(collection);
  return { start: space + SEPARATOR, end: space + AFTER_SEPARATOR };
}

function range(namespace: string, start: string, end: string): StateRange {
  return {
    start: DATA + namespace + SEPARATOR + toBinary(start),
    end: DATA + namespace + (end === '' ? AFTER_SEPARATOR : SEPARATOR + toBinary(end)),
  };
}

export interface StateKeyParts {
  readonly namespace: string;
  /** Of hashed and private keys. */
  readonly collection: string;
  /** A binary string. */
  readonly key: string;
}

export function splitStateKey(stateKey: StateKey): StateKeyParts {
  const separator = stateKey.indexOf(SEPARATOR);
  const space = stateKey.slice(DATA.length, separator);
  const key = stateKey.slice(separator + 1);
  const joiner = Math.max(space.indexOf(HASHED), space.indexOf(PRIVATE));
  return joiner < 0
    ? { namespace: fromBinary(space), collection: '', key }
    : { namespace: fromBinary(space.slice(0, joiner)), collection: fromBinary(space.slice(joiner + 3)), key };
}

export function stateKeyBytes(stateKey: StateKey): Buffer {
  return Buffer.from(stateKey, 'latin1');
}

export function stateKeyOf(bytes: Buffer): StateKey {
  return bytes.toString('latin1');
}
