import type { TracedComparison, TracedOutcome, VersionOutcomes } from '@vitaledger/domain';
import { CHANGE_WORDS, rankWords, toldWords, verdictOn, verdictWords } from './outcome-words.js';
import type { SponsorOutcomes } from './sponsor-outcomes.js';
import type { OutcomesReport } from './trials.js';

/** The report of one trial as an HTML page that needs nothing else: no script, no picture, no address. */
export function outcomesPage(report: OutcomesReport): string {
  const { trial, status, sponsor, baseline, latest, start, versions, reported } = report;
  const basis = baseline.isBeforeStart
    ? 'the last version before the trial began'
    : 'the first version; the trial had begun already';
  return page(`Outcomes of ${trial}`, [
    `<p>${text(status)}, registered by ${text(sponsor)}. Measured by version ${baseline.version} of ${day(baseline.instant)}, ${text(basis)}${start.start === undefined ? '' : ` (${text(start.start)}, ${text(start.basis)})`}.</p>`,
    `<p class="verdict">${text(verdictOn(report))}</p>`,
    `<h2>Version ${latest.version} of ${day(latest.instant)}</h2>`,
    comparisonTable(report),
    ...(reported ? ['<h2>The results</h2>', comparisonTable(reported)] : []),
    ...(versions.length === 0 ? [] : ['<h2>Every version since</h2>', versionsTable(versions)]),
    '<p class="note">An outcome is matched in spite of new wordings; what a verdict rests on stands beside it. Confidence is how clear the match is, from 0.5 to 1, and no probability. “Declared” means that the reason of an amendment names the outcome and the change.</p>',
  ]);
}

/** The report of a sponsor as such a page. */
export function sponsorPage({ sponsor, total, switched, silently, trials }: SponsorOutcomes): string {
  const rows = trials.map(({ trial, title, verdict, results = '' }) =>
    row([text(trial), text(title), text(verdict), text(results)], isSilent(verdict) || isSilent(results)),
  );
  return page(`Outcomes of ${sponsor}`, [
    `<p class="verdict">${total} trials: ${switched} with a switched primary outcome, ${silently} of them without a word.</p>`,
    `<table><tr><th>trial</th><th>title</th><th>registry</th><th>results</th></tr>${rows.join('')}</table>`,
  ]);
}

function comparisonTable({ outcomes }: TracedComparison): string {
  const rows = outcomes.map((outcome) =>
    row(
      [
        text(rankWords(outcome)),
        wording(outcome),
        text(outcome.changes.map((change) => CHANGE_WORDS[change]).join(', ')),
        text(toldWords(outcome)),
        evidence(outcome),
      ],
      outcome.traced.some(({ disclosure }) => disclosure !== 'declared'),
    ),
  );
  const head = ['rank', 'outcome', 'what became of it', 'told', 'evidence']
    .map((name) => `<th>${name}</th>`)
    .join('');
  return `<table><tr>${head}</tr>${rows.join('')}</table>`;
}

function wording({ before, after }: TracedOutcome): string {
  const told = (outcome: typeof before): string =>
    outcome === undefined ? '' : `${text(outcome.measure)} <span>${text(outcome.timeFrame ?? '')}</span>`;
  if (before === undefined || after === undefined) return told(before ?? after);
  const [was, is] = [told(before), told(after)];
  return was === is ? is : `<del>${was}</del><br><ins>${is}</ins>`;
}

function evidence({ confidence, evidence: found }: TracedOutcome): string {
  const parts = [
    `likeness ${found.likeness.toFixed(2)}, confidence ${confidence.toFixed(2)}`,
    found.onlyBefore.length === 0 ? '' : `only before: ${found.onlyBefore.join(', ')}`,
    found.onlyAfter.length === 0 ? '' : `only after: ${found.onlyAfter.join(', ')}`,
    found.days === undefined ? '' : `days: ${found.days.before.join(', ')} → ${found.days.after.join(', ')}`,
  ];
  return parts
    .filter((part) => part !== '')
    .map(text)
    .join('<br>');
}

function versionsTable(versions: readonly VersionOutcomes[]): string {
  const rows = versions.map((version) =>
    row(
      [
        String(version.version),
        day(version.instant),
        text(version.reason ?? ''),
        String(version.changed.length),
        text(verdictWords({ ...version, outcomes: [] })),
      ],
      version.silentlySwitched,
    ),
  );
  return `<table><tr><th>version</th><th>of</th><th>reason</th><th>outcomes changed</th><th>primary outcomes</th></tr>${rows.join('')}</table>`;
}

const isSilent = (verdict: string): boolean => verdict === 'switched silently';

function row(cells: readonly string[], isMarked: boolean): string {
  return `<tr${isMarked ? ' class="silent"' : ''}>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`;
}

const day = (instant: string): string => text(instant.slice(0, 10));

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that anyone may have written, as text of a page. */
function text(value: string): string {
  return value.replace(/[&<>"']/gu, (sign) => ENTITIES[sign] ?? sign);
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1em;color:#1b1f24}
table{border-collapse:collapse;width:100%;margin:1em 0}th,td{text-align:left;vertical-align:top;padding:.4em .6em;border-bottom:1px solid #d0d7de}
th{font-weight:600}td span{color:#57606a}del{color:#82071e}ins{color:#116329;text-decoration:none}
tr.silent td{background:#fff1e5}.verdict{font-size:1.15em;font-weight:600}.note{color:#57606a;font-size:.9em}`;

function page(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(title)}</title>
<style>${STYLE}</style></head>
<body><h1>${text(title)}</h1>
${body.join('\n')}
</body></html>
`;
}
