import type {
  Outcome,
  OutcomeEvidence,
  TracedChange,
  TracedComparison,
  TracedOutcome,
  VersionOutcomes,
} from '@vitaledger/domain';
import { day, htmlRow, htmlTable, page, text } from './html.js';
import { CHANGE_WORDS, rankWords, summaryOn, toldOf, verdictOn, verdictWords } from './outcome-words.js';
import type { SponsorOutcomes } from './sponsor-outcomes.js';
import type { OutcomesReport } from './trials.js';

/** The report of one trial as an HTML page that needs nothing else: no script, no picture, no address. */
export function outcomesPage(report: OutcomesReport): string {
  const { trial, title, status, sponsor, latest, versions, reported } = report;
  return page(`Outcomes of ${trial}`, [
    `<h1>${text(title)}</h1>`,
    `<p>Trial ${text(trial)}, ${text(status)}, registered by ${text(sponsor)}: what it announced to measure, and what became of it.</p>`,
    verdict(verdictOn(report), worst(report)),
    `<p>${measuredBy(report)}</p>`,
    sides(report),
    `<h2>On the registry now: version ${latest.version} of ${day(latest.instant)}</h2>`,
    comparisonTable(report),
    ...(reported ? ['<h2>In the results</h2>', comparisonTable(reported)] : []),
    ...(versions.length === 0
      ? []
      : ['<h2>Every version since the announcement</h2>', versionsTable(versions)]),
    LEGEND,
  ]);
}

/** The report of a sponsor as such a page. */
export function sponsorPage(report: SponsorOutcomes): string {
  const { sponsor, switched, silently, trials } = report;
  const rows = trials.map(({ trial, title, registeredLate, verdict: now, results = '' }) =>
    htmlRow(
      [text(trial), text(title), registeredLate ? 'after the start' : 'before it', text(now), text(results)],
      isSilent(now) || isSilent(results),
    ),
  );
  const how = silently > 0 ? 'switched silently' : switched > 0 ? 'switched, declared' : 'as announced';
  return page(`Outcomes of ${sponsor}`, [
    `<h1>Outcomes of the trials of ${text(sponsor)}</h1>`,
    verdict(`${summaryOn(report)}.`, how),
    htmlTable(['trial', 'title', 'registered', 'on the registry', 'in the results'], rows),
    LEGEND,
  ]);
}

type Verdict = ReturnType<typeof verdictWords>;

const CLASSES: Readonly<Record<Verdict, string>> = {
  'as announced': 'verdict',
  'switched, declared': 'verdict told',
  'switched silently': 'verdict silent',
};

const verdict = (sentence: string, how: Verdict): string =>
  `<p class="${CLASSES[how]}">${text(sentence)}</p>`;

/** The worse of what the registry and the results show. */
function worst(report: OutcomesReport): Verdict {
  const all = [report, report.reported].flatMap((one) => (one ? [verdictWords(one)] : []));
  const found = (['switched silently', 'switched, declared'] as const).find((how) => all.includes(how));
  // Nothing that was announced too late is as it should be.
  return found ?? (report.baseline.isBeforeStart ? 'as announced' : 'switched, declared');
}

const STARTS: Readonly<Record<OutcomesReport['start']['basis'], string>> = {
  stated: 'as the latest version states',
  actual: 'as a version stated it for a fact',
  recruited: 'when the registry was told that it recruits',
  unknown: '',
};

function measuredBy({ baseline, start }: OutcomesReport): string {
  const began =
    start.start === undefined ? '' : ` The trial began on ${day(start.start)}, ${text(STARTS[start.basis])}.`;
  const which = baseline.isBeforeStart
    ? 'the last one before the trial began'
    : 'the first one, registered when the trial had begun already';
  return `Everything is measured by version ${baseline.version} of ${day(baseline.instant)}, ${which}.${began}`;
}

