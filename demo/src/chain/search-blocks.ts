import type { common } from '@hyperledger/fabric-protos';
import { createHash } from 'node:crypto';

/** A value that is searched, and what it is. */
export interface Wanted {
  readonly what: string;
  readonly value: string;
}

export interface Sighting {
  readonly what: string;
  /** How it was written there: `raw`, `base64`, `SHA-256 hex` … */
  readonly written: string;
  readonly block: number;
}

export interface SearchReport {
  /** How many ways of writing were searched, of all values together. */
  readonly patterns: number;
  /** Bytes searched. */
  readonly size: number;
  readonly sightings: readonly Sighting[];
}

/** Searches whole blocks for values, as they are, in other encodings, and as their SHA-256. */
export function searchBlocks(blocks: readonly common.Block[], wanted: readonly Wanted[]): SearchReport {
  const patterns = wanted.flatMap(({ what, value }) =>
    waysToWrite(value).map(({ written, bytes }) => ({ what, written, bytes })),
  );
  const sightings: Sighting[] = [];
  let size = 0;
  blocks.forEach((block, number) => {
    const bytes = Buffer.from(block.serializeBinary());
    size += bytes.length;
    for (const pattern of patterns) {
      if (bytes.includes(pattern.bytes)) {
        sightings.push({ what: pattern.what, written: pattern.written, block: number });
      }
    }
  });
  return { patterns: patterns.length, size, sightings };
}

interface Way {
  readonly written: string;
  readonly bytes: Buffer;
}

/** A text may stand in a block as it is, or inside something that was encoded as a whole. */
function waysToWrite(value: string): readonly Way[] {
  const raw = Buffer.from(value, 'utf8');
  const utf16 = Buffer.from(value, 'utf16le');
  const forms: [name: string, bytes: Buffer][] = [
    ['', raw],
    ['SHA-256 ', createHash('sha256').update(raw).digest()],
  ];
  if (/^(?:[0-9a-f]{2}){8,}$/i.test(value)) forms.push(['bytes ', Buffer.from(value, 'hex')]);
  return [
    { written: 'UTF-16', bytes: utf16 },
    { written: 'UTF-16 BE', bytes: Buffer.from(utf16).swap16() },
    ...forms.flatMap(([name, bytes]) => encodings(name, bytes)),
  ];
}

function encodings(name: string, bytes: Buffer): readonly Way[] {
  const ways: Way[] = [
    { written: `${name}raw`, bytes },
    { written: `${name}hex`, bytes: Buffer.from(bytes.toString('hex')) },
    { written: `${name}HEX`, bytes: Buffer.from(bytes.toString('hex').toUpperCase()) },
  ];
  for (const before of [0, 1, 2]) {
    const text = insideBase64(bytes, before);
    ways.push({ written: `${name}base64`, bytes: Buffer.from(text) });
    const url = text.replaceAll('+', '-').replaceAll('/', '_');
    if (url !== text) ways.push({ written: `${name}base64url`, bytes: Buffer.from(url) });
  }
  return ways;
}

/** The characters of a longer text's base64 that depend on these bytes alone, `before` bytes after a group of three. */
function insideBase64(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}
