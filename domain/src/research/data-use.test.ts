import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { validateDataUse } from './data-use.js';
import { DUO_TERMS, duoCodeOf, type DuoCode } from './duo.js';
import { validateResearchPurpose } from './research-purpose.js';

/** The ontology's terms, when the folder for them lies beside the project. */
const ONTOLOGY = join(__dirname, '../../../../shared/data/duo/duo.csv');

const at = (path: string) => (error: unknown) =>
  error instanceof VitaledgerError && error.code === 'INVALID_ARGUMENT' && error.details.path === path;

describe('validateDataUse', () => {
  it('accepts every permission and modifier with its value', () => {
    const modifiers = [
      ...['NMDS', 'GSO', 'NPUNCU', 'PUB', 'COL', 'IRB', 'RTN', 'CC', 'NPOA', 'NPU', 'NCU'].map((code) => ({
        code,
      })),
      { code: 'GS', regions: ['US-CA', 'DE'] },
      { code: 'MOR', until: '2027-01-01' },
      { code: 'TS', months: 24 },
      { code: 'US', approved: ['u-1'] },
      { code: 'PS', approved: ['NCT00716976'] },
      { code: 'IS', approved: ['UniMSP'] },
      { code: 'RS', types: ['EFO:0000408'] },
    ];
    const dataUse = { permission: { code: 'DS', diseases: ['MONDO:0005148', 'DOID:9352'] }, modifiers };
    assert.deepEqual(validateDataUse(dataUse), dataUse);
    for (const code of ['NRES', 'GRU', 'HMB', 'POA']) {
      validateDataUse({ permission: { code }, modifiers: [] });
    }
  });

  const refused: readonly (readonly [string, unknown, unknown, string])[] = [
    ['an unknown permission', { code: 'ANY' }, [], 'dataUse.permission.code'],
    ['a modifier as permission', { code: 'IRB' }, [], 'dataUse.permission.code'],
    ['DS without diseases', { code: 'DS' }, [], 'dataUse.permission.diseases'],
    ['DS with no disease', { code: 'DS', diseases: [] }, [], 'dataUse.permission.diseases'],
    ['a disease in words', { code: 'DS', diseases: ['asthma'] }, [], 'dataUse.permission.diseases[0]'],
    ['diseases of GRU', { code: 'GRU', diseases: ['MONDO:0005148'] }, [], 'dataUse.permission'],
    ['an unknown modifier', { code: 'GRU' }, [{ code: 'XX' }], 'dataUse.modifiers[0].code'],
    ['TS without months', { code: 'GRU' }, [{ code: 'TS' }], 'dataUse.modifiers[0].months'],
    ['months that are none', { code: 'GRU' }, [{ code: 'TS', months: 0 }], 'dataUse.modifiers[0].months'],
    ['a month as a day', { code: 'GRU' }, [{ code: 'MOR', until: '2027-01' }], 'dataUse.modifiers[0].until'],
    ['no such day', { code: 'GRU' }, [{ code: 'MOR', until: '2027-02-30' }], 'dataUse.modifiers[0].until'],
    [
      'a region in words',
      { code: 'GRU' },
      [{ code: 'GS', regions: ['EU+'] }],
      'dataUse.modifiers[0].regions[0]',
    ],
    ['a value that PUB has not', { code: 'GRU' }, [{ code: 'PUB', until: 'x' }], 'dataUse.modifiers[0]'],
    ['a modifier twice', { code: 'GRU' }, [{ code: 'PUB' }, { code: 'PUB' }], 'dataUse.modifiers[1].code'],
    ['conditions on no restriction', { code: 'NRES' }, [{ code: 'PUB' }], 'dataUse.modifiers'],
    ['ancestry only, and not', { code: 'POA' }, [{ code: 'NPOA' }], 'dataUse.modifiers'],
  ];
  for (const [what, permission, modifiers, where] of refused) {
    it(`refuses ${what}, naming the path`, () => {
      assert.throws(() => validateDataUse({ permission, modifiers }), at(where));
    });
  }
});

describe('validateResearchPurpose', () => {
  const purpose = { aims: ['health', 'methods'], undertakings: ['PUB'] };

  it('accepts a study that says everything, or as little as it must', () => {
    const full = {
      ...purpose,
      diseases: [],
      genetic: true,
      commercial: false,
      notForProfit: true,
      regions: ['DE'],
      institutions: ['UniMSP'],
      users: ['u-1'],
      project: 'p-1',
      types: ['EFO:0000408'],
      publication: '2027-01-01',
      until: '2028-12-31',
      ethics: { digest: 'e'.repeat(64), until: '2028-12-31' },
    };
    assert.deepEqual(validateResearchPurpose(full), full);
    assert.deepEqual(validateResearchPurpose(purpose), purpose);
  });

  const refused: readonly (readonly [string, object, string])[] = [
    ['no aim', { aims: [] }, 'purpose.aims'],
    ['an unknown aim', { aims: ['profit'] }, 'purpose.aims[0]'],
    ['an aim twice', { aims: ['health', 'health'] }, 'purpose.aims'],
    ['undertakings unsaid', { undertakings: undefined }, 'purpose.undertakings'],
    ['an undertaking twice', { undertakings: ['PUB', 'PUB'] }, 'purpose.undertakings'],
    ['a condition that is no undertaking', { undertakings: ['NPU'] }, 'purpose.undertakings[0]'],
    ['a disease in words', { diseases: ['asthma'] }, 'purpose.diseases[0]'],
    ['a name as user', { users: ['Jane Doe'] }, 'purpose.users[0]'],
    ['an approval without document', { ethics: {} }, 'purpose.ethics.digest'],
    ['a member unknown here', { sponsor: 'x' }, 'purpose'],
  ];
  for (const [what, change, where] of refused) {
    it(`refuses ${what}, naming the path`, () => {
      assert.throws(() => validateResearchPurpose({ ...purpose, ...change }), at(where));
    });
  }
});

describe('DUO_TERMS', () => {
  it('finds a term by its CURIE', () => {
    assert.equal(duoCodeOf('DUO:0000042'), 'GRU');
    assert.equal(duoCodeOf('DUO:0000017'), undefined);
  });

  it('are those of the ontology, with its ids and labels', function () {
    if (!existsSync(ONTOLOGY)) {
      console.warn('      SKIPPED: the Data Use Ontology is not beside the project');
      this.skip();
    }
    const rows = readFileSync(ONTOLOGY, 'utf8')
      .split('\n')
      .map((line) => /^(DUO:\d+),([A-Z]+),("[^"]*"|[^,]*),/.exec(line))
      .filter((row) => row !== null);
    assert.equal(rows.length, Object.keys(DUO_TERMS).length);
    for (const [, id, code = '', label = ''] of rows) {
      const term = DUO_TERMS[code as DuoCode];
      assert.deepEqual([term.id, term.label], [id, label.replaceAll('"', '')]);
    }
  });
});
