/** Where a text stops being JSON (RFC 8259). Offsets count UTF-16 code units from 0, lines and columns from 1. */
export interface JsonFault {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  /** The text is a proper beginning of some JSON text: it was cut off. */
  readonly truncated: boolean;
}

type Expectation = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end';

const LITERALS = ['true', 'false', 'null'] as const;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const UNFINISHED_NUMBER = /^-?(?:\d+\.|(?:\d+(?:\.\d+)?[eE][+-]?))?$/;
const ESCAPES = '"\\/bfnrt';
const UNICODE_ESCAPE = /^[0-9a-fA-F]{4}$/;

/** Signals the offset at which scanning cannot go on; never leaves this file. */
class Stop extends Error {
  constructor(
    readonly offset: number,
    readonly truncated: boolean,
  ) {
    super('not JSON');
  }
}

/**
 * JSON.parse names no position for some faults, quotes the text in its message (which may be a patient's), and
 * changes its wording between Node releases. This scanner runs only after it refused a text, to say where.
 */
class JsonScanner {
  readonly #open: ('{' | '[')[] = [];
  #expect: Expectation = 'value';
  #at = 0;

  constructor(private readonly text: string) {}

  scan(): void {
    for (;;) {
      this.#skipSpace();
      if (this.#open.length === 0 && this.#expect === 'comma-or-end') {
        if (this.#at < this.text.length) throw new Stop(this.#at, false);
        return;
      }
      if (this.#at >= this.text.length) throw new Stop(this.#at, true);
      this.#step(this.text.charAt(this.#at));
    }
  }

  #step(char: string): void {
    switch (this.#expect) {
      case 'colon':
        this.#literal(char, ':');
        this.#expect = 'value';
        return;
      case 'comma-or-end':
        this.#afterValue(char);
        return;
      case 'key':
      case 'key-or-end':
        this.#key(char);
        return;
      case 'value':
      case 'value-or-end':
        this.#value(char);
    }
  }

  #afterValue(char: string): void {
    if (char === ',') {
      this.#at += 1;
      this.#expect = this.#open.at(-1) === '{' ? 'key' : 'value';
    } else {
      this.#close(char);
    }
  }

  #key(char: string): void {
    if (char === '}' && this.#expect === 'key-or-end') {
      this.#close(char);
    } else if (char === '"') {
      this.#string();
      this.#expect = 'colon';
    } else {
      throw new Stop(this.#at, false);
    }
  }

  #value(char: string): void {
    if (char === ']' && this.#expect === 'value-or-end') {
      this.#close(char);
    } else if (char === '{' || char === '[') {
      this.#open.push(char);
      this.#at += 1;
      this.#expect = char === '{' ? 'key-or-end' : 'value-or-end';
    } else {
      if (char === '"') this.#string();
      else this.#scalar();
      this.#expect = 'comma-or-end';
    }
  }

  #close(char: string): void {
    const opened = this.#open.at(-1);
    if (!((char === '}' && opened === '{') || (char === ']' && opened === '[')))
      throw new Stop(this.#at, false);
    this.#open.pop();
    this.#at += 1;
    this.#expect = 'comma-or-end';
  }

  #literal(char: string, wanted: string): void {
    if (char !== wanted) throw new Stop(this.#at, false);
    this.#at += 1;
  }

  #scalar(): void {
    const literal = LITERALS.find((word) => this.text.startsWith(word, this.#at));
    if (literal !== undefined) {
      this.#at += literal.length;
      return;
    }
    NUMBER.lastIndex = this.#at;
    const number = NUMBER.exec(this.text)?.[0];
    const end = this.#at + (number?.length ?? 0);
    const rest = this.text.slice(this.#at, this.#at + 400);
    const cut = LITERALS.some((word) => word.startsWith(rest)) || UNFINISHED_NUMBER.test(rest);
    if (cut) throw new Stop(this.text.length, true);
    if (number === undefined) throw new Stop(this.#at, false);
    this.#at = end;
  }

  #string(): void {
    let at = this.#at + 1;
    while (at < this.text.length) {
      const char = this.text.charAt(at);
      if (char === '"') {
        this.#at = at + 1;
        return;
      }
      if (char < ' ') throw new Stop(at, false);
      at = char === '\\' ? this.#escape(at) : at + 1;
    }
    throw new Stop(this.text.length, true);
  }

  #escape(at: number): number {
    const char = this.text.charAt(at + 1);
    if (char === '') return at + 1;
    if (char !== 'u') {
      if (!ESCAPES.includes(char)) throw new Stop(at, false);
      return at + 2;
    }
    const digits = this.text.slice(at + 2, at + 6);
    if (digits.length === 4 && !UNICODE_ESCAPE.test(digits)) throw new Stop(at, false);
    return at + 6;
  }

  #skipSpace(): void {
    while (' \t\n\r'.includes(this.text.charAt(this.#at)) && this.#at < this.text.length) this.#at += 1;
  }
}

/** The first place where `text` is not JSON, or undefined when it is. */
export function locateJsonFault(text: string): JsonFault | undefined {
  try {
    new JsonScanner(text).scan();
    return undefined;
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    const before = text.slice(0, stop.offset).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    return { offset: stop.offset, line: before.length, column, truncated: stop.truncated };
  }
}
