/** What can be stored: bytes, a Node stream, or anything that yields bytes. */
export type Content = Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface Piece {
  readonly bytes: Uint8Array;
  readonly final: boolean;
}

/**
 * Cuts a stream into pieces of `size` bytes; the last one may be shorter. At least one piece is yielded, so that an empty
 * stream yields an empty piece. Holds two pieces, and what the source yields at once, in memory.
 */
export async function* cut(content: Content, size: number): AsyncGenerator<Piece> {
  let held: Uint8Array | undefined;
  for await (const bytes of pieces(content, size)) {
    if (held) {
      yield { bytes: held, final: false };
    }
    held = bytes;
  }
  yield { bytes: held ?? new Uint8Array(), final: true };
}

async function* pieces(content: Content, size: number): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of content instanceof Uint8Array ? [content] : content) {
    let rest = bytes;
    while (length + rest.length >= size) {
      const taken = rest.subarray(0, size - length);
      yield Buffer.concat([...parts, taken]);
      rest = rest.subarray(taken.length);
      parts = [];
      length = 0;
    }
    if (rest.length > 0) {
      parts.push(rest);
      length += rest.length;
    }
  }
  if (length > 0) {
    yield Buffer.concat(parts);
  }
}
