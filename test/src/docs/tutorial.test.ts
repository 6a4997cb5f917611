import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stepsOf, type Step } from './page.js';

const PROJECT = join(__dirname, '../../..');

/** What a clean machine without a registry says; everything else is a failure. */
const NO_REGISTRY = /\b(ENOTCACHED|ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH)\b/;

const hasFabric = ['peer', 'orderer', 'osnadmin', 'configtxgen'].every((name) =>
  [process.env.FABRIC_BIN ?? '', ...(process.env.PATH ?? '').split(delimiter)].some(
    (folder) => folder !== '' && existsSync(join(folder, name)),
  ),
);

describe('docs/tutorial.md, followed word by word with the packages that are published', function () {
  this.timeout(300_000);
  const [project, network, ...work] = stepsOf('tutorial.md');
  let home = '';
  let packages: string[];

  before(function () {
    if (process.env.VITALEDGER_TUTORIAL_TESTS !== '1') {
      console.warn('      SKIPPED: it installs packages; VITALEDGER_TUTORIAL_TESTS=1 runs it, as CI does');
      this.skip();
    }
    home = mkdtempSync(join(tmpdir(), 'vitaledger-tutorial-'));
    const output = join(home, 'packages');
    const packed = spawnSync(process.execPath, [join(PROJECT, 'scripts/pack.mjs'), '--output', output], {
      encoding: 'utf8',
    });
    assert.equal(packed.status, 0, packed.stderr);
    packages = readdirSync(output).map((name) => join(output, name));
  });
  after(async () => {
    if (home === '') return;
    // Whatever failed before, no process of the network may stay.
    const folder = join(home, 'consented-read');
    if (existsSync(join(folder, '.vitaledger/network')))
      await bash('npx vitaledger network clean --yes', folder);
    rmSync(home, { recursive: true, force: true });
  });

  it('makes a project in a clean folder', async function () {
    assert.ok(project?.kind === 'run');
    const named = '@vitaledger/client @vitaledger/network';
    assert.ok(project.commands.includes(named));
    const commands = project.commands.replace(named, packages.map((file) => `'${file}'`).join(' '));
    try {
      await bash(commands, home);
    } catch (error) {
      if (!NO_REGISTRY.test(String(error))) throw error;
      console.warn('SKIPPED: no package registry can be reached, so nothing was installed');
      this.skip();
    }
  });

  for (const engine of ['embedded', 'fabric'] as const) {
    it(`gets a consented read working: ${engine}`, async function () {
      const folder = join(home, 'consented-read');
      if (!existsSync(join(folder, 'node_modules'))) this.skip();
      if (engine === 'fabric' && !hasFabric) {
        console.warn('SKIPPED: Fabric’s programs are not on FABRIC_BIN or PATH');
        this.skip();
      }
      assert.ok(network?.kind === 'run');
      await bash(`${network.commands.trim()} --engine ${engine}`, folder);
      const printed: string[] = [];
      for (const step of work) printed.push(await follow(step, folder));
      const output = printed.join('\n');
      assert.match(output, /Diabetes mellitus/);
      assert.ok(work.some((step) => step.kind === 'run' && step.shown !== undefined));
      assert.match(output, /ClinicMSP +practitioner +TREAT .* permit/);
      rmSync(join(folder, 'bob.key.json'));
      rmSync(join(folder, 'bob-records'), { recursive: true });
    });
  }

  it('offers the same names to ESM and CommonJS, and the command to both', async function () {
    const folder = join(home, 'consented-read');
    if (!existsSync(join(folder, 'node_modules'))) this.skip();
    writeFileSync(join(folder, 'both.cjs'), BOTH);
    assert.match(await bash('node both.cjs', folder), /^[1-9]\d+ names\n$/);
    assert.match(await bash('npx vitaledger --version', folder), /^\d+\.\d+\.\d+\n$/);
  });

  /** Does one step in the folder; what it printed. */
  async function follow(step: Step, folder: string): Promise<string> {
    if (step.kind === 'save') {
      writeFileSync(join(folder, step.file), step.content);
      return '';
    }
    const printed = await bash(step.commands, folder);
    if (step.shown !== undefined) assert.equal(printed, step.shown);
    return printed;
  }

  function bash(script: string, cwd: string): Promise<string> {
    const env = {
      ...process.env,
      XDG_CONFIG_HOME: join(home, 'config'),
      npm_config_prefer_offline: 'true',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_loglevel: 'error',
    };
    const options = { cwd, env, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 } as const;
    return new Promise((resolve, reject) => {
      execFile('bash', ['-e', '-o', 'pipefail', '-c', script], options, (error, out, err) => {
        if (error) reject(new Error(`${script}\n${out}\n${err}`));
        else resolve(out);
      });
    });
  }
});

const BOTH = `
const required = require('@vitaledger/client');
import('@vitaledger/client').then((imported) => {
  const missing = Object.keys(required).filter((name) => imported[name] !== required[name]);
  if (missing.length > 0) throw new Error('not in ESM: ' + missing.join(', '));
  console.log(Object.keys(required).length + ' names');
});
`;
