import { createHash } from 'node:crypto';

/** A value planted where a person's data goes, to be searched where it must not be. */
export interface Canary {
  /** Where it was planted, for the failure's message: `bundle: patient name`. */
  readonly where: string;
  readonly value: string;
}

/** A canary found: where it was planted, how it was written, and in what it was found. */
export interface Sighting {
  readonly canary: string;
  readonly encoding: string;
  readonly haystack: string;
  readonly offset: number;
}

interface Pattern {
  readonly encoding: string;
  readonly bytes: Buffer;
}

/**
 * Base64 of bytes at an unknown position of a longer text: for each of the three alignments, the characters that
 * depend on the bytes alone.
 */
function base64Alignments(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(first, last);
  });
}

/** Every way a value may be written: raw, UTF-16, hex, base64 and base64url, and the same of its SHA-256. */
export function patternsOf(value: string): Pattern[] {
  const raw = Buffer.from(value, 'utf8');
  const digest = createHash('sha256').update(raw).digest();
  const patterns: Pattern[] = [{ encoding: 'raw', bytes: raw }];
  const little = Buffer.from(value, 'utf16le');
  patterns.push({ encoding: 'UTF-16LE', bytes: little });
  patterns.push({ encoding: 'UTF-16BE', bytes: Buffer.from(little).swap16() });
  patterns.push({ encoding: 'SHA-256', bytes: digest });
  for (const [name, bytes] of [
    ['', raw],
    ['SHA-256 ', digest],
  ] as const) {
    patterns.push({ encoding: `${name}hex`, bytes: Buffer.from(bytes.toString('hex')) });
    patterns.push({ encoding: `${name}HEX`, bytes: Buffer.from(bytes.toString('hex').toUpperCase()) });
    base64Alignments(bytes).forEach((text, shift) => {
      patterns.push({ encoding: `${name}base64+${shift}`, bytes: Buffer.from(text) });
      const url = text.replaceAll('+', '-').replaceAll('/', '_');
      if (url !== text) patterns.push({ encoding: `${name}base64url+${shift}`, bytes: Buffer.from(url) });
    });
  }
  // A pure hexadecimal id is often carried as the bytes it stands for.
  if (/^(?:[0-9a-f]{2}){8,}$/.test(value)) {
    const bytes = Buffer.from(value, 'hex');
    patterns.push({ encoding: 'bytes', bytes });
    patterns.push({ encoding: 'SHA-256 of bytes', bytes: createHash('sha256').update(bytes).digest() });
  }
  return patterns;
}

/** Searches every haystack for every canary in every encoding. */
export function searchCanaries(
  canaries: readonly Canary[],
  haystacks: Iterable<{ readonly name: string; readonly bytes: Buffer }>,
): Sighting[] {
  const patterns = canaries.flatMap((canary) => {
    if (canary.value.length < 6)
      throw new Error(`canary "${canary.where}" is too short to be told from chance`);
    return patternsOf(canary.value).map((pattern) => ({ canary: canary.where, ...pattern }));
  });
  const sightings: Sighting[] = [];
  for (const { name, bytes } of haystacks) {
    for (const { canary, encoding, bytes: needle } of patterns) {
      const offset = bytes.indexOf(needle);
      if (offset >= 0) sightings.push({ canary, encoding, haystack: name, offset });
    }
  }
  return sightings;
}
