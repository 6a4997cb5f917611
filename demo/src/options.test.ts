import assert from 'node:assert/strict';
import { CommandLineEnd, readOptions } from './options.js';

describe('the command line of the demonstration', () => {
  const end = (...args: string[]): CommandLineEnd => {
    try {
      readOptions(args);
    } catch (error) {
      assert.ok(error instanceof CommandLineEnd, String(error));
      return error;
    }
    return assert.fail('it was accepted');
  };

  let calledFrom: string | undefined;
  beforeEach(() => {
    // Set when npm runs these tests.
    calledFrom = process.env.INIT_CWD;
    delete process.env.INIT_CWD;
  });
  afterEach(() => {
    if (calledFrom === undefined) delete process.env.INIT_CWD;
    else process.env.INIT_CWD = calledFrom;
  });

  it('needs nothing: the embedded ledger, its own data, a temporary network', () => {
    assert.deepEqual(readOptions([]), { engine: 'embedded', bundles: [], keep: false, color: true });
  });

  it('takes several bundles in their order, a trial and a folder', () => {
    const options = readOptions(
      '--engine fabric --bundle a.json --bundle b.json.gz --trial t.json --keep --directory d --no-color'.split(
        ' ',
      ),
    );
    assert.equal(options.engine, 'fabric');
    assert.deepEqual(options.bundles, ['a.json', 'b.json.gz']);
    assert.deepEqual(
      [options.trial, options.directory, options.keep, options.color],
      ['t.json', 'd', true, false],
    );
  });

  it('means files from where npm was called, not from where npm runs the script', () => {
    process.env.INIT_CWD = '/elsewhere';
    const { bundles } = readOptions(['--bundle', 'a.json', '--bundle', '/b.json']);
    assert.deepEqual(bundles, ['/elsewhere/a.json', '/b.json']);
  });

  it('shows help with examples, within 100 columns', () => {
    const { exitCode, text } = end('--help');
    assert.equal(exitCode, 0);
    assert.match(text, /npm run demo -- --bundle/);
    assert.deepEqual(
      text.split('\n').filter((line) => line.length > 100),
      [],
    );
  });

  for (const [name, args, told] of [
    ['an unknown engine', ['--engine', 'paper'], /embedded, fabric/],
    ['an unknown option', ['--bundel', 'a.json'], /--bundle/],
    ['an option without its value', ['--trial'], /--trial/],
    ['an empty file name', ['--bundle', ''], /empty/],
    ['an argument that nothing asks for', ['a.json'], /arguments/],
  ] as const) {
    it(`refuses ${name} with exit code 2, and says what is wrong`, () => {
      const { exitCode, text } = end(...args);
      assert.equal(exitCode, 2);
      assert.match(text, told);
    });
  }
});
