/** A DER element (ITU-T X.690): its tag, its content, and where it ends in the buffer it was read from. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly end: number;
}

export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
} as const;

/** Reads one element; throws RangeError when the bytes are not DER (truncated, indefinite or non-minimal length). */
export function readDer(bytes: Uint8Array, offset = 0): DerElement {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = buffer.readUInt8(offset);
  const { length, start } = readLength(buffer, offset + 1);
  const end = start + length;
  if (end > buffer.length) {
    throw new RangeError('DER element is truncated');
  }
  return { tag, content: buffer.subarray(start, end), end };
}

function readLength(buffer: Buffer, offset: number): { length: number; start: number } {
  const first = buffer.readUInt8(offset);
  if (first < 0x80) {
    return { length: first, start: offset + 1 };
  }
  const count = first & 0x7f;
  if (count === 0 || count > 4) {
    throw new RangeError('DER length is indefinite or too large');
  }
  const length = buffer.readUIntBE(offset + 1, count);
  if (length < 0x80 || length < 2 ** (8 * (count - 1))) {
    throw new RangeError('DER length is not minimal');
  }
  return { length, start: offset + 1 + count };
}

/** The elements of a constructed element's content, in order. */
export function readDerChildren(content: Uint8Array): DerElement[] {
  const children: DerElement[] = [];
  let offset = 0;
  while (offset < content.length) {
    const child = readDer(content, offset);
    children.push(child);
    offset = child.end;
  }
  return children;
}

/** Encodes one element; `parts` are concatenated as its content. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) {
    return Buffer.from([length]);
  }
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
    digits.unshift(rest % 256);
  }
  return Buffer.from([0x80 | digits.length, ...digits]);
}

/** A non-negative INTEGER from its big-endian magnitude. */
export function writeDerInteger(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) {
    start += 1;
  }
  const digits = magnitude.subarray(start);
  const negative = ((digits[0] ?? 0) & 0x80) !== 0;
  return writeDer(derTag.integer, negative ? Buffer.from([0]) : Buffer.alloc(0), digits);
}
