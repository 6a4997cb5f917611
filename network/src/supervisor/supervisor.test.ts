import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessSpec } from '../engine/engine.js';
import { NetworkDirectory } from '../engine/network-directory.js';
import { BoundedLog } from './bounded-log.js';
import { endProcesses } from './end-processes.js';
import { PidFiles } from './pid-file.js';
import { isSameProcess, processIdentity } from './process-identity.js';
import { livingSupervisor, readSupervisorState, runFolder } from './supervisor-state.js';
import { Supervisor } from './supervisor.js';

const IDLE = 'setInterval(() => {}, 1000)';

function node(name: string, program: string, more: Partial<ProcessSpec> = {}): ProcessSpec {
  const args = ['-e', program];
  return {
    name,
    kind: 'peer',
    command: process.execPath,
    args,
    cwd: tmpdir(),
    env: {},
    restart: false,
    ...more,
  };
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 8_000;
  while (!(await condition())) {
    if (Date.now() > deadline) assert.fail(`timed out: ${what}`);
    await sleep(20);
  }
}

describe('the supervisor', () => {
  let directory: NetworkDirectory;
  const log = (name: string) => readFileSync(join(directory.logs, `${name}.log`), 'utf8');
  const supervisor = () => Supervisor.find(directory) ?? assert.fail('no supervisor');
  const statusOf = async (name: string) =>
    (await supervisor().status()).find((one) => one.name === name) ?? assert.fail(`no process ${name}`);

  beforeEach(async () => {
    directory = new NetworkDirectory(mkdtempSync(join(tmpdir(), 'supervisor-')));
    await Supervisor.start(directory);
  });
  afterEach(async () => {
    await Supervisor.find(directory)?.shutdown();
    await Supervisor.endLeftovers(directory);
    rmSync(directory.root, { recursive: true });
  });

  it('runs processes with a minimal environment and keeps what they print', async () => {
    process.env.VITALEDGER_TEST_SECRET = 'secret';
    try {
      const program = `console.log(Object.keys(process.env).sort().join()); ${IDLE}`;
      await supervisor().startProcesses([node('one', program, { env: { GIVEN: 'yes' } })]);
      await until(() => log('one').includes('GIVEN'), 'output');
      const names = log('one').trim().split('\n').at(-1)?.split(',') ?? [];
      assert.deepEqual(
        names.filter((name) => !['HOME', 'PATH', 'TMPDIR'].includes(name)),
        ['GIVEN'],
      );
      assert.equal((await statusOf('one')).state, 'running');
    } finally {
      delete process.env.VITALEDGER_TEST_SECRET;
    }
  });

  it('ends what depends on others first', async () => {
    const order = join(directory.root, 'order');
    const noting = (name: string) =>
      `process.on('SIGTERM', () => { require('fs').appendFileSync('${order}', '${name} '); process.exit() }); console.log('up'); ${IDLE}`;
    await supervisor().startProcesses([
      node('orderer', noting('orderer'), { kind: 'orderer' }),
      node('peer', noting('peer')),
      node('chaincode', noting('chaincode'), { kind: 'chaincode' }),
      node('clock', noting('clock'), { kind: 'clock' }),
    ]);
    for (const name of ['orderer', 'peer', 'chaincode', 'clock']) {
      await until(() => log(name).includes('up'), name);
    }
    await supervisor().shutdown();
    assert.equal(readFileSync(order, 'utf8'), 'clock chaincode peer orderer ');
    assert.equal(Supervisor.find(directory), undefined);
  });

  it('stops one process, with its descendants, and starts it again', async () => {
    const child = `const c = require('child_process').spawn(process.execPath, ['-e', '${IDLE}']); console.log('child', c.pid); ${IDLE}`;
    await supervisor().startProcesses([node('one', child), node('two', IDLE)]);
    await until(() => /child \d+/.test(log('one')), 'a child');
    const grandchild = Number(/child (\d+)/.exec(log('one'))?.[1]);
    const { pid } = await statusOf('one');
    await supervisor().stop(['one']);
    assert.equal((await statusOf('one')).state, 'stopped');
    assert.equal((await statusOf('two')).state, 'running');
    await until(() => processIdentity(grandchild) === undefined, 'the end of the descendant');
    await supervisor().resume(['one']);
    const again = await statusOf('one');
    assert.equal(again.state, 'running');
    assert.notEqual(again.pid, pid);
    assert.equal(again.failures, 0);
    await assert.rejects(supervisor().stop(['three']), /there is no process three/);
  });

  it('starts again what ended by itself, where it is told to, after growing pauses', async () => {
    await supervisor().startProcesses([
      node('steady', 'process.exit(3)', { restart: true }),
      node('once', 'process.exit(4)'),
    ]);
    await until(async () => (await statusOf('steady')).failures >= 3, 'three ends');
    const steady = await statusOf('steady');
    assert.equal(steady.lastEnd, 'exit code 3');
    const starts = [...log('steady').matchAll(/--- (\S+) starting/g)].map(([, at = '']) => Date.parse(at));
    assert((starts[2] ?? 0) - (starts[1] ?? 0) > (starts[1] ?? 0) - (starts[0] ?? 0));
    const once = await statusOf('once');
    assert.deepEqual([once.state, once.failures, once.lastEnd], ['failed', 1, 'exit code 4']);
    await supervisor().stop(['steady']);
    assert.equal((await statusOf('steady')).state, 'stopped');
  });

  it('begins its pauses anew when somebody asks for the process, even before it is seen to have ended', async () => {
    const spec = node('killed', IDLE, { restart: true });
    await supervisor().startProcesses([spec]);
    for (let kills = 1; kills <= 5; kills++) {
      const { pid = 0 } = await statusOf('killed');
      process.kill(pid, 'SIGKILL');
      await supervisor().startProcesses([spec]);
      // Five doubled pauses would be more than until() waits.
      await until(async () => {
        const now = await statusOf('killed');
        return now.state === 'running' && now.pid !== pid;
      }, `start ${kills}`);
    }
  });

  it('says why a process cannot be started', async () => {
    await supervisor().startProcesses([node('none', '', { command: '/nowhere/program' })]);
    await until(async () => (await statusOf('none')).state === 'failed', 'failure');
    assert.match((await statusOf('none')).lastEnd ?? '', /cannot be started: .*ENOENT/);
  });

  it('leaves alone what already runs as specified, and replaces what is specified anew', async () => {
    const specs = [node('one', IDLE), node('two', IDLE)];
    await supervisor().startProcesses(specs);
    const [one, two] = [await statusOf('one'), await statusOf('two')];
    await supervisor().startProcesses([specs[0]!, node('two', IDLE, { env: { NEW: '1' } })]);
    assert.equal((await statusOf('one')).pid, one.pid);
    assert.notEqual((await statusOf('two')).pid, two.pid);
    assert.equal(processIdentity(two.pid ?? 0), undefined);
  });

  it('when killed, leaves processes that the next start proves to be its own and ends', async () => {
    await supervisor().startProcesses([node('one', IDLE)]);
    const { pid = 0 } = await statusOf('one');
    const state = readSupervisorState(directory) ?? assert.fail('no state');
    const stranger = spawn(process.execPath, ['-e', IDLE], { detached: true, stdio: 'ignore' });
    try {
      // As if the pid of a process of ours had been given to somebody else's.
      new PidFiles(runFolder(directory)).write({
        name: 'recycled',
        pid: stranger.pid ?? 0,
        identity: 'boot/1',
      });
      process.kill(state.pid, 'SIGKILL');
      await until(() => Supervisor.find(directory) === undefined, 'the end of the supervisor');
      assert(isSameProcess(pid, processIdentity(pid) ?? 'ended'));
      assert.deepEqual(await Supervisor.endLeftovers(directory), ['one']);
      assert.equal(processIdentity(pid), undefined);
      assert(processIdentity(stranger.pid ?? 0), 'the stranger lives');
    } finally {
      stranger.kill('SIGKILL');
      await once(stranger, 'exit');
    }
  });

  /** Starts a supervisor with one process from a program that then does `more` and is killed. */
  async function startedElsewhere(more: string): Promise<NetworkDirectory> {
    const other = new NetworkDirectory(mkdtempSync(join(tmpdir(), 'supervisor-')));
    const program = `
      const { Supervisor } = require(${JSON.stringify(require.resolve('./supervisor.js'))});
      const { NetworkDirectory } = require(${JSON.stringify(require.resolve('../engine/network-directory.js'))});
      Supervisor.start(new NetworkDirectory(${JSON.stringify(other.root)})).then(async (supervisor) => {
        await supervisor.startProcesses([${JSON.stringify(node('one', IDLE))}]);
        ${more}
        process.kill(process.pid, 'SIGKILL');
      });`;
    const owner = spawn(process.execPath, ['-e', program], { stdio: 'inherit' });
    await once(owner, 'exit');
    return other;
  }

  it('ends with the program that started it', async () => {
    const other = await startedElsewhere('');
    assert.equal(Supervisor.find(other), undefined);
    await until(() => livingSupervisor(other) === undefined, 'the end of the supervisor');
    assert.deepEqual(new PidFiles(runFolder(other)).living(), []);
    rmSync(other.root, { recursive: true });
  });

  it('is not taken for running while it ends with its program', async () => {
    const other = await startedElsewhere('');
    const next = await Supervisor.start(other);
    await next.startProcesses([node('two', IDLE)]);
    await sleep(1_200);
    assert.deepEqual(
      (await next.status()).map(({ name, state }) => [name, state]),
      [['two', 'running']],
    );
    await next.shutdown();
    assert.deepEqual(new PidFiles(runFolder(other)).living(), []);
    rmSync(other.root, { recursive: true });
  });

  it('outlives a program that has disowned it', async () => {
    const other = await startedElsewhere('await supervisor.disown();');
    await sleep(1_200);
    const found = Supervisor.find(other) ?? assert.fail('it has ended');
    assert.equal((await found.status())[0]?.state, 'running');
    await found.shutdown();
    rmSync(other.root, { recursive: true });
  });

  it('answers only who knows its token, which is its owner', async () => {
    const { port } = readSupervisorState(directory) ?? assert.fail('no state');
    const answer = await fetch(`http://127.0.0.1:${port}/status`, { method: 'POST', body: '{}' });
    assert.equal(answer.status, 401);
    assert.equal(statSync(join(directory.root, 'supervisor.json')).mode & 0o777, 0o600);
  });
});

