import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Engine } from '../engine/engine.js';
import { NetworkDirectory } from '../engine/network-directory.js';
import { findBinaries } from '../fabric/index.js';
import { readSupervisorState } from '../supervisor/supervisor-state.js';
import { Supervisor } from '../supervisor/supervisor.js';
import { parseTopology } from '../topology/read.js';
import type { Topology } from '../topology/topology.js';
import { ForeignApplication } from './fixtures/foreign-application.js';
import type { Network } from './network.js';
import { openNetwork, startNetwork } from './start.js';

const FIXTURE = join(__dirname, '..', '..', 'src', 'network', 'fixtures', 'register');

interface Change {
  readonly version?: string;
  readonly clinicPeers?: number;
  readonly path?: string;
}

/** Two organizations with peers, one without; a chaincode of ours with mutual TLS and a stranger's without. */
function topologyIn(
  folder: string,
  { version = '1.0', clinicPeers = 1, path = 'register' }: Change = {},
): Topology {
  const organization = (name: string, mspId: string, peers: number) => ({
    name,
    mspId,
    domain: `${name}.example`,
    kinds: ['clinic'],
    jurisdiction: 'DE',
    peers,
  });
  const file = {
    name: 'test',
    organizations: [
      organization('hospital', 'HospitalMSP', 1),
      organization('clinic', 'ClinicMSP', clinicPeers),
      organization('institute', 'InstituteMSP', 1),
      organization('research', 'ResearchMSP', 0),
    ],
    channels: [{ name: 'public', members: ['hospital', 'clinic', 'institute', 'research'] }],
    chaincodes: [
      { name: 'register', channel: 'public', version, path },
      { name: 'foreign', channel: 'public', path: 'register', command: [process.execPath, 'serve.js'] },
    ],
  };
  return parseTopology(stringify(file), folder);
}

async function available(engine: Engine['name']): Promise<boolean> {
  if (engine === 'embedded') return true;
  try {
    await findBinaries();
    return true;
  } catch {
    return false;
  }
}

