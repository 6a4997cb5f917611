import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decideRecord } from '../decision/decide.js';
import type { RecordFacets } from '../decision/decision.js';
import { CA_ON_PHIPA } from './ca-on-phipa.js';
import { EU_EHDS } from './eu-ehds.js';
import { EU_GDPR } from './eu-gdpr.js';
import { type Asked, asked, consent, record } from './request-for-tests.test.js';
import { US_42CFR2 } from './us-42cfr2.js';
import { US_HIPAA } from './us-hipaa.js';

const EU = [EU_GDPR, EU_EHDS];
const COLUMNS = [
  ['United States', [US_HIPAA, US_42CFR2], { in: 'US-CA' }],
  ['Germany, 2026', EU, { in: 'DE' }],
  ['Germany, 2029', EU, { in: 'DE', at: '2029-06-01T00:00:00.000Z' }],
  ['Ontario', [CA_ON_PHIPA], { in: 'CA-ON' }],
] as const;

const researcher: Asked = { purpose: 'HRESCH', role: 'researcher', kinds: ['research'] };
const btg: Asked = { purpose: 'BTG', role: 'emergency', kinds: ['hospital'], evidence: 'emergency' };
const ownBilling: Asked = { purpose: 'HPAYMT', role: 'registrar', own: true };

const ROWS: readonly (readonly [title: string, question: Asked, of?: RecordFacets])[] = [
  ['treatment, no consent', {}],
  ['treatment, the patient denied it', { consents: [consent('deny', ['TREAT'])] }],
  ['treatment, no consent, a Part 2 program record', {}, record(['part2-program'])],
  [
    'treatment, consent to everything, psychotherapy notes',
    { consents: [consent('permit', ['TREAT'])] },
    record(['psychotherapy-notes']),
  ],
  ["the clinic's billing, no consent", { purpose: 'HPAYMT', role: 'pharmacist' }],
  ["the hospital's own billing, no consent", ownBilling],
  ["the hospital's own billing of everything, no consent", { ...ownBilling, filter: {} }],
  [
    "the clinic's billing of everything, with consent",
    { purpose: 'HPAYMT', filter: {}, consents: [consent('permit', ['HPAYMT'])] },
  ],
  ['research, no consent', researcher],
  ['research, with consent', { ...researcher, consents: [consent('permit', ['HRESCH'])] }],
  ['marketing, no consent', { purpose: 'HMARKT' }],
  ['broken glass, the patient denied treatment', { ...btg, consents: [consent('deny', ['TREAT'])] }],
  ['broken glass, opted out of primary use', { ...btg, optOuts: ['primary-use'] }],
  [
    'broken glass, psychotherapy notes, the patient denied treatment',
    { ...btg, consents: [consent('deny', ['TREAT'])] },
    record(['psychotherapy-notes']),
  ],
  ["the patient's own request", { purpose: 'PATRQT', role: 'registrar', own: true, evidence: 'patient' }],
];

/** The table of docs/policy-packs.md, each answer with the sections that it rests on. */
function comparison(): string[][] {
  const rows = ROWS.map(([title, question, of = record()]) => [
    title,
    ...COLUMNS.map(([, packs, where]) => {
      const { outcome, policies = [] } = decideRecord(asked(packs, { ...where, ...question }), of);
      const sections = policies.map(({ citation }) => citation);
      return [`**${outcome}**`, ...new Set(sections)].join('<br>');
    }),
  ]);
  return [['request', ...COLUMNS.map(([title]) => title)], ...rows];
}

describe('the comparison in docs/policy-packs.md', () => {
  it('shows what the packs answer', () => {
    const page = readFileSync(path.join(__dirname, '../../../docs/policy-packs.md'), 'utf8');
    const [, shown = ''] = /<!-- compared -->(.*?)<!-- \/compared -->/s.exec(page) ?? [];
    const cells = shown
      .trim()
      .split('\n')
      .filter((line) => !/^\|[ |-]+\|$/.test(line))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const expected = comparison();
    const table = expected.map((row) => `| ${row.join(' | ')} |`).join('\n');
    assert.deepEqual(cells, expected, `the page must show:\n${table}`);
  });

  it('has different answers to the same request', () => {
    const [, ...rows] = comparison();
    const differing = rows.filter(
      ([, ...answers]) => new Set(answers.map((one) => one.split('<br>')[0])).size > 1,
    );
    assert.ok(differing.length >= 5);
  });
});