/** What was announced as primary outcome, beside what stands in its place. */
function sides({ outcomes, reported }: OutcomesReport): string {
  const primary = (heading: string, listed: readonly (Outcome | undefined)[]): string => {
    const found = listed.flatMap((outcome) => (outcome?.rank === 'primary' ? [outcome] : []));
    const items = found.map((outcome) => `<li>${told(outcome)}</li>`).join('');
    return `<section><h3>${heading}</h3><ul>${items || '<li>none</li>'}</ul></section>`;
  };
  return `<h2>Primary outcomes</h2><div class="sides">${[
    primary(
      'Announced',
      outcomes.map(({ before }) => before),
    ),
    primary(
      'On the registry now',
      outcomes.map(({ after }) => after),
    ),
    ...(reported
      ? [
          primary(
            'In the results',
            reported.outcomes.map(({ after }) => after),
          ),
        ]
      : []),
  ].join('')}</div>`;
}

function comparisonTable({ outcomes }: TracedComparison): string {
  const rows = outcomes.map((outcome) =>
    htmlRow(
      [
        text(rankWords(outcome)),
        wording(outcome),
        text(outcome.changes.map((change) => CHANGE_WORDS[change]).join(', ')),
        outcome.traced.map(disclosed).join('<br>'),
        evidence(outcome),
      ],
      outcome.traced.some(({ disclosure }) => disclosure !== 'declared'),
    ),
  );
  return htmlTable(['rank', 'outcome', 'what became of it', 'who was told', 'what this rests on'], rows);
}

function disclosed(change: TracedChange): string {
  const words = text(toldOf(change));
  return change.disclosure === 'silent' ? `<strong>${words}</strong>` : words;
}

const told = ({ measure, timeFrame = '' }: Outcome): string =>
  `${text(measure)} <span class="time">${text(timeFrame)}</span>`;

/** Measure and time, each once when it is the same, else the old one struck out. */
function wording({ before, after }: TracedOutcome): string {
  if (before === undefined || after === undefined) {
    const only = before ?? after;
    return only ? told(only) : '';
  }
  const times = changed(before.timeFrame ?? '', after.timeFrame ?? '');
  return `${changed(before.measure, after.measure)}<br><span class="time">${times}</span>`;
}

const changed = (was: string, is: string): string =>
  was === is ? text(is) : `<del>${text(was)}</del><br><ins>${text(is)}</ins>`;

function evidence({ before, after, confidence, evidence: found }: TracedOutcome): string {
  const isPair = before !== undefined && after !== undefined;
  return [...(isPair ? ofPair(found, confidence) : ofSingle(found, confidence))].map(text).join('<br>');
}

function ofPair({ likeness, onlyBefore, onlyAfter, days }: OutcomeEvidence, confidence: number): string[] {
  return [
    `likeness ${likeness.toFixed(2)}, confidence ${confidence.toFixed(2)}`,
    ...(onlyBefore.length === 0 ? [] : [`words only before: ${onlyBefore.join(', ')}`]),
    ...(onlyAfter.length === 0 ? [] : [`words only after: ${onlyAfter.join(', ')}`]),
    ...(days === undefined
      ? []
      : [`days: ${days.before.join(', ') || '–'} → ${days.after.join(', ') || '–'}`]),
  ];
}

function ofSingle({ likeness }: OutcomeEvidence, confidence: number): string[] {
  return [
    likeness === 0
      ? 'nothing in the other version is like it'
      : `the likest other one: ${likeness.toFixed(2)}`,
    `confidence ${confidence.toFixed(2)}`,
  ];
}

function versionsTable(versions: readonly VersionOutcomes[]): string {
  const rows = versions.map((version) =>
    htmlRow(
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
  return htmlTable(
    ['version', 'of', "the sponsor's reason", 'outcomes not as announced', 'primary outcomes'],
    rows,
  );
}

const isSilent = (how: string): boolean => how === 'switched silently';

const LEGEND = `<h2>How to read this</h2>
<dl><dt>switched</dt><dd>a primary outcome was dropped, added, promoted, demoted, or is measured or timed otherwise</dd>
<dt>declared</dt><dd>the reason of an amendment names the outcome and the change; it says that readers were told, not that the change was right</dd>
<dt>vaguely</dt><dd>the reason speaks of outcomes without saying which, or what was done to them</dd>
<dt>silently</dt><dd>no reason speaks of it; so is whatever only the results show</dd></dl>
<p class="note">Outcomes are matched in spite of new wordings, by rules and not by people. Likeness is what two of them share, 0 to 1. Confidence is how clear the match is, 0.5 to 1, and no probability. Words are cut to their stems. Look at the
texts before you judge: how often the rules err is published with the method (docs/trial-outcomes.md of the project).</p>`;