for (const engine of ['embedded', 'fabric'] as const) {
  describe(`a network on ${engine}`, function () {
    this.timeout(120_000);
    let folder: string;
    let directory: string;
    let network: Network;
    const start = (change?: Change) =>
      startNetwork({ topology: topologyIn(folder, change), engine, directory });
    const asUserOf = async <T>(name: string, work: (user: ForeignApplication) => Promise<T>): Promise<T> => {
      const user = new ForeignApplication(network.directory.organizations, name, `${name}.example`);
      try {
        return await work(user);
      } finally {
        user.close();
      }
    };
    const put = (name: string, key: string, value: string) =>
      asUserOf(name, (user) => user.submit('public', 'register', 'put', key, value));
    const get = (name: string, key: string) =>
      asUserOf(name, (user) => user.evaluate('public', 'register', 'get', key));
    const pids = async () => (await network.status()).processes.map(({ name, pid }) => [name, pid]);

    before(async function () {
      if (!(await available(engine))) this.skip();
      folder = mkdtempSync(join(tmpdir(), 'network-'));
      directory = join(folder, 'net');
      // A copy, so that its code can be changed; it finds fabric-shim as any project finds what it has installed.
      cpSync(FIXTURE, join(folder, 'register'), { recursive: true });
      symlinkSync(
        dirname(dirname(require.resolve('fabric-shim/package.json'))),
        join(folder, 'node_modules'),
      );
      network = await start();
    });
    after(async () => {
      if (!folder) return;
      await Supervisor.find(new NetworkDirectory(directory))?.shutdown();
      rmSync(folder, { recursive: true });
    });

    it("serves an application that knows only test-network's folders", async () => {
      await put('hospital', 'key', 'value');
      assert.equal(await get('hospital', 'key'), 'value');
    });

    it("runs a stranger's chaincode that knows only Fabric's variables", async () => {
      await asUserOf('clinic', async (user) => {
        await user.submit('public', 'foreign', 'put', 'key', 'foreign');
        assert.equal(await user.evaluate('public', 'foreign', 'get', 'key'), 'foreign');
        const told = JSON.parse(await user.evaluate('public', 'foreign', 'environment')) as Record<
          string,
          string
        >;
        const { chaincodes } = await network.status();
        const packageId = chaincodes.find(({ name }) => name === 'foreign')?.packageIds[
          'peer0.clinic.example'
        ];
        assert.equal(told.CORE_PEER_LOCALMSPID, 'ClinicMSP');
        assert.equal(told.CHAINCODE_ID, packageId);
        assert.equal(told.CORE_CHAINCODE_ID_NAME, packageId);
        assert.match(told.CHAINCODE_SERVER_ADDRESS ?? '', /^127\.0\.0\.1:\d+$/);
      });
    });

    it('says what runs, and where clients find their profiles', async () => {
      const status = await network.status();
      assert(status.running);
      assert.equal(status.processes.filter(({ kind }) => kind === 'chaincode').length, 6);
      assert.deepEqual(
        status.chaincodes.map(({ name, version, sequence }) => [name, version, sequence]),
        [
          ['register', '1.0', 1],
          ['foreign', '1.0', 1],
        ],
      );
      for (const profile of Object.values(status.profiles)) assert(existsSync(profile));
      assert(existsSync(network.identity('ResearchMSP', 'Admin').mspDirectory));
      assert.throws(() => network.identity('hospital', 'nobody'), { code: 'FILE_MISSING' });
    });

    it('keeps its blocks where they can be looked at', () => {
      const found = network.blockFiles().some((file) => readFileSync(file).includes('key'));
      assert(found, network.blockFiles().join('\n'));
    });

    it('is left as it is by a start while it runs', async () => {
      const before = await pids();
      await start();
      assert.deepEqual(await pids(), before);
    });

    it('is completed by a start while a part of it is stopped', async () => {
      await network.stopPeer('institute');
      await assert.rejects(get('institute', 'key'), { code: 14 });
      await start();
      assert.equal(await get('institute', 'key'), 'value');
    });

    it('refuses another topology in its folder', async () => {
      await assert.rejects(start({ clinicPeers: 0 }), { code: 'NETWORK_CHANGED' });
    });

    it('gives its ports to no other network, and says who has them', async () => {
      const other = join(folder, 'other');
      const topology = topologyIn(folder);
      const { port } = new URL(profileUrl(network.profile('hospital')));
      const taken = {
        ...topology,
        organizations: topology.organizations.map((one) =>
          one.name === 'hospital' ? { ...one, ports: [Number(port)] } : one,
        ),
      };
      await assert.rejects(startNetwork({ topology: taken, engine, directory: other }), {
        code: 'PORT_TAKEN',
        message: new RegExp(`port ${port} \\(peer0\\.hospital\\.example/listen\\) is taken by .*pid \\d+`),
      });
      assert.equal(Supervisor.find(new NetworkDirectory(other)), undefined);
      assert(!existsSync(join(other, 'organizations')));
    });

    it('goes on while an organization is down, which catches up when it is back', async () => {
      await network.stopPeer('hospital');
      await assert.rejects(get('hospital', 'key'), { code: 14 });
      await put('clinic', 'meanwhile', 'written');
      await network.startPeer('hospital');
      const deadline = Date.now() + 20_000;
      while ((await get('hospital', 'meanwhile')) !== 'written') {
        assert(Date.now() < deadline, 'it does not catch up');
        await sleep(100);
      }
    });

    it('takes a changed version as the next sequence, and changed code at every deployment', async () => {
      const code = join(folder, 'register', 'index.js');
      writeFileSync(code, readFileSync(code, 'utf8').replace('toString();', "toString() + '!';"));
      assert.equal((await network.deploy('register')).sequence, 1);
      assert.equal(await get('clinic', 'key'), 'value!');
      const deployed = await network.deploy('register', topologyIn(folder, { version: '1.1' }));
      assert.deepEqual([deployed.version, deployed.sequence], ['1.1', 2]);
      assert.equal(await get('clinic', 'key'), 'value!');
      await assert.rejects(network.deploy('unknown'), { code: 'DEPLOY_FAILED' });
    });

    it('recovers from a kill of its supervisor', async () => {
      const before = await pids();
      const state = readSupervisorState(network.directory) ?? assert.fail('no supervisor');
      process.kill(state.pid, 'SIGKILL');
      while (Supervisor.find(network.directory)) await sleep(10);
      assert(!(await network.status()).running);
      network = await start({ version: '1.1' });
      assert.notDeepEqual(await pids(), before);
      assert.equal(await get('institute', 'key'), 'value!');
    });

    it('has all its data after it was stopped and started', async () => {
      await network.stop();
      assert(!(await (await openNetwork(directory)).status()).running);
      network = await start({ version: '1.1' });
      assert.equal(await get('clinic', 'meanwhile'), 'written!');
      assert.equal(
        await asUserOf('clinic', (user) => user.evaluate('public', 'foreign', 'get', 'key')),
        'foreign',
      );
      const [register] = (await network.status()).chaincodes;
      assert.deepEqual([register?.version, register?.sequence], ['1.1', 2]);
    });

    it('says which process ends, and leaves nothing running, when it cannot start', async () => {
      await network.stop();
      const broken = join(folder, 'broken');
      cpSync(join(folder, 'register'), broken, { recursive: true });
      writeFileSync(join(broken, 'index.js'), "throw new Error('broken');");
      await assert.rejects(start({ version: '1.1', path: 'broken' }), (error: Error) => {
        assert.match(error.message, /register\.peer0\.\w+\.example ended \(exit code 1\).*\.log/);
        return true;
      });
      assert.equal(Supervisor.find(network.directory), undefined);
      network = await start({ version: '1.1' });
      assert.equal(await get('clinic', 'key'), 'value!');
    });

    it('leaves nothing when it is removed', async () => {
      await network.clean();
      assert(!existsSync(directory));
      await assert.rejects(openNetwork(directory), { code: 'NOT_RUNNING' });
    });
  });
}

