import { VitaledgerError } from '@vitaledger/domain';

/** A line of a text, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined where the line is longer than allowed; none of it is kept. */
  readonly text: string | undefined;
}

const LINE_FEED = 0x0a;

/**
 * The lines of UTF-8 text that is streamed, with no more than one of them in memory. Empty lines are left out, and counted.
 *
 * @param most bytes of a line
 * @throws VitaledgerError `INVALID_ARGUMENT` for gzip
 */
export async function* linesOf(content: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let [size, number] = [0, 0];
  const keep = (bytes: Uint8Array): void => {
    size += bytes.length;
    if (size > most) parts = [];
    else if (bytes.length > 0) parts.push(bytes);
  };
  const end = (): Line | undefined => {
    number += 1;
    const text = size > most ? undefined : Buffer.concat(parts).toString('utf8').trim();
    [parts, size] = [[], 0];
    return text === '' ? undefined : { number, text: text?.replace(/^\ufeff/, '') };
  };
  let isFirst = true;
  for await (const bytes of content) {
    if (isFirst) refuseCompressed(bytes);
    isFirst = false;
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      keep(bytes.subarray(from, at));
      const line = end();
      if (line) yield line;
      from = at + 1;
    }
    keep(bytes.subarray(from));
  }
  const last = size > 0 ? end() : undefined;
  if (last) yield last;
}

/** @throws VitaledgerError `INVALID_ARGUMENT` where a content begins like gzip */
export function refuseCompressed(bytes: Uint8Array): void {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw new VitaledgerError('INVALID_ARGUMENT', 'The content is compressed with gzip; decompress it first');
}
