import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareOutcomeLists, type OutcomeComparison } from './compare-outcomes.js';
import type { Outcome } from './outcome.js';

const PROJECT = join(__dirname, '../../../..');
const LABELS = ['w', 't', 'm', 'mt', 'd'] as const;
type Label = (typeof LABELS)[number];

interface LabelledPair {
  readonly label: Label;
  readonly before: Outcome;
  readonly after: Outcome;
}

function outcome(text = ''): Outcome {
  const [measure = '', timeFrame = ''] = text.split(' @ ').map((part) => part.trim());
  assert.ok(measure !== '' && timeFrame !== '', text);
  return { rank: 'primary', measure, timeFrame, pointer: '/0' };
}

/** The pairs that were labelled by hand, see docs/trial-outcomes.md. */
function labelledPairs(part: 'tuning' | 'held-out'): readonly LabelledPair[] {
  const file = join(PROJECT, 'domain/src/trials/outcomes/labelled-pairs', `${part}.txt`);
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name, before, after] = line.split(' | ').map((text) => text.trim());
      const label = LABELS.find((one) => one === name);
      assert.ok(label, line);
      return { label, before: outcome(before), after: outcome(after) };
    });
}

function labelOf({ changes }: OutcomeComparison): Label {
  if (changes.includes('dropped')) return 'd';
  const [isMeasure, isTime] = [changes.includes('measure-changed'), changes.includes('time-frame-changed')];
  if (isMeasure) return isTime ? 'mt' : 'm';
  return isTime ? 't' : 'w';
}

interface Judged {
  readonly label: Label;
  readonly told: Label;
  readonly confidence: number;
}

function judge({ label, before, after }: LabelledPair): Judged {
  const [comparison] = compareOutcomeLists([before], [after]).outcomes;
  assert.ok(comparison);
  return { label, told: labelOf(comparison), confidence: comparison.confidence };
}

const percent = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;

/** Rows: what the hand says; columns: what the method says. */
function matrix(judged: readonly Judged[]): string[] {
  return LABELS.map((label) => {
    const cells = LABELS.map(
      (told) => judged.filter((one) => one.label === label && one.told === told).length,
    );
    return `${label} | ${cells.join(' | ')}`;
  });
}

/** Of the pairs that `told` picks by the method's word, those that it picks by hand, and the other way round. */
function figures(name: string, judged: readonly Judged[], picks: (label: Label) => boolean): string {
  const [said, are] = [judged.filter(({ told }) => picks(told)), judged.filter(({ label }) => picks(label))];
  const both = said.filter(({ label }) => picks(label)).length;
  return `${name} | ${percent(both, said.length)} (${both} of ${said.length}) | ${percent(both, are.length)} (${both} of ${are.length})`;
}

function tables(judged: readonly Judged[]): string[] {
  const right = judged.filter(({ label, told }) => label === told);
  const clear = judged.filter(({ confidence }) => confidence >= 0.75);
  const rightAndClear = clear.filter(({ label, told }) => (label === 'd') === (told === 'd'));
  return [
    ...matrix(judged),
    figures('one outcome', judged, (label) => label !== 'd'),
    figures('another outcome', judged, (label) => label === 'd'),
    figures('a change to look at', judged, (label) => label !== 'w'),
    figures('wording only', judged, (label) => label === 'w'),
    figures('time frame changed', judged, (label) => label === 't' || label === 'mt'),
    figures('measure changed', judged, (label) => label === 'm' || label === 'mt'),
    `all five right: ${percent(right.length, judged.length)} (${right.length} of ${judged.length})`,
    `confidence of 0.75 or more: ${percent(rightAndClear.length, clear.length)} (${rightAndClear.length} of ${clear.length}) paired right`,
  ];
}

/** As prettier sets a table's cells apart does not matter. */
const bare = (text: string): string =>
  text
    .replace(/^\||\|$|`/gmu, '')
    .replace(/ +/gu, ' ')
    .replace(/^ | $/gmu, '');

describe('the labelled pairs of outcomes', () => {
  const documented = bare(readFileSync(join(PROJECT, 'docs/trial-outcomes.md'), 'utf8'));

  it('are more than 200, each in one part only', () => {
    const all = (['tuning', 'held-out'] as const).flatMap(labelledPairs);
    assert.ok(all.length >= 200, String(all.length));
    const texts = all.map(({ before, after }) =>
      [before, after].map((one) => `${one.measure} @ ${one.timeFrame ?? ''}`).join(),
    );
    assert.equal(new Set(texts).size, all.length);
  });

  for (const part of ['tuning', 'held-out'] as const) {
    it(`are judged as the documentation says: the ${part} part`, () => {
      const judged = labelledPairs(part).map(judge);
      if (process.env.VITALEDGER_PRINT !== undefined) console.log(tables(judged).join('\n'));
      const section = documented.split(/^## /mu).find((text) => text.startsWith(`The ${part} part`));
      assert.ok(section, 'docs/trial-outcomes.md has the section');
      for (const line of tables(judged)) assert.ok(section.includes(line), `docs/trial-outcomes.md: ${line}`);
    });
  }

  it('are judged alike in either direction, as far as rank and order do not matter', () => {
    for (const { before, after } of [...labelledPairs('tuning'), ...labelledPairs('held-out')]) {
      const [there, back] = [
        judge({ label: 'w', before, after }),
        judge({ label: 'w', before: after, after: before }),
      ];
      assert.equal(there.told, back.told, `${before.measure} / ${after.measure}`);
    }
  });
});
