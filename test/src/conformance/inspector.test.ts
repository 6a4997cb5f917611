import type { Network } from '@vitaledger/network';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { Actors } from './actors.js';
import { channels, endConformanceNetwork, startConformanceNetwork } from './network.js';
import { Session } from './session.js';

const program = require.resolve('@vitaledger/network/bin/network.js');

describe('the inspector tells what became of a transaction', function () {
  this.timeout(60_000);
  let network: Network;
  let actors: Actors;
  let session: Session;

  const inspect = (...args: readonly string[]): Record<string, unknown> => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, ...args, '--json', '-d', network.directory.root],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  before(async () => {
    network = await startConformanceNetwork(
      process.env.VITALEDGER_ENGINE === 'fabric' ? 'fabric' : 'embedded',
    );
    actors = await Actors.connect(network);
    session = new Session(actors);
    await session.begin();
  });

  after(async () => {
    actors.close();
    await endConformanceNetwork(network);
  });

  it('with its arguments, endorsers, reads, writes and event', async () => {
    const id = await session.transact({
      run: [
        ['get', 'in-other'],
        ['put', 'in-key', 'value'],
        ['event', 'told', 'payload'],
      ],
    });
    const report = inspect('tx', id, '-c', channels.main);
    assert.equal(report.code, 'VALID');
    assert.equal(report.chaincode, 'any 1.0');
    assert.match(String(report.creator), /^Org1MSP .*CN=User1@org1\.example/);
    assert.match(String((report.endorsers as string[])[0]), /^Org1MSP .*CN=peer0\.org1\.example/);
    assert.deepEqual(report.event, { name: 'told', payload: 'payload' });
    const set = (report.sets as { namespace: string }[]).find(({ namespace }) => namespace === 'any');
    assert.deepEqual(set, {
      namespace: 'any',
      reads: [{ key: 'in-other' }],
      writes: [{ key: 'in-key', value: 'value' }],
    });
  });

  it('and which other one it lost against', async () => {
    const [first, second] = await session.together([
      {
        run: [
          ['get', 'in-raced'],
          ['put', 'in-raced', '1'],
        ],
      },
      {
        run: [
          ['get', 'in-raced'],
          ['put', 'in-raced', '2'],
        ],
      },
    ]);
    const report = inspect('tx', second!, '-c', channels.batch);
    assert.equal(report.code, 'MVCC_READ_CONFLICT');
    assert.match(
      String(report.why),
      new RegExp(
        `read the key in-raced of batched when it did not exist; transaction ${first!} .* wrote it since`,
      ),
    );
  });

  it('and what appeared in the range that it read', async () => {
    const [first, second] = await session.together([
      { run: [['put', 'in-range-b', '1']] },
      {
        run: [
          ['range', 'in-range-a', 'in-range-z'],
          ['put', 'in-found', '1'],
        ],
      },
    ]);
    const report = inspect('tx', second!, '-c', channels.batch);
    assert.equal(report.code, 'PHANTOM_READ_CONFLICT');
    assert.match(String(report.why), new RegExp(`transaction ${first!} .* wrote in-range-b in it`));
  });

  it('and whose endorsement it lacks', async () => {
    const id = await session.transact(
      { chaincode: 'probes', run: [['put', 'in-minority', '1']] },
      { organizations: ['Org1MSP'] },
    );
    assert.match(
      String(inspect('tx', id, '-c', channels.main).why),
      /endorsed by Org1MSP, which does not satisfy the policy of probes/,
    );
  });

  it('on a restricted channel, too, where the administrator may read', async () => {
    const spec = { channel: channels.guarded, chaincode: 'guarded' } as const;
    const id = await session.transact({ ...spec, run: [['put', 'in-guarded', '1']] });
    assert.equal(inspect('tx', id, '-c', channels.guarded).code, 'VALID');
  });

  it('and every write of a key, private ones by their hashes', async () => {
    await session.transact({ run: [['put', 'in-history', '1']] });
    await session.transact({ run: [['del', 'in-history']] });
    await session.transact({ run: [['putPrivate', 'open', 'in-history', 'secret']] });
    const history = inspect('history', 'in-history', '-c', channels.main) as unknown as {
      value: string;
      collection?: string;
    }[];
    assert.deepEqual(
      history.map(({ value, collection }) => [collection, value.slice(0, 10)]),
      [
        [undefined, '1'],
        [undefined, 'deleted'],
        ['open', 'sha256:2bb'],
      ],
    );
  });

  it('block by block', async () => {
    await session.transact({ run: [['put', 'in-block', '1']] });
    const { transactions, number } = inspect('block', '2', '-c', channels.main) as {
      transactions: unknown[];
      number: number;
    };
    assert.equal(number, 2);
    assert.equal(transactions.length, 1);
  });
});
