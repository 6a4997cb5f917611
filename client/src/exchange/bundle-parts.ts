import { VitaledgerError } from '@vitaledger/domain';
import { refuseCompressed } from './lines.js';

/** A part of a Bundle: an element of its `entry`, or another member. */
export type BundlePart =
  | { readonly kind: 'member'; readonly text: string }
  | {
      readonly kind: 'entry';
      /** Position in `Bundle.entry`, from 0. */
      readonly index: number;
      /** Its JSON; undefined where it is longer than allowed, and none of it is kept. */
      readonly text: string | undefined;
    };

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
const NAME = /^\s*("(?:[^"\\]|\\.)*")\s*:\s*$/;

/**
 * Takes a FHIR Bundle apart that is streamed, with no more than one entry of it in memory. Whether a part is JSON is for the reader
 * of the part to see.
 *
 * @param most bytes of an entry
 * @throws VitaledgerError `INVALID_ARGUMENT` when it is no JSON object or ends too early
 */
export async function* bundleParts(
  content: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<BundlePart> {
  const scanner = new Scanner(most);
  let isFirst = true;
  for await (const bytes of content) {
    if (isFirst) refuseCompressed(bytes);
    isFirst = false;
    yield* scanner.scan(bytes);
  }
  scanner.end();
}

/** Follows brackets and strings, and nothing else: a part ends at a comma or bracket of the level that it began on. */
class Scanner {
  readonly #most: number;
  readonly #found: BundlePart[] = [];
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isInEntries = false;
  #isEnded = false;
  #entries = 0;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  scan(bytes: Uint8Array): readonly BundlePart[] {
    this.#found.length = 0;
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#isInString) {
        this.#inString(byte);
        continue;
      }
      if (byte === QUOTE) this.#isInString = true;
      else if (byte === COMMA || byte >= OPEN_BRACKET) {
        if (this.#isBoundary(byte)) {
          this.#keep(bytes.subarray(from, at));
          from = at + 1;
          this.#boundary(byte);
        } else this.#nest(byte);
      }
    }
    this.#keep(bytes.subarray(from));
    return this.#found;
  }

  end(): void {
    const rest = this.#text() ?? '';
    if (this.#depth === 0 && rest.trim() === '' && this.#isEnded) return;
    if (this.#depth === 0 && !this.#isInString) throw noObject();
    const message = 'The bundle ends in the middle of the JSON; fetch it again';
    throw new VitaledgerError('INVALID_ARGUMENT', message, { path: 'Bundle' });
  }

  #inString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
  }

  #nest(byte: number): void {
    if (byte === OPEN_BRACKET && this.#depth === 0) throw noObject();
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth--;
  }

  /** The level on which parts lie: the Bundle's members, or the elements of its `entry`. */
  get #level(): number {
    return this.#isInEntries ? 2 : 1;
  }

  #isBoundary(byte: number): boolean {
    if (byte === COMMA) return this.#depth === this.#level;
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return this.#depth === this.#level;
    if (byte === OPEN_BRACE) return this.#depth === 0;
    return byte === OPEN_BRACKET && this.#depth === 1 && !this.#isInEntries;
  }

  #boundary(byte: number): void {
    if (byte === OPEN_BRACE) this.#begin();
    else if (byte === OPEN_BRACKET) this.#beginEntries();
    else {
      this.#take();
      if (byte !== COMMA) this.#close();
    }
  }

  #begin(): void {
    if (this.#isEnded || (this.#text() ?? 'x').replace(/^\ufeff/, '').trim() !== '') throw noObject();
    this.#depth = 1;
  }

  #beginEntries(): void {
    const name = this.#text();
    this.#depth++;
    // A member that is too long is none that is needed.
    if (name === undefined) this.#size = this.#most + 1;
    else if (isEntries(name)) this.#isInEntries = true;
    else this.#keep(Buffer.from(`${name}[`));
  }

  #close(): void {
    this.#depth--;
    if (this.#isInEntries) this.#isInEntries = false;
    else this.#isEnded = true;
  }

  #take(): void {
    const isTooLong = this.#size > this.#most;
    const text = this.#text();
    if (!isTooLong && text?.trim() === '') return;
    if (this.#isInEntries) this.#found.push({ kind: 'entry', index: this.#entries++, text });
    else if (text !== undefined) this.#found.push({ kind: 'member', text });
  }

  #keep(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size > this.#most) this.#parts = [];
    else if (bytes.length > 0) this.#parts.push(Uint8Array.from(bytes));
  }

  /** What was kept since the last boundary; undefined when it was too long. */
  #text(): string | undefined {
    const text = this.#size > this.#most ? undefined : Buffer.concat(this.#parts).toString('utf8');
    [this.#parts, this.#size] = [[], 0];
    return text;
  }
}

/** Whether the name of a member, which may be written with escapes, is that of the entries. */
function isEntries(name: string): boolean {
  const [, written] = NAME.exec(name) ?? [];
  try {
    return written !== undefined && JSON.parse(written) === 'entry';
  } catch {
    return false; // for the reader of the part to see
  }
}

function noObject(): VitaledgerError {
  return new VitaledgerError('INVALID_ARGUMENT', 'The bundle must be one JSON object', { path: 'Bundle' });
}
