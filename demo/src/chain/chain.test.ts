import { common } from '@hyperledger/fabric-protos';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { searchBlocks } from './search-blocks.js';
import { headerHash, verifyChain } from './verify-chain.js';

function chainOf(contents: readonly (readonly string[])[]): common.Block[] {
  let previous: Uint8Array = new Uint8Array();
  return contents.map((transactions, number) => {
    const data = new common.BlockData();
    data.setDataList(transactions.map((text) => Buffer.from(text)));
    const header = new common.BlockHeader();
    header.setNumber(number);
    header.setPreviousHash(previous);
    header.setDataHash(createHash('sha256').update(transactions.join('')).digest());
    const block = new common.Block();
    block.setHeader(header);
    block.setData(data);
    previous = headerHash(header);
    return block;
  });
}

describe('verifying a chain of blocks', () => {
  const chain = (): [common.Block, common.Block, common.Block] =>
    chainOf([['genesis'], ['one', 'two'], ['three']]) as [common.Block, common.Block, common.Block];

  it('finds a whole chain whole, and counts it', () => {
    const { height, transactions, fault, lastHash } = verifyChain(chain());
    assert.deepEqual([height, transactions, fault], [3, 4, undefined]);
    assert.match(lastHash, /^[0-9a-f]{64}$/);
  });

  it('hashes headers as Fabric does', () => {
    // SEQUENCE { INTEGER 128, OCTET STRING 01, OCTET STRING 02 }: a number with its highest bit set gets a zero before it.
    const header = new common.BlockHeader();
    header.setNumber(128);
    header.setPreviousHash(Uint8Array.of(1));
    header.setDataHash(Uint8Array.of(2));
    const der = Buffer.from('300a02020080040101040102', 'hex');
    assert.deepEqual(headerHash(header), createHash('sha256').update(der).digest());
  });

  it('notices an altered transaction', () => {
    const blocks = chain();
    blocks[1].getData()?.setDataList([Buffer.from('one'), Buffer.from('2')]);
    assert.match(verifyChain(blocks).fault ?? '', /block 1 .*transactions/);
  });

  it('notices a block that was exchanged with its data hash', () => {
    const blocks = chain();
    blocks[1] = chainOf([['genesis'], ['other']])[1]!;
    assert.match(verifyChain(blocks).fault ?? '', /block 2 .*before it/);
  });

  it('notices a block that is missing', () => {
    const [genesis, , third] = chain();
    assert.match(verifyChain([genesis, third]).fault ?? '', /block 1 .*number/);
  });
});

describe('searching blocks', () => {
  const name = 'Daina Carroll';
  const digest = createHash('sha256').update(name).digest();
  for (const [written, text] of [
    ['as it is', `<${name}>`],
    ['in hexadecimal', Buffer.from(name).toString('hex')],
    ['within something in base64', Buffer.from(`{"name":"${name}"}`).toString('base64')],
    ['within something in base64url', Buffer.from(`??>>${name}`).toString('base64url')],
    ['as its SHA-256', digest.toString('hex')],
  ] as const) {
    it(`finds a name ${written}`, () => {
      const { sightings } = searchBlocks(chainOf([['genesis'], [`before ${text} after`]]), [
        { what: 'name', value: name },
      ]);
      assert.ok(
        sightings.some(({ what, block }) => what === 'name' && block === 1),
        JSON.stringify(sightings),
      );
    });
  }

  it('finds an id as the bytes that it stands for', () => {
    const id = '00112233445566778899aabbccddeeff';
    const block = chainOf([['genesis']])[0]!;
    block.getData()?.setDataList([Buffer.from(id, 'hex')]);
    assert.equal(searchBlocks([block], [{ what: 'id', value: id }]).sightings.length, 1);
  });

  it('finds nothing where there is nothing, and says how much it looked at', () => {
    const report = searchBlocks(chainOf([['genesis'], ['nobody']]), [{ what: 'name', value: name }]);
    assert.deepEqual(report.sightings, []);
    assert.ok(report.size > 10 && report.patterns > 10);
  });
});
