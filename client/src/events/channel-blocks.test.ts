import assert from 'node:assert/strict';
import type { common } from '@hyperledger/fabric-protos';
import type { Gateway } from '@hyperledger/fabric-gateway';
import { testBlock, testChain } from '../testing/block.js';
import { channelBlocks } from './channel-blocks.js';

const place = { channel: 'registry', chaincode: 'registry', peers: ['one', 'two'] };
const policy = { attempts: 2, firstDelay: 1, longestDelay: 2 };

/** Peers that play these streams, one after the other; each ends with the error, if there is one. */
function peers(...streams: { blocks: readonly common.Block[]; then?: Error }[]) {
  const asked: (bigint | undefined)[] = [];
  const getBlockEvents = (options: { checkpoint?: { getBlockNumber(): bigint } }) => {
    asked.push(options.checkpoint?.getBlockNumber());
    const { blocks, then } = streams.shift() ?? { blocks: [] };
    async function* play() {
      for (const block of blocks) yield await Promise.resolve(block);
      if (then) throw then;
    }
    return Promise.resolve(Object.assign(play(), { close: () => undefined }));
  };
  const gateway = () => ({ getNetwork: () => ({ getBlockEvents }) }) as unknown as Gateway;
  return { asked, source: { mspId: 'M', certificate: 'c', gateway } };
}

async function numbers(source: ReturnType<typeof peers>['source'], count: number): Promise<bigint[]> {
  const seen: bigint[] = [];
  for await (const { number } of channelBlocks(source, place, policy, { after: { block: 0n } })) {
    seen.push(number);
    if (seen.length === count) break;
  }
  return seen;
}

describe('the blocks of a channel', () => {
  const chain = testChain([[{ id: 'a' }], [{ id: 'b' }], [{ id: 'c' }]]);

  it('go on at another peer with the next block', async () => {
    const broken = Object.assign(new Error('14 UNAVAILABLE'), { code: 14 });
    const { source, asked } = peers(
      { blocks: chain.slice(0, 2), then: broken },
      { blocks: [], then: new Error('Unexpected status response: 503') },
      { blocks: chain.slice(2) },
    );
    assert.deepEqual(await numbers(source, 3), [0n, 1n, 2n]);
    assert.deepEqual(asked, [0n, 2n, 2n]);
  });

  it('are refused when one does not follow the one before, also across peers', async () => {
    const other = testChain([[{ id: 'x' }], [{ id: 'b' }]]);
    const across = peers({ blocks: chain.slice(0, 1) }, { blocks: other.slice(1) });
    await assert.rejects(numbers(across.source, 2), {
      code: 'INTEGRITY',
      message: /Block 1 does not follow/,
    });
    const gap = peers({ blocks: [chain[0]!, testBlock(2, [{ id: 'c' }], chain[0])] });
    await assert.rejects(numbers(gap.source, 2), { code: 'INTEGRITY', message: /Block 2/ });
  });

  it('are denied where the channel gives them to nobody', async () => {
    const { source } = peers({ blocks: [], then: new Error('Unexpected status response: 403') });
    await assert.rejects(numbers(source, 1), {
      code: 'PERMISSION_DENIED',
      details: { reason: 'BLOCKS_REFUSED' },
    });
  });
});
