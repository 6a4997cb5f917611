import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { suiteNetwork } from '../harness/suite-network.js';

const PROJECT = join(__dirname, '../../..');
const run = promisify(execFile);

interface Recipe {
  readonly title: string;
  readonly code: string;
  readonly shown: string;
}

/** The lines that every recipe begins with, and the recipes, each with what it shows. */
function cookbook(): { readonly beginning: string; readonly recipes: readonly Recipe[] } {
  const text = readFileSync(join(PROJECT, 'docs/cookbook.md'), 'utf8');
  const beginning = /```ts\n(.*?)```/su.exec(text)?.[1];
  assert.ok(beginning);
  const recipes = [...text.matchAll(/\n## ([^\n]+)\n(.*?)(?=\n## |$)/gsu)].map(
    ([, title = '', body = '']) => {
      const [, code, shown] = /```ts\n(.*?)```\n\n```text\n(.*?)```/su.exec(body) ?? [];
      assert.ok(
        code !== undefined && shown !== undefined,
        `"${title}" has no code, or does not say what it shows`,
      );
      return { title, code, shown };
    },
  );
  return { beginning, recipes };
}

/** Imports stand at the top of a module. */
function moduleOf(beginning: string, code: string): string {
  const isImport = (line: string): boolean => line.startsWith('import ');
  const lines = code.split('\n');
  return [
    ...lines.filter(isImport),
    beginning,
    ...lines.filter((line) => !isImport(line)),
    'export {};',
  ].join('\n');
}

describe('docs/cookbook.md', function () {
  this.timeout(120_000);
  const { beginning, recipes } = cookbook();
  let folder: string;

  before(async () => {
    const network = await suiteNetwork();
    // Beside this file, so that it finds the packages; with the folder that `network up` makes unless told otherwise.
    folder = mkdtempSync(join(__dirname, 'cookbook-'));
    mkdirSync(join(folder, '.vitaledger'));
    symlinkSync(network.directory.root, join(folder, '.vitaledger/network'));
    const files = recipes.map(({ code }, index) => {
      const file = join(folder, `recipe-${String(index)}.mts`);
      writeFileSync(file, moduleOf(beginning, code));
      return file;
    });
    const tsc = join(dirname(require.resolve('@typescript/native/package.json')), 'bin/tsc');
    const options = [
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--types',
      'node',
      '--strict',
      '--ignoreConfig',
    ];
    await run(process.execPath, [tsc, ...options, ...files]).catch((error: unknown) => {
      throw new Error(String((error as { stdout?: unknown }).stdout));
    });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const [index, { title, shown }] of recipes.entries()) {
    it(`works as it stands there: ${title}`, async () => {
      const program = `import('./recipe-${String(index)}.mjs').then(() => process.exit(0))`;
      const { stdout } = await run(process.execPath, ['-e', program], { cwd: folder });
      assert.equal(stdout, shown);
    });
  }
});
