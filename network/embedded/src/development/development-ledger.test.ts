import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@hyperledger/fabric-gateway';
import { DevelopmentLedger } from '../index.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describe('a ledger for a test', function () {
  this.timeout(30_000);
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'contract-'));
    await writeFile(
      join(directory, 'package.json'),
      JSON.stringify({
        name: 'contract',
        version: '1.0.0',
        main: require.resolve('../testing/probe-contract.js'),
      }),
    );
  });

  after(() => rm(directory, { recursive: true, force: true }));

  it('is there in five lines', async () => {
    const ledger = await DevelopmentLedger.start({ chaincodes: { probe: directory } });
    const contract = connect(ledger.client()).getNetwork('main').getContract('probe');
    await contract.submitTransaction('put', 'key', 'value');
    assert.equal(text(await contract.evaluateTransaction('get', 'key')), 'value');
    await ledger.close();
  });

  it('has several organizations, attributes, and runs beside another one', async () => {
    const organizations = ['Org1MSP', 'Org2MSP', 'Org3MSP'];
    const ledgers = await Promise.all(
      [1, 2].map(() => DevelopmentLedger.start({ organizations, chaincodes: { probe: directory } })),
    );
    try {
      for (const [index, ledger] of ledgers.entries()) {
        const options = ledger.client('Org2MSP', { name: 'someone', attributes: { role: 'tester' } });
        const contract = connect(options).getNetwork('main').getContract('probe');
        assert.equal(text(await contract.submitTransaction('put', 'who', String(index))), String(index));
        assert.equal(text(await contract.evaluateTransaction('whoami')), 'Org2MSP Org2MSP main');
        assert.equal(text(await contract.evaluateTransaction('attribute', 'role')), 'tester');
      }
    } finally {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
    }
  });

  it('goes back to a snapshot in milliseconds, as often as wanted, with the same clients and chaincodes', async () => {
    const ledger = await DevelopmentLedger.start({ chaincodes: { probe: directory } });
    try {
      const contract = connect(ledger.client()).getNetwork('main').getContract('probe');
      await contract.submitTransaction('put', 'key', 'prepared');
      const prepared = await ledger.snapshot();
      const [before] = ledger.ledger.status().channels;
      for (const value of ['one', 'two']) {
        await contract.submitTransaction('put', 'key', value);
        await contract.submitTransaction('put', 'other', value);
        await ledger.restore(prepared);
        assert.equal(text(await contract.evaluateTransaction('get', 'key')), 'prepared');
        assert.equal(text(await contract.evaluateTransaction('get', 'other')), '');
        assert.equal(ledger.ledger.status().channels[0]?.height, before?.height);
      }
      await contract.submitTransaction('put', 'key', 'goes on');
      assert.equal(text(await contract.evaluateTransaction('get', 'key')), 'goes on');
    } finally {
      await ledger.close();
    }
  });

  it('forgets a chaincode that was defined after the snapshot, and refuses snapshots that are not its own', async () => {
    const [ledger, other] = await Promise.all([DevelopmentLedger.start(), DevelopmentLedger.start()]);
    try {
      const empty = await ledger.snapshot();
      await ledger.ledger.defineChaincode({
        channel: 'main',
        name: 'late',
        version: '1',
        sequence: 1,
        policy: 'majority',
        connections: {},
      });
      assert.equal(ledger.ledger.chaincodes().length, 1);
      await ledger.restore(empty);
      assert.deepEqual(ledger.ledger.chaincodes(), []);
      await assert.rejects(ledger.restore(await other.snapshot()), /began with another genesis block/);
      await assert.rejects(ledger.restore(empty.subarray(1)), /the snapshot is damaged/);
      const torn = Buffer.from(empty);
      torn[torn.length >> 1]! ^= 1;
      await assert.rejects(ledger.restore(torn), /the snapshot is damaged/);
    } finally {
      await Promise.all([ledger.close(), other.close()]);
    }
  });

  it('is prepared once, in a file that others start from', async () => {
    const file = join(directory, 'prepared.json');
    const first = await DevelopmentLedger.start({
      organizations: ['Org1MSP', 'Org2MSP'],
      chaincodes: { probe: directory },
    });
    const contract = connect(first.client()).getNetwork('main').getContract('probe');
    await contract.submitTransaction('put', 'key', 'prepared');
    await first.save(file);
    await first.close();
    const ledgers = await Promise.all(
      [1, 2].map(() =>
        DevelopmentLedger.start({ from: file, chaincodes: { probe: directory }, isolation: 'thread' }),
      ),
    );
    try {
      for (const ledger of ledgers) {
        assert.equal(ledger.ledger.chaincodes()[0]?.sequence, 1);
        const again = connect(ledger.client('Org2MSP')).getNetwork('main').getContract('probe');
        assert.equal(text(await again.evaluateTransaction('get', 'key')), 'prepared');
        await again.submitTransaction('put', 'key', 'goes on');
      }
    } finally {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
    }
    await assert.rejects(
      DevelopmentLedger.start({ from: join(directory, 'package.json') }),
      /is not a prepared/,
    );
  });

  it('runs chaincode in threads, each with an environment of its own', async () => {
    const organizations = ['Org1MSP', 'Org2MSP', 'Org3MSP'];
    const ledger = await DevelopmentLedger.start({
      organizations,
      chaincodes: { probe: directory },
      isolation: 'thread',
    });
    try {
      for (const mspId of organizations) {
        const contract = connect(ledger.client(mspId)).getNetwork('main').getContract('probe');
        assert.equal(text(await contract.evaluateTransaction('whoami')), `${mspId} ${mspId} main`);
        await contract.submitTransaction('put', mspId, 'value');
      }
    } finally {
      await ledger.close();
    }
  });

  it('leaves nothing when it is closed or does not start, and says why', async () => {
    const before = process.env.TMPDIR;
    const folder = await mkdtemp(join(tmpdir(), 'leaves-nothing-'));
    process.env.TMPDIR = folder;
    try {
      const absent = join(directory, 'absent');
      await assert.rejects(
        DevelopmentLedger.start({ chaincodes: { probe: absent } }),
        /absent does not listen/,
      );
      await assert.rejects(
        DevelopmentLedger.start({ organizations: ['Org1MSP', 'Org1MSP'] }),
        /Org1MSP is given twice/,
      );
      const ledger = await DevelopmentLedger.start();
      await ledger.close();
      assert.deepEqual(await readdir(folder), []);
    } finally {
      if (before === undefined) {
        delete process.env.TMPDIR;
      } else {
        process.env.TMPDIR = before;
      }
      await rm(folder, { recursive: true });
    }
  });

  it('is in the README as it is here', async () => {
    const root = join(__dirname, '../..');
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const test = await readFile(join(root, 'src/development/development-ledger.test.ts'), 'utf8');
    const [, example = ''] = /five lines.*?```ts\n(.*?)```/s.exec(readme) ?? [];
    const lines = example.split('\n').filter((line) => line !== '');
    assert.equal(lines.length, 5);
    for (const line of lines) {
      assert.ok(test.includes(line), line);
    }
  });
});
