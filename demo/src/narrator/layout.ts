/** Breaks text into lines of at most `width` characters, at spaces; a longer word gets a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, width));
}

function wrapParagraph(paragraph: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ').filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Columns as wide as their widest cell, two spaces apart; the last one takes what is left of `width`, and is wrapped. */
export function columns(rows: readonly (readonly string[])[], width: number): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: Math.max(0, count - 1) }, (_, column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const before = widths.reduce((sum, one) => sum + one + 2, 0);
  return rows.flatMap((row) => {
    const head = widths.map((one, column) => (row[column] ?? '').padEnd(one + 2)).join('');
    const last = wrap(row[count - 1] ?? '', Math.max(20, width - before));
    return last.map((line, index) => `${index === 0 ? head : ' '.repeat(before)}${line}`.trimEnd());
  });
}

/** `412 ms`, `1.24 s`, `1 min 12 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 100_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1 record`, `1,210 records`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `1,210`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `812 bytes`, `41 KB`, `3.1 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return counted(count, 'byte');
  if (count < 1_000_000) return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} KB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

/** The beginning of an id, a hash or a key: `7c1f09ab…`. */
export function short(id: string, digits = 8): string {
  return id.length <= digits + 1 ? id : `${id.slice(0, digits)}…`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}
