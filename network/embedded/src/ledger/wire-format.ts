import { isUtf8 } from 'node:buffer';

/**
 * Protocol Buffers wire format (protobuf.dev, "Encoding"), field by field and without copies. The commit path decodes
 * every envelope of every block, and reads only a few of its fields: building the generated message classes for all of
 * it costs several times more.
 */

export class WireFormatError extends Error {
  override readonly name = 'WireFormatError';
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Walks the fields of one message: `while (reader.next()) switch (reader.field) …`; every case reads or skips. */
export class WireReader {
  field = 0;
  readonly #bytes: Buffer;
  #position = 0;
  #wireType = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): boolean {
    if (this.#position >= this.#bytes.length) {
      return false;
    }
    const tag = this.#varint();
    this.#wireType = tag & 7;
    this.field = Math.floor(tag / 8);
    if (this.field === 0) {
      throw new WireFormatError('field number 0');
    }
    return true;
  }

  bytes(): Buffer {
    this.#expect(BYTES);
    const length = this.#varint();
    const end = this.#position + length;
    if (end > this.#bytes.length) {
      throw new WireFormatError('a field ends beyond its message');
    }
    const value = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return value;
  }

  string(): string {
    const value = this.bytes();
    if (!isUtf8(value)) {
      throw new WireFormatError('a string is not UTF-8');
    }
    return value.toString('utf8');
  }

  /** Above 2^53 the value is no longer exact. */
  number(): number {
    this.#expect(VARINT);
    return this.#varint();
  }

  boolean(): boolean {
    return this.number() !== 0;
  }

  skip(): void {
    switch (this.#wireType) {
      case VARINT:
        this.#varint();
        break;
      case FIXED64:
        this.#advance(8);
        break;
      case BYTES:
        this.#advance(this.#varint());
        break;
      case FIXED32:
        this.#advance(4);
        break;
      default:
        throw new WireFormatError(`wire type ${this.#wireType}`);
    }
  }

  #advance(count: number): void {
    this.#position += count;
    if (this.#position > this.#bytes.length) {
      throw new WireFormatError('a field ends beyond its message');
    }
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) {
      throw new WireFormatError(`field ${this.field} has wire type ${this.#wireType}, not ${wireType}`);
    }
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) {
        throw new WireFormatError('a number ends beyond its message');
      }
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value;
      }
      scale *= 128;
    }
    throw new WireFormatError('a number is longer than 64 bits');
  }
}

/** Encodes one message. Fields with default values are left out, as proto3 does, except through `present…`. */
export class WireWriter {
  #bytes: Buffer = Buffer.allocUnsafe(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  number(field: number, value: number): this {
    if (value !== 0) {
      this.#varint(field * 8 + VARINT);
      this.#varint(value);
    }
    return this;
  }

  boolean(field: number, value: boolean): this {
    return this.number(field, value ? 1 : 0);
  }

  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.presentBytes(field, value);
  }

  /** Also when empty: elements of repeated fields, and messages that are set. */
  presentBytes(field: number, value: Uint8Array): this {
    this.#varint(field * 8 + BYTES);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  string(field: number, value: string): this {
    if (value !== '') {
      const length = Buffer.byteLength(value, 'utf8');
      this.#varint(field * 8 + BYTES);
      this.#varint(length);
      this.#reserve(length);
      this.#length += this.#bytes.write(value, this.#length, 'utf8');
    }
    return this;
  }

  message(field: number, encode: (writer: WireWriter) => void): this {
    const writer = new WireWriter();
    encode(writer);
    return this.presentBytes(field, writer.finish());
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(count: number): void {
    if (this.#length + count > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
  }
}

/** A message while it is being decoded. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

type FieldDecoder<T> = (message: Draft<T>, reader: WireReader) => void;

/** A decoder of messages with the fields 1, 2, 3 …; other fields are skipped, as every version of Fabric may add some. */
export function decoder<T extends object>(
  create: () => Draft<T>,
  ...fields: readonly FieldDecoder<T>[]
): (bytes: Uint8Array) => T {
  return (bytes) => {
    const message = create();
    const reader = new WireReader(bytes);
    while (reader.next()) {
      const decode = fields[reader.field - 1];
      if (decode === undefined) {
        reader.skip();
      } else {
        decode(message, reader);
      }
    }
    return message as T;
  };
}

export const EMPTY_BYTES = Buffer.alloc(0);

/** A field that a decoder does not need. */
export function skipped(_message: unknown, reader: WireReader): void {
  reader.skip();
}
