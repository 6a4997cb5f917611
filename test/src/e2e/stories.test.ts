import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suiteNetwork } from '../harness/suite-network.js';

const PROJECT = join(__dirname, '../../..');

interface Scene {
  readonly commands: string;
  /** Lines that its output must have. */
  readonly shown: readonly string[];
}

/** The commands of a story, each with what it shows. */
function scenesOf(story: string, language = 'sh'): readonly Scene[] {
  const text = readFileSync(join(PROJECT, 'docs/stories', story), 'utf8');
  const scene = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\`\\n\\n\`\`\`text\\n(.*?)\`\`\``, 'gs');
  return [...text.matchAll(scene)].map(([, commands = '', shown = '']) => ({
    commands,
    shown: shown.trim().split('\n'),
  }));
}

const plain = (text: string): string => text.replace(/(V[LS])-[0-9a-f]{16}/g, '$1-…').replace(/ +/g, ' ');

function bash(script: string, cwd: string, path: string): Promise<string> {
  const env = { ...process.env, PATH: `${path}:${process.env.PATH ?? ''}` };
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script], { cwd, env, encoding: 'utf8' }, (error, out, err) => {
      if (error) reject(new Error(`${error.message}\n${out}\n${err}`));
      else resolve(out);
    });
  });
}

describe('the stories of docs/stories', () => {
  let folder: string;

  before(async () => {
    const network = await suiteNetwork();
    folder = mkdtempSync(join(tmpdir(), 'story-'));
    mkdirSync(join(folder, '.vitaledger'));
    symlinkSync(network.directory.root, join(folder, '.vitaledger/network'));
    symlinkSync(join(PROJECT, 'demo'), join(folder, 'demo'));
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
    const program = join(PROJECT, 'client/bin/vitaledger.js');
    writeFileSync(join(folder, 'vitaledger'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    chmodSync(join(folder, 'vitaledger'), 0o755);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs a story's commands, each after the other in one shell, and looks for what each shows. */
  async function run(story: string, count: number): Promise<void> {
    const scenes = scenesOf(story);
    assert.equal(scenes.length, count);
    const marked = scenes.map(({ commands }, index) => `echo "scene ${String(index)}"\n${commands}`);
    shows(await bash(`set -e\n${marked.join('\n')}`, folder, folder), scenes);
  }

  /** Holds what a story printed, scene by scene, against what it says that it shows. */
  function shows(output: string, scenes: readonly Scene[]): void {
    const outputs = plain(output)
      .split(/^scene \d+$/m)
      .slice(1);
    for (const [index, { shown }] of scenes.entries())
      for (const line of shown)
        assert.ok(
          outputs[index]?.includes(plain(line)),
          `scene ${String(index)}: ${line}\n${outputs[index] ?? ''}`,
        );
  }

  it('run as they stand: a switched outcome is found', async function () {
    this.timeout(180_000);
    await run('switched-outcome.md', 5);
    assert.match(readFileSync(join(folder, 'switched.html'), 'utf8'), /switched silently/);
  });

  it('run as they stand: research under the patients’ terms', async function () {
    this.timeout(180_000);
    await run('research-under-terms.md', 6);
  });

  /** Stories in the SDK's calls, by their files, with how many scenes each has. */
  const told: Readonly<Record<string, number>> = {
    'shared-and-taken-back': 3,
    'a-team-changes': 3,
    'broken-glass': 3,
    'dispensed-once': 3,
    'critical-result': 3,
    'guardian-and-adolescent': 3,
    'account-of-disclosures': 2,
    erasure: 3,
    'put-right': 3,
  };
  for (const [story, count] of Object.entries(told))
    it(`run as they stand: ${story}`, async function () {
      this.timeout(120_000);
      const scenes = scenesOf(`${story}.md`, 'js');
      assert.equal(scenes.length, count);
      const reader = `node "${join(PROJECT, 'docs/stories/read.cjs')}" "${join(PROJECT, `docs/stories/${story}.md`)}"`;
      shows(await bash(reader, folder, folder), scenes);
    });

  it('are all of them tested here', () => {
    const files = readdirSync(join(PROJECT, 'docs/stories')).filter((name) => name.endsWith('.md'));
    const tested = [...Object.keys(told), 'switched-outcome', 'research-under-terms'];
    assert.deepEqual(files.sort(), tested.map((name) => `${name}.md`).sort());
  });
});