describe('a chaincode that somebody else runs', () => {
  it('is waited for, after it was said what it must register with', async function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'network-'));
    const { address, topology } = await remoteIn(folder);
    let remote: ChildProcess | undefined;
    const onProgress = (line: string) => {
      const packageId = /CHAINCODE_ID=(\S+)/.exec(line)?.[1];
      if (packageId === undefined) return;
      remote = spawn(process.execPath, ['serve.js'], {
        cwd: FIXTURE,
        env: { CHAINCODE_ID: packageId, CHAINCODE_SERVER_ADDRESS: address },
        stdio: 'ignore',
      });
    };
    try {
      const network = await startNetwork({ topology, directory: join(folder, 'net'), onProgress });
      const user = new ForeignApplication(network.directory.organizations, 'clinic', 'clinic.example');
      await user.submit('public', 'remote', 'put', 'key', 'far');
      assert.equal(await user.evaluate('public', 'remote', 'get', 'key'), 'far');
      user.close();
      assert.deepEqual(
        (await network.status()).processes.map(({ name }) => name),
        ['ledger'],
      );
      await network.clean();
    } finally {
      remote?.kill();
      rmSync(folder, { recursive: true });
    }
  });

  it('is waited for no longer than its caller wants, and nothing is left running', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'network-'));
    const { topology } = await remoteIn(folder);
    const caller = new AbortController();
    const reason = new Error('I have waited enough.');
    const onProgress = (line: string) => {
      if (!line.includes('CHAINCODE_ID=')) return;
      setTimeout(() => {
        caller.abort(reason);
      }, 100);
    };
    const directory = join(folder, 'net');
    await assert.rejects(startNetwork({ topology, directory, onProgress, signal: caller.signal }), reason);
    assert.equal(Supervisor.find(new NetworkDirectory(directory)), undefined);
    rmSync(folder, { recursive: true });
  });
});

/** A port that was free a moment ago. */
/** One organization, whose chaincode listens at an address where nobody listens yet. */
async function remoteIn(folder: string): Promise<{ readonly address: string; readonly topology: Topology }> {
  const { port } = await listenOnce();
  const address = `127.0.0.1:${port}`;
  const clinic = {
    name: 'clinic',
    mspId: 'ClinicMSP',
    domain: 'clinic.example',
    kinds: ['clinic'],
    jurisdiction: 'DE',
  };
  const file = {
    name: 'remote',
    organizations: [clinic],
    channels: [{ name: 'public', members: ['clinic'] }],
    chaincodes: [{ name: 'remote', channel: 'public', address }],
  };
  return { address, topology: parseTopology(stringify(file), folder) };
}

async function listenOnce(): Promise<AddressInfo> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return address;
}

function profileUrl(file: string): string {
  const { peers } = JSON.parse(readFileSync(file, 'utf8')) as { peers: Record<string, { url: string }> };
  return (peers['peer0.hospital.example']?.url ?? '').replace('grpcs', 'https');
}
