import { columns, duration, wrap } from './layout.js';

/** Where the story goes: standard output, or a test's string. */
export interface Output {
  write(text: string): void;
  /** Whether lines can be drawn over: a terminal. */
  readonly isTerminal: boolean;
}

export interface NarratorOptions {
  readonly color: boolean;
  /** Columns; 100 unless told. */
  readonly width?: number;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

const styles = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const;
type Style = keyof typeof styles;

const MARGIN = '  ';
const PARTY_WIDTH = 17;
const TIME_WIDTH = 10;

/** Tells the story: scenes, what each party does (with its duration) and what each party sees. */
export class Narrator {
  readonly #output: Output;
  readonly #color: boolean;
  readonly #width: number;
  readonly #now: () => number;
  readonly #started: number;
  #scene = 0;
  #pending = false;

  constructor(output: Output, { color, width = 100, now = () => performance.now() }: NarratorOptions) {
    this.#output = output;
    this.#color = color;
    this.#width = width;
    this.#now = now;
    this.#started = now();
  }

  /** Milliseconds since the story began. */
  get elapsed(): number {
    return this.#now() - this.#started;
  }

  /** Begins the next scene. */
  scene(title: string): void {
    this.#scene += 1;
    const head = `━━ ${this.#scene}. ${title} `;
    this.#line('');
    this.#line(head.padEnd(this.#width, '━'), 'bold', 'cyan');
  }

  /** The teller's own words. */
  tell(text: string): void {
    this.#line('');
    for (const line of wrap(text, this.#width - 2 * MARGIN.length)) this.#line(`${MARGIN}${line}`);
    this.#line('');
  }

  /** A remark that may be skipped. */
  remark(text: string): void {
    for (const line of wrap(text, this.#width - 2 * MARGIN.length)) this.#line(`${MARGIN}${line}`, 'dim');
  }

  /** A line of a longer operation, with the seconds since it began. */
  progress(since: number, text: string): void {
    const seconds = ((this.#now() - since) / 1000).toFixed(1).padStart(6);
    for (const line of wrap(text, this.#width - 14)) this.#line(`${MARGIN}${seconds} s  ${line}`, 'dim');
  }

  /** For {@link progress}. */
  get clock(): number {
    return this.#now();
  }

  /**
   * What a party does, with how long it took. `text` is what is shown when it is done, which may depend on the result.
   *
   * @param work may report how far it is by the function that it is given
   */
  async does<T>(
    party: string,
    text: string | ((result: T) => string),
    work: (report: (text: string) => void) => Promise<T>,
  ): Promise<T> {
    const began = this.#now();
    const doing = (now: string): void => {
      this.#draw(this.#row(party, `${now} …`)[0] ?? '');
    };
    doing(typeof text === 'string' ? text : 'is at work');
    let result: T;
    try {
      result = await work(doing);
    } finally {
      this.#erase();
    }
    this.#timed(party, typeof text === 'string' ? text : text(result), this.#now() - began);
    return result;
  }

  /** What a party can see, line by line. */
  sees(party: string, ...lines: readonly string[]): void {
    this.#party(party, 'sees', lines, 'cyan');
  }

  /** That something was allowed. */
  allowed(party: string, ...lines: readonly string[]): void {
    this.#party(party, '✓', lines, 'green');
  }

  /** That something was refused, as it should be. */
  refused(party: string, ...lines: readonly string[]): void {
    this.#party(party, '✗', lines, 'red');
  }

  /** Rows of cells below each other. */
  table(rows: readonly (readonly string[])[], options: { readonly head?: readonly string[] } = {}): void {
    const indent = `${MARGIN}${MARGIN}`;
    const { head } = options;
    const lines = columns(head ? [head, ...rows] : rows, this.#width - 2 * indent.length);
    lines.forEach((line, index) => {
      this.#line(`${indent}${line}`, ...(head && index === 0 ? (['dim'] as const) : []));
    });
  }

  /** Something set apart, such as a text to be signed or a receipt; rows of cells are drawn as a table. */
  quote(title: string, content: readonly string[] | readonly (readonly string[])[]): void {
    const inner = this.#width - 2 * MARGIN.length - 4;
    this.#line(`${MARGIN}┌ ${title}`, 'yellow');
    const rows = content.map((one): readonly string[] => (typeof one === 'string' ? [one] : one));
    for (const line of columns(rows, inner)) {
      this.#output.write(`${MARGIN}${this.#styled('│', 'yellow')} ${line}\n`);
    }
    this.#line(`${MARGIN}└${'─'.repeat(20)}`, 'yellow');
  }

  blank(): void {
    this.#line('');
  }

  #party(party: string, verb: string, lines: readonly string[], style: Style): void {
    const head = `${MARGIN}${party.padEnd(PARTY_WIDTH)}`;
    const indent = ' '.repeat(head.length + verb.length + 1);
    const width = this.#width - indent.length - MARGIN.length;
    lines
      .flatMap((line) => wrap(line, width))
      .forEach((line, index) => {
        const start = index === 0 ? `${this.#styled(head, 'bold')}${this.#styled(verb, style)} ` : indent;
        this.#output.write(`${start}${line}\n`);
      });
  }

  #timed(party: string, text: string, milliseconds: number): void {
    const time = duration(milliseconds).padStart(TIME_WIDTH);
    this.#row(party, text).forEach((line, index) => {
      const [name, rest] = [
        line.slice(0, MARGIN.length + PARTY_WIDTH),
        line.slice(MARGIN.length + PARTY_WIDTH),
      ];
      const end = index === 0 ? this.#styled(time, 'dim') : '';
      const filled = index === 0 ? rest.padEnd(this.#width - name.length - TIME_WIDTH) : rest;
      this.#output.write(`${this.#styled(name, 'bold')}${filled}${end}`.trimEnd() + '\n');
    });
  }

  #row(party: string, text: string): readonly string[] {
    const head = `${MARGIN}${party.padEnd(PARTY_WIDTH)}`;
    return wrap(text, this.#width - head.length - TIME_WIDTH - 1).map(
      (line, index) => `${index === 0 ? head : ' '.repeat(head.length)}${line}`,
    );
  }

  /** A line that the next one replaces; only where that is possible. */
  #draw(line: string): void {
    if (!this.#output.isTerminal) return;
    this.#erase();
    this.#output.write(this.#styled(line, 'dim'));
    this.#pending = true;
  }

  #erase(): void {
    if (this.#pending) this.#output.write('\r\u001b[2K');
    this.#pending = false;
  }

  #line(text: string, ...wanted: readonly Style[]): void {
    this.#erase();
    this.#output.write(`${this.#styled(text, ...wanted)}\n`);
  }

  #styled(text: string, ...wanted: readonly Style[]): string {
    if (!this.#color || wanted.length === 0 || text === '') return text;
    return `\u001b[${wanted.map((style) => styles[style]).join(';')}m${text}\u001b[0m`;
  }
}
