import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint, Linter } from 'eslint';
import { parser } from 'typescript-eslint';

const PROJECT = join(__dirname, '..', '..', '..');
const RULE = 'no-restricted-syntax';

/** What the project's own settings forbid in a file, without the types that other rules need. */
async function lint(file: string): Promise<(code: string) => readonly string[]> {
  const eslint = new ESLint({ cwd: PROJECT });
  const { rules } = (await eslint.calculateConfigForFile(join(PROJECT, file))) as {
    rules: Linter.RulesRecord;
  };
  const config: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: { parser: parser },
    rules: rules[RULE] === undefined ? {} : { [RULE]: rules[RULE] },
  };
  return (code) =>
    new Linter().verify(code, [config], { filename: 'contract.ts' }).map(({ message, fatal }) => {
      assert.ok(!fatal, message);
      return message.split(':')[0] ?? '';
    });
}

const CLOCK = 'No clock in a contract';
const RANDOM = 'No randomness in a contract';
const LOCALE = 'Time zone and locale differ between peers';
const ORDER = 'The order of members is not the same for all who sent them';
const RANGE = 'No range reads in submitted functions';

const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  [CLOCK]: [
    'Date.now()',
    'new Date()',
    'Date()',
    'new Date',
    'process.hrtime.bigint()',
    'process.uptime()',
    'performance.now()',
    'setTimeout(done, 1)',
  ],
  [RANDOM]: [
    'Math.random()',
    "import { randomBytes } from 'node:crypto'",
    "import { randomUUID as fresh } from 'node:crypto'",
    'crypto.randomUUID()',
    'crypto.getRandomValues(bytes)',
    "import { generateKeyPairSync } from 'node:crypto'",
  ],
  [LOCALE]: [
    'names.sort((a, b) => a.localeCompare(b))',
    'value.toLocaleString()',
    'value.toLocaleUpperCase()',
    'Intl.DateTimeFormat()',
    'new Intl.Collator()',
    'new Date(instant).getHours()',
    'date.getTimezoneOffset()',
    'date.setMonth(1)',
    'date.toDateString()',
  ],
  [ORDER]: ['for (const name in object) use(name)'],
};

const method = (decorator: string, body: string): string =>
  `class C { @${decorator} @Returns('string') async f(context) { ${body} } }`;
const RANGES = [
  'for await (const one of context.ledger.rangePrivate(all)) use(one)',
  'page(ledger.range(all), 1, one => one)',
  'return ledger.privateHash(custodian, key)',
];

describe('the lint rules of contracts', () => {
  for (const file of ['chaincode/src/records/record-contract.ts', 'domain/src/decision/decide.ts']) {
    for (const [message, snippets] of Object.entries(FORBIDDEN))
      for (const snippet of snippets)
        it(`refuse in ${file}: ${snippet}`, async () => {
          const found = (await lint(file))(snippet);
          assert.ok(found.length > 0);
          assert.deepEqual([...new Set(found)], [message]);
        });

    it(`let pass in ${file} what is the same everywhere`, async () => {
      const verify = await lint(file);
      for (const snippet of [
        'new Date(instant).getUTCHours()',
        'new Date(Date.parse(instant) + 1).toISOString()',
        'for (const name of Object.keys(object).sort()) use(name)',
        'Math.max(1, 2)',
      ])
        assert.deepEqual(verify(snippet), [], snippet);
    });
  }

  it('refuse range reads, and others’ hashes, in what is submitted, and nowhere else', async () => {
    const verify = await lint('chaincode/src/records/record-contract.ts');
    for (const range of RANGES) {
      assert.deepEqual(verify(method('Transaction()', range)), [RANGE], range);
      assert.deepEqual(verify(method('Transaction(false)', range)), [], range);
    }
  });

  it('refuse JSON in whatever order the members come in contracts', async () => {
    const verify = await lint('chaincode/src/ledger/stored-value.ts');
    assert.deepEqual(verify('JSON.stringify(value)'), [ORDER]);
    assert.deepEqual(verify('canonicalJson(value)'), []);
  });

  it('leave a clock to one file', async () => {
    const verify = await lint('chaincode/src/clock/wall-clock.ts');
    assert.deepEqual(verify('new Date()'), []);
    const eslint = new ESLint({ cwd: PROJECT });
    const exempt: string[] = [];
    for (const file of ['chaincode/src', 'domain/src'].flatMap(sources)) {
      const { rules } = (await eslint.calculateConfigForFile(join(PROJECT, file))) as {
        rules: Linter.RulesRecord;
      };
      if (rules[RULE] === undefined) exempt.push(file);
    }
    assert.deepEqual(exempt, ['chaincode/src/clock/wall-clock.ts']);
  });
});

/** What is built into the contracts. */
function sources(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.startsWith('testing/'))
    .map((name) => `${folder}/${name}`);
}
