import { createHash } from 'node:crypto';
import type { ChaincodeDefinition } from '../chaincode/definition.js';
import type { LedgerImage } from '../ledger/index.js';
import { LedgerConfigurationError } from '../options.js';

/** A whole ledger at one moment: every channel, the requested definitions, the installed packages. */
export interface LedgerSnapshot {
  readonly channels: ReadonlyMap<string, LedgerImage>;
  readonly definitions: readonly ChaincodeDefinition[];
  /** Package files by peer. */
  readonly packages: ReadonlyMap<string, readonly Uint8Array[]>;
}

interface Contents {
  readonly channels: readonly { name: string; blocks: number; state: number; privateData: number }[];
  readonly definitions: readonly ChaincodeDefinition[];
  readonly packages: readonly { peer: string; count: number }[];
}

const magic = Buffer.from('VLSNAP01');
const digestBytes = 32;

/** Magic bytes, parts that each begin with their length (4 bytes, big-endian), SHA-256 of all that. The first part is JSON. */
export function encodeSnapshot({ channels, definitions, packages }: LedgerSnapshot): Buffer {
  const contents: Contents = {
    channels: [...channels].map(([name, { blocks, state, privateData }]) => ({
      name,
      blocks: blocks.length,
      state: state.length,
      privateData: privateData.length,
    })),
    definitions,
    packages: [...packages].map(([peer, files]) => ({ peer, count: files.length })),
  };
  const parts: Uint8Array[] = [Buffer.from(JSON.stringify(contents))];
  for (const { blocks, state, privateData } of channels.values()) {
    parts.push(...blocks, ...state.flat(), ...privateData.flat());
  }
  parts.push(...[...packages.values()].flat());
  const framed = parts.flatMap((part) => {
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  const bytes = Buffer.concat([magic, ...framed]);
  return Buffer.concat([bytes, sha256(bytes)]);
}

/** Throws LedgerConfigurationError for bytes that are not a whole snapshot. */
export function decodeSnapshot(bytes: Uint8Array): LedgerSnapshot {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const content = whole.subarray(0, Math.max(0, whole.length - digestBytes));
  const isWhole =
    content.subarray(0, magic.length).equals(magic) && whole.subarray(content.length).equals(sha256(content));
  if (!isWhole) {
    throw new LedgerConfigurationError(
      'the snapshot is damaged, or not a snapshot of this ledger: save one anew',
    );
  }
  const next = partsOf(content);
  const take = (count: number) => Array.from({ length: count }, next);
  const pairs = (count: number) => Array.from({ length: count }, (): [Buffer, Buffer] => [next(), next()]);
  const contents = JSON.parse(next().toString('utf8')) as Contents;
  const channels = new Map(
    contents.channels.map(({ name, blocks, state, privateData }) => [
      name,
      { blocks: take(blocks), state: pairs(state), privateData: pairs(privateData) },
    ]),
  );
  const packages = new Map(contents.packages.map(({ peer, count }) => [peer, take(count)]));
  return { channels, definitions: contents.definitions, packages };
}

/** Copies, so that what is kept of a snapshot does not hold all of it. */
function partsOf(content: Buffer): () => Buffer {
  let position = magic.length;
  return () => {
    const start = position + 4;
    position = start + content.readUInt32BE(position);
    return Buffer.from(content.subarray(start, position));
  };
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
