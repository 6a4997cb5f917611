import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { common } from '@hyperledger/fabric-protos';

import {
  blockDataHash,
  blockHeaderHash,
  commitHashOf,
  decodeBlock,
  encodeBlock,
  envelopesOf,
  metadataOf,
  MetadataSlot,
} from './block-codec.js';
import { processBlock } from './block-processor.js';
import { openKeyValueStore, type KeyValueStore } from './key-value-store.js';
import type { ValidationCode } from './ledger.js';
import { stateBatch } from './state-batch.js';
import { StoredState } from './state-database.js';

/**
 * The channel `care` of this project's default network as a peer of Fabric v3.1.5 stored it: each block serialized,
 * behind its length in 4 bytes. Lifecycle approvals in implicit collections, two chaincode definitions, invocations.
 */
const RECORDED = join(__dirname, '../../src/ledger/testing/fixtures/fabric-v3.1.5-care.blocks.gz');

async function recordedBlocks(): Promise<Buffer[]> {
  const file = gunzipSync(await readFile(RECORDED));
  const blocks: Buffer[] = [];
  for (let start = 0; start < file.length;) {
    const end = start + 4 + file.readUInt32BE(start);
    blocks.push(file.subarray(start + 4, end));
    start = end;
  }
  return blocks;
}

describe('blocks of a Fabric peer', () => {
  let blocks: Buffer[];
  let state: KeyValueStore;

  beforeEach(async () => {
    blocks = await recordedBlocks();
    state = await openKeyValueStore(undefined);
  });

  afterEach(() => state.close());

  it('form a chain, and are encoded again to the same bytes', () => {
    assert.equal(blocks.length, 17);
    let previous: Buffer = Buffer.alloc(0);
    for (const bytes of blocks) {
      const block = decodeBlock(bytes);
      const header = block.getHeader()!;
      assert.deepEqual(Buffer.from(header.getPreviousHash_asU8()), previous);
      assert.deepEqual(Buffer.from(header.getDataHash_asU8()), blockDataHash(envelopesOf(block)));
      assert.deepEqual(Buffer.from(encodeBlock(block).bytes), bytes);
      previous = blockHeaderHash(header);
    }
  });

  it('lead to the verdicts and the commit hashes that the peer wrote', async () => {
    let previousCommitHash: Buffer = Buffer.alloc(0);
    let collections = 0;
    for (const bytes of blocks) {
      const block = decodeBlock(bytes);
      const [filter, commitHash] = [recordedFilter(block), Buffer.from(commitHashOf(block))];
      const processed = await processBlock(block, filter, {
        committed: new StoredState(state),
        previousCommitHash,
        privateSource: { find: () => undefined },
      });
      assert.deepEqual(
        processed.transactions.map(({ code }) => code),
        filter,
      );
      assert.deepEqual(processed.commitHash, commitHash, `block ${processed.number}`);
      const { writes } = stateBatch(state, [{ processed, expired: new Map() }], [0]);
      await state.write(writes, { sync: false });
      previousCommitHash = commitHash;
      collections += processed.transactions.reduce((sum, { missing }) => sum + missing, 0);
    }
    assert.ok(collections > 0, 'private writes are among them');
  });
});

function recordedFilter(block: common.Block): ValidationCode[] {
  return [...metadataOf(block, MetadataSlot.TRANSACTIONS_FILTER)] as ValidationCode[];
}
