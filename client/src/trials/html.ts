/** A page that needs nothing else to be read: no script, no picture, no address. */
export function page(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(title)}</title>
<style>${STYLE}</style></head>
<body><main>
${body.join('\n')}
</main></body></html>
`;
}

/** A table whose cells are HTML. */
export function htmlTable(head: readonly string[], rows: readonly string[]): string {
  const cells = head.map((name) => `<th scope="col">${text(name)}</th>`).join('');
  return `<div class="wide"><table><thead><tr>${cells}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** A row; what is `marked` needs a reader's attention. */
export function htmlRow(cells: readonly string[], isMarked: boolean): string {
  return `<tr${isMarked ? ' class="silent"' : ''}>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`;
}

/** The day of an instant. */
export const day = (instant: string): string => text(instant.slice(0, 10));

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that anyone may have written, as text of a page. */
export function text(value: string): string {
  return value.replace(/[&<>"']/gu, (sign) => ENTITIES[sign] ?? sign);
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1b1f24;background:#fff}main{max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{margin:0 0 .25rem;line-height:1.25}h2{margin:2rem 0 .5rem}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.95em}th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid #d0d7de}
th{font-weight:600}.time{color:#57606a}del{color:#82071e}ins{color:#116329;text-decoration:none}
tr.silent td{background:#fff1e5}tr.silent td:first-child{border-left:4px solid #bc4c00}
.verdict{font-size:1.15em;font-weight:600;padding:.6rem .9rem;border-left:4px solid #1a7f37;background:#f0fff4}.verdict.silent{border-color:#bc4c00;background:#fff1e5}.verdict.told{border-color:#9a6700;background:#fff8c5}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:1rem}.sides section{border:1px solid #d0d7de;border-radius:6px;padding:.2rem 1rem}.sides h3{margin:.5rem 0}
.note,dl{color:#424a53;font-size:.9em}dt{font-weight:600;float:left;clear:left;margin-right:.5rem}dd{margin:0 0 .2rem}
@media print{main{margin:0}tr{break-inside:avoid}}`;
