import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { common } from '@hyperledger/fabric-protos';
import fc from 'fast-check';

import { blockDataHash, blockHeaderHash, decodeBlock, encodeBlock, setMetadata } from './block-codec.js';
import { makeBlock } from './testing/test-channel.js';

function header(number: number, previous: string, data: string): common.BlockHeader {
  const message = new common.BlockHeader();
  message.setNumber(number);
  message.setPreviousHash(Buffer.from(previous, 'hex'));
  message.setDataHash(Buffer.from(data, 'hex'));
  return message;
}

function digest(hex: string): string {
  return createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
}

describe('blocks', () => {
  it('are hashed over the DER form of their header', () => {
    const hash = 'ab'.repeat(32);
    const cases: [common.BlockHeader, string][] = [
      [header(0, '', hash), `3027 020100 0400 0420${hash}`],
      [header(127, hash, hash), `3047 02017f 0420${hash} 0420${hash}`],
      // 128 and 2^31 need a leading zero, since DER integers are signed.
      [header(128, hash, hash), `3048 02020080 0420${hash} 0420${hash}`],
      [header(2 ** 31, hash, hash), `304b 02050080000000 0420${hash} 0420${hash}`],
      [header(1, 'cd'.repeat(200), hash), `3081f0 020101 0481c8${'cd'.repeat(200)} 0420${hash}`],
    ];
    for (const [value, der] of cases) {
      assert.equal(blockHeaderHash(value).toString('hex'), digest(der.replaceAll(' ', '')));
    }
  });

  it('carry the hash of their envelopes, one after the other', () => {
    const expected = createHash('sha256').update('onetwo').digest('hex');
    assert.equal(blockDataHash([Buffer.from('one'), Buffer.from('two')]).toString('hex'), expected);
  });

  it('are serialized as the generated classes do it, and every envelope is found by its place', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 40n }),
        fc.uint8Array({ maxLength: 32 }),
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }),
        fc.array(fc.uint8Array({ maxLength: 10 }), { maxLength: 5 }),
        (number, previous, envelopes, metadata) => {
          const block = makeBlock(number, previous, envelopes);
          metadata.forEach((value, slot) => {
            setMetadata(block, slot, value);
          });
          const encoded = encodeBlock(block);
          assert.deepEqual(Buffer.from(encoded.bytes), Buffer.from(block.serializeBinary()));
          assert.deepEqual(decodeBlock(encoded.bytes).toObject(), block.toObject());
          encoded.envelopes.forEach(({ offset, length }, index) => {
            const found = encoded.bytes.subarray(offset, offset + length);
            assert.deepEqual(Buffer.from(found), Buffer.from(envelopes[index]!));
          });
        },
      ),
    );
  });
});
