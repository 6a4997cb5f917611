import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import { GatewayError, type Contract } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import fc from 'fast-check';
import { TestNetwork, channelName } from '../testing/test-network.js';
import { BlockCutter } from './block-cutter.js';

const codes = peer.TxValidationCode;

describe('the block cutter', () => {
  const batch = { timeoutMs: 1_000, maxMessages: 3, preferredMaxBytes: 100, absoluteMaxBytes: 1_000 };

  it('cuts by count, by bytes, and isolates what is larger than a block should be', () => {
    const cutter = new BlockCutter<{ bytes: number }>(batch);
    assert.deepEqual(cutter.ordered({ bytes: 10 }), []);
    assert.deepEqual(cutter.ordered({ bytes: 10 }), []);
    assert.deepEqual(cutter.ordered({ bytes: 10 }), [[{ bytes: 10 }, { bytes: 10 }, { bytes: 10 }]]);
    assert.deepEqual(cutter.ordered({ bytes: 60 }), []);
    assert.deepEqual(cutter.ordered({ bytes: 50 }), [[{ bytes: 60 }]]);
    assert.deepEqual(cutter.ordered({ bytes: 101 }), [[{ bytes: 50 }], [{ bytes: 101 }]]);
    assert.equal(cutter.hasPending, false);
  });

  it('keeps order and loses nothing, whatever the sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150 })), (sizes) => {
        const cutter = new BlockCutter<{ bytes: number; index: number }>(batch);
        const batches = sizes.flatMap((bytes, index) => cutter.ordered({ bytes, index }));
        const all = [...batches, cutter.cut()].flat();
        assert.deepEqual(
          all.map(({ index }) => index),
          sizes.map((_, index) => index),
        );
        assert.ok(batches.every((each) => each.length > 0 && each.length <= batch.maxMessages));
      }),
    );
  });
});

describe("ordering with an orderer's timing", function () {
  this.timeout(60_000);
  let network: TestNetwork;
  let contract: Contract;

  before(async () => {
    network = await TestNetwork.create({
      organizations: 1,
      channels: ([mspId = '']) => [
        {
          name: channelName,
          members: [{ mspId, peers: true }],
          batch: { timeoutMs: 700, maxMessages: 2, absoluteMaxBytes: 20_000, preferredMaxBytes: 10_000 },
        },
      ],
      ledger: { ordering: 'fabric' },
    });
    await network.start();
    await network.deploy('probe');
    const gateway = await network.connect('Org1MSP');
    contract = gateway.getNetwork(channelName).getContract('probe');
  });
  after(() => network.close());

  it('waits for the batch timeout, from the first message', async () => {
    const began = Date.now();
    await contract.submitTransaction('put', 'counter', '0');
    assert.ok(Date.now() - began >= 700, `${Date.now() - began} ms`);
  });

  it('lets the second of two conflicting transactions of one block fail with MVCC_READ_CONFLICT', async () => {
    const endorsed = await Promise.all(
      [1, 2].map(() => contract.newProposal('increment', { arguments: ['counter'] }).endorse()),
    );
    const commits = [];
    for (const transaction of endorsed) {
      commits.push(await transaction.submit());
    }
    const outcomes = await Promise.all(commits.map((commit) => commit.getStatus()));
    assert.deepEqual(
      outcomes.map(({ code }) => code),
      [codes.VALID, codes.MVCC_READ_CONFLICT],
    );
    assert.equal(outcomes[0]?.blockNumber, outcomes[1]?.blockNumber);
    assert.equal(Buffer.from(await contract.evaluateTransaction('get', 'counter')).toString(), '1');
  });

  it('lets a range that another transaction of the block grew fail with PHANTOM_READ_CONFLICT', async () => {
    const ranged = await contract.newProposal('range', { arguments: ['ph0', 'ph9'] }).endorse();
    const grown = await contract.newProposal('put', { arguments: ['ph5', 'x'] }).endorse();
    const first = await grown.submit();
    const second = await ranged.submit();
    assert.equal((await first.getStatus()).code, codes.VALID);
    assert.equal((await second.getStatus()).code, codes.PHANTOM_READ_CONFLICT);
  });

  it("refuses a message above the channel's limit in the orderer's words", async () => {
    const transaction = await contract
      .newProposal('put', { arguments: ['big', 'x'.repeat(30_000)] })
      .endorse();
    await assert.rejects(transaction.submit(), (error: unknown) => {
      assert.ok(error instanceof GatewayError);
      assert.equal(error.code, status.ABORTED);
      assert.match(
        error.message,
        /received unsuccessful response from orderer: status=BAD_REQUEST, info=message payload is \d+ bytes and exceeds maximum allowed 20000 bytes/,
      );
      return true;
    });
  });
});
