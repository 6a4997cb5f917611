import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { program } from './program.js';
import { completionScript, wordsByPath } from './completion-command.js';

/** What bash offers for a line whose last word is being written. */
function offered(script: string, ...line: readonly string[]): readonly string[] {
  const words = line.map((word) => `'${word}'`).join(' ');
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `${script}\nCOMP_WORDS=(${words}); COMP_CWORD=${String(line.length - 1)}; _vitaledger; echo "\${COMPREPLY[@]}"`,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(stderr, '');
  return stdout.trim().split(' ');
}

describe('completion', () => {
  it('knows every command that there is, with its options', async () => {
    const words = wordsByPath(await program());
    assert.ok(words.get('')?.includes('consent'));
    assert.ok(words.get('consent')?.includes('grant'));
    assert.ok(words.get('consent grant')?.includes('--template'));
  });

  it('completes in bash', async function () {
    if (spawnSync('bash', ['--version']).error) this.skip();
    const root = await program();
    const script = completionScript('bash', root);
    assert.deepEqual(offered(script, 'vitaledger', 'cons'), ['consent']);
    assert.deepEqual(offered(script, 'vitaledger', 'consent', 'gr'), ['grant']);
    assert.deepEqual(offered(script, 'vitaledger', 'consent', 'grant', '--key', 'a.json', '--templ'), [
      '--template',
    ]);
    assert.deepEqual(offered(script, 'vitaledger', 'trial', 'get', 'NCT1', '--effect'), ['--effective']);
  });
});
