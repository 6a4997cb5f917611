import { canonicalJson } from '../json/canonical.js';
import { type ErrorCode, isErrorCode } from './codes.js';

/** Facts about a refusal: `path` (JSON path of bad input), `reason` (a stable upper-case word), `receipt`, limits. Never personal data. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** A refusal with a stable code, a message that says what to do, and details. None of them may hold personal data. */
export class VitaledgerError extends Error {
  override readonly name = 'VitaledgerError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  /** The one JSON object `{"code","details","message"}` as which a contract throws this error. */
  toWire(): string {
    return canonicalJson({ code: this.code, details: this.details, message: this.message });
  }

  /**
   * Finds an error that {@link toWire} wrote inside `text`, which peers, shims and gateways prefix
   * (`chaincode response 500, Error: {…}`).
   *
   * @returns `undefined` when there is none.
   */
  static fromWire(text: string): VitaledgerError | undefined {
    for (let start = text.indexOf(OPENING); start >= 0; start = text.indexOf(OPENING, start + 1)) {
      const error = readWire(text.slice(start, endOfObject(text, start)));
      if (error) return error;
    }
    return undefined;
  }
}

const OPENING = '{"code":"';

/** The index after the brace that closes the object opened at `start`, or the end of the text. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (const match of text.slice(start).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (match[0] === '{') depth += 1;
    if (match[0] === '}') depth -= 1;
    if (depth === 0) return start + match.index + 1;
  }
  return text.length;
}

function readWire(json: string): VitaledgerError | undefined {
  let wire: unknown;
  try {
    wire = JSON.parse(json);
  } catch {
    return undefined; // other text that begins like an error; the caller looks further
  }
  const { code, message, details } = wire as Record<string, unknown>;
  if (!isErrorCode(code) || typeof message !== 'string') return undefined;
  return new VitaledgerError(code, message, readDetails(details));
}

function readDetails(details: unknown): ErrorDetails {
  if (typeof details !== 'object' || details === null) return {};
  const plain = Object.entries(details).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  return Object.fromEntries(plain);
}

/** An `INVALID_ARGUMENT` at a JSON path. `rule` completes the sentence "<path> …"; it never quotes the value. */
export function invalid(path: string, rule: string, details: ErrorDetails = {}): VitaledgerError {
  return new VitaledgerError('INVALID_ARGUMENT', `${path} ${rule}`, { ...details, path });
}
