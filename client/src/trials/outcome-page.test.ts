import assert from 'node:assert/strict';
import { trialOutcomes, type TrialRecord } from '@vitaledger/domain';
import { outcomesPage, sponsorPage } from './outcome-page.js';
import { sponsorOutcomes } from './sponsor-outcomes.js';
import type { ListedTrial } from './listed-trial.js';
import type { OutcomesReport } from './trials.js';

function report(measure: string, reason: string): OutcomesReport {
  const record = (title: string): TrialRecord => ({
    protocolSection: {
      statusModule: { startDateStruct: { date: '2026-02-01' } },
      outcomesModule: { primaryOutcomes: [{ measure: title, timeFrame: '1 year' }] },
    },
  });
  const outcomes = trialOutcomes([
    { version: 1, instant: '2026-01-01T00:00:00.000Z', record: record('Overall survival') },
    { version: 2, instant: '2026-03-01T00:00:00.000Z', record: record(measure), reason },
  ]);
  assert.ok(outcomes);
  return { trial: 'VL-1', title: 'A trial', status: 'recruiting', sponsor: 'ResearchMSP', ...outcomes };
}

describe('the page of outcomes', () => {
  it('shows the switch, where it came in and who told', () => {
    const page = outcomesPage(report('Fatigue', 'New sites'));
    assert.match(page, /switched silently/);
    assert.match(page, /dropped in version 2, silently/);
    assert.match(page, /<tr class="silent">/);
    assert.match(page, /<p class="verdict silent">/);
    assert.match(page, /<strong>dropped in version 2, silently/);
    assert.match(page, /Announced<\/h3><ul><li>Overall survival .*On the registry now<\/h3><ul><li>Fatigue /);
    assert.match(
      page,
      /Everything is measured by version 1 of 2026-01-01, the last one before the trial began/,
    );
    // Each element is closed, in order.
    const open: string[] = [];
    for (const [, end, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (['meta', 'br'].includes(name)) continue;
      if (end === '') open.push(name);
      else assert.equal(open.pop(), name);
    }
    assert.deepEqual(open, []);
    const declared = outcomesPage(
      report('Fatigue', 'Overall survival was dropped; Fatigue is the new primary outcome'),
    );
    assert.match(declared, /switched, declared/);
    assert.doesNotMatch(declared, /class="(?:verdict )?silent"/);
    assert.match(declared, /<p class="verdict told">/);
    assert.match(outcomesPage(report('OS', 'New sites')), /<p class="verdict">/);
  });

  it('shows what sponsors wrote as text, never as part of the page', () => {
    const page = outcomesPage(report('<script>alert(1)</script>', `"><img src=x onerror='x'>`));
    assert.doesNotMatch(page, /<script|<img/);
    assert.match(page, /&lt;script&gt;/);
  });

  it('does not call a trial as announced that was registered when it had begun', async () => {
    const late = { ...report('OS', 'New sites') };
    const registered = { ...late, baseline: { ...late.baseline, isBeforeStart: false } };
    const page = outcomesPage(registered);
    assert.match(page, /class="verdict told">[^<]*had begun before it was registered here/);
    assert.match(page, /the first one, registered when the trial had begun already/);
    assert.doesNotMatch(outcomesPage(late), /had begun before/);
    const listed = { id: 'a', titles: ['A'] } as unknown as ListedTrial;
    const trials = (async function* () {
      yield await Promise.resolve(listed);
    })();
    const found = await sponsorOutcomes('ResearchMSP', trials, () => Promise.resolve(registered));
    assert.deepEqual([found.late, found.trials[0]?.registeredLate], [1, true]);
  });

  it('sums up a sponsor', async () => {
    const reports = new Map([
      ['a', report('Fatigue', 'New sites')],
      ['b', report('OS', 'New sites')],
      ['c', report('Fatigue', 'Overall survival was dropped; Fatigue is the new primary outcome')],
    ]);
    async function* trials(): AsyncGenerator<ListedTrial> {
      for (const id of reports.keys())
        yield await Promise.resolve({ id, titles: [`<b>${id}`] } as unknown as ListedTrial);
    }
    const found = await sponsorOutcomes('ResearchMSP', trials(), (id) => Promise.resolve(reports.get(id)!));
    assert.deepEqual([found.total, found.switched, found.silently], [3, 2, 1]);
    assert.deepEqual(
      found.trials.map(({ verdict }) => verdict),
      ['switched silently', 'as announced', 'switched, declared'],
    );
    assert.match(
      sponsorPage(found),
      /verdict silent">3 trials: 2 with.*; 0 registered after their start\.[^]*&lt;b&gt;a/,
    );
  });
});
