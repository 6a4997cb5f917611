import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '../..');

function vitaledger(...args: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'bin/vitaledger.js'), ...args],
    { encoding: 'utf8' },
  );
  return { code: status, out: stdout, err: stderr };
}

describe('the vitaledger command', () => {
  it('tells its version', () => {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    assert.deepEqual(vitaledger('--version'), { code: 0, out: `${version}\n`, err: '' });
  });

  it('lists its parts on request', () => {
    const { code, out } = vitaledger('--help');
    assert.equal(code, 0);
    assert.match(out, /network/);
  });

  it('refuses what it does not know, with a hint and exit code 2', () => {
    const { code, err } = vitaledger('netwrok');
    assert.equal(code, 2);
    assert.match(err, /unknown command 'netwrok'/);
    assert.match(err, /--help/);
  });
});
