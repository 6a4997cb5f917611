import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { NetworkStatus } from '../network/network.js';

const BIN = join(__dirname, '..', '..', 'bin', 'network.js');
const TOPOLOGY = `
name: commanded
organizations: [{ name: clinic, mspId: ClinicMSP, domain: clinic.example, kinds: [clinic], jurisdiction: DE }]
channels: [{ name: public, members: [clinic] }]
chaincodes: [{ name: register, channel: public, path: ${join(__dirname, '../../src/network/fixtures/register')} }]
`;

describe('the network command', function () {
  this.timeout(60_000);
  let folder: string;
  const run = (args: readonly string[], env: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: dirname(process.execPath), HOME: folder, ...env },
    });
    return { status, stdout, stderr };
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'command-'));
    writeFileSync(join(folder, 'network.yaml'), TOPOLOGY);
  });
  after(() => {
    if (existsSync(join(folder, '.vitaledger'))) run(['clean', '--yes']);
    rmSync(folder, { recursive: true });
  });

  it('explains itself with examples', () => {
    const { status, stdout } = run(['--help']);
    assert.equal(status, 0);
    for (const word of ['up', 'down', 'status', 'deploy', 'logs', 'clean', 'Examples:', 'FABRIC_BIN']) {
      assert(stdout.includes(word), word);
    }
    assert.match(run(['up', '--help']).stdout, /--engine <engine>/);
  });

  it('says that there is no network, and what to do', () => {
    for (const name of ['status', 'down', 'logs', 'clean']) {
      const { status, stderr } = run([name]);
      assert.equal(status, 1);
      assert.match(stderr, /^NOT_RUNNING: There is no network in .*network up/);
    }
    assert(!existsSync(join(folder, '.vitaledger')));
  });

  it('refuses an invalid topology with the path of the fault, and writes nothing', () => {
    writeFileSync(join(folder, 'invalid.yaml'), TOPOLOGY.replace('kinds: [clinic]', 'kinds: [clinik]'));
    const { status, stderr } = run(['up', '-t', 'invalid.yaml']);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /TOPOLOGY_INVALID: .*invalid\.yaml[^]*organizations\[0\]\.kinds\[0\]: must be one of hospital/,
    );
    assert(!existsSync(join(folder, '.vitaledger')));
  });

  it('says which of Fabric’s programs are missing and where they come from, and writes nothing', () => {
    const { status, stderr } = run(['up', '-t', 'network.yaml', '-e', 'fabric'], { FABRIC_BIN: folder });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /BINARY_MISSING: .*peer, orderer, osnadmin, configtxgen.*github\.com\/hyperledger\/fabric\/releases/,
    );
    assert(!existsSync(join(folder, '.vitaledger')));
  });

  it('takes a network up and down, with its progress on standard error', () => {
    const up = run(['up', '-t', 'network.yaml']);
    assert.equal(up.status, 0, up.stderr);
    assert.match(up.stderr, /^ +\d+\.\d s {2}every organization endorses$/m);
    assert.match(up.stdout, /^commanded on embedded, running/);

    const found = JSON.parse(run(['status', '--json']).stdout) as NetworkStatus;
    assert(found.running);
    assert.deepEqual(
      found.processes.map(({ name }) => name),
      ['ledger', 'register.peer0.clinic.example'],
    );
    assert.equal(run(['snapshot', 'save', 'saved']).status, 0);
    assert.equal(run(['snapshot', 'restore', 'saved']).status, 0);
    const absent = run(['snapshot', 'restore', 'absent']);
    assert.equal(absent.status, 1);
    assert.match(absent.stderr, /^ENGINE_FAILED: The embedded ledger refused: cannot read the snapshot/);
    assert.match(run(['logs', 'ledger', '-n', '3']).stdout, /^ledger: /);
    assert.match(
      run(['logs', 'nothing']).stderr,
      /there are: ledger, register\.peer0\.clinic\.example, supervisor/,
    );

    assert.equal(run(['down']).status, 0);
    const after = run(['status']);
    assert.equal(after.status, 1);
    assert.match(after.stdout, /^commanded on embedded, not running/);
  });

  it('takes it up again from the same file, and deploys what has changed in it', () => {
    assert.equal(run(['up']).status, 0);
    const changed = readFileSync(join(folder, 'network.yaml'), 'utf8').replace(
      'path:',
      "version: '2', path:",
    );
    writeFileSync(join(folder, 'network.yaml'), changed);
    const { status, stderr } = run(['deploy', 'register']);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /register 2 is deployed on public, sequence 2/);
    assert.equal(run(['deploy', 'other']).status, 1);
  });

  it('shows blocks, transactions and the history of a key', () => {
    const json = (...args: readonly string[]) => {
      const { status, stdout, stderr } = run([...args, '--json']);
      assert.equal(status, 0, stderr);
      return JSON.parse(stdout) as never;
    };
    const { transactions, number }: { transactions: { type: string; code: string }[]; number: number } = json(
      'block',
      '0',
    );
    assert.equal(number, 0);
    assert.deepEqual(
      transactions.map(({ type, code }) => [type, code]),
      [['CONFIG', 'VALID']],
    );
    assert.deepEqual(json('history', 'nothing'), []);
    assert.match(
      run(['tx', 'unknown']).stderr,
      /^ENGINE_FAILED: public: .*no such transaction ID \[unknown\]/,
    );
    assert.match(run(['block', 'x']).stderr, /a whole number, not x/);
    assert.match(run(['block', '0', '-c', 'none']).stderr, /no channel none; it has public/);
  });

  it('deploys a chaincode again whenever a file changes, until it is interrupted', async () => {
    const watched = join(folder, 'watched');
    mkdirSync(watched);
    const marker = join(folder, 'built');
    const child = spawn(
      process.execPath,
      [
        BIN,
        'dev',
        'register',
        '--watch',
        watched,
        '--build',
        `test ! -e ${join(watched, 'broken')} && touch ${marker}`,
      ],
      { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const lines = createInterface(child.stderr);
    const said = async (pattern: RegExp) => {
      for await (const [line] of on(lines, 'line', { signal: AbortSignal.timeout(30_000) })) {
        if (pattern.test(String(line))) return;
      }
    };
    try {
      await said(/watching .*watched; every change is deployed as register/);
      const broken = said(/register runs as before: "test .*" ended with 1/);
      writeFileSync(join(watched, 'broken'), '');
      await broken;
      assert(!existsSync(marker));
      const mended = said(/register runs with its present code/);
      rmSync(join(watched, 'broken'));
      await mended;
      assert(existsSync(marker));
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      assert.deepEqual(await exited, [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('names a key that is gone', () => {
    assert.equal(run(['down']).status, 0);
    const key =
      '.vitaledger/network/organizations/peerOrganizations/clinic.example/users/User1@clinic.example/msp/keystore/priv_sk';
    rmSync(join(folder, key));
    const { status, stderr } = run(['up']);
    assert.equal(status, 1);
    assert.match(stderr, /^FILE_MISSING: .*User1@clinic\.example.*priv_sk is missing/m);
    rmSync(join(folder, key, '../../..'), { recursive: true });
    assert.equal(run(['up']).status, 0);
  });

  it('removes a network only when told so twice', () => {
    const refused = run(['clean']);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /Add --yes/);
    assert.equal(run(['clean', '--yes']).status, 0);
    assert(!existsSync(join(folder, '.vitaledger', 'network')));
  });
});