describe('a bounded log', () => {
  it('keeps the last part of what exceeds it, while the writer goes on', () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    try {
      const log = new BoundedLog(join(folder, 'one.log'), 100);
      log.note('a'.repeat(60));
      log.bound();
      assert(!existsSync(`${log.file}.1`));
      log.note('b'.repeat(60));
      log.bound();
      log.note('c');
      assert.equal(readFileSync(`${log.file}.1`, 'utf8'), `${'a'.repeat(60)}\n${'b'.repeat(60)}\n`);
      assert.equal(readFileSync(log.file, 'utf8'), 'c\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('ending a process', () => {
  it('uses force when it does not listen', async () => {
    const program = `process.on('SIGTERM', () => {}); console.log('up'); ${IDLE}`;
    const child = spawn(process.execPath, ['-e', program], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    const ended = once(child, 'exit');
    await endProcesses([{ name: 'deaf', pid, identity: processIdentity(pid) ?? '' }], 200);
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  });
});

describe('a pid file', () => {
  it('that was written by half names nobody', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pids-'));
    try {
      writeFileSync(join(folder, 'one.json'), '{"name":"one","pid":');
      assert.deepEqual(new PidFiles(folder).living(), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('of another boot does not get its pid ended', async () => {
    const record = { name: 'me', pid: process.pid, identity: 'another-boot/1' };
    await endProcesses([record], 100);
    assert(processIdentity(process.pid));
  });
});
