import assert from 'node:assert/strict';
import { common } from '@hyperledger/fabric-protos';
import { testBlock, testChain } from '../testing/block.js';
import { decodeBlock, headerBytes } from './decode-block.js';

describe('a decoded block', () => {
  it('says who did what: function, arguments, endorsers, writes and the event', () => {
    const block = testBlock(7, [
      {
        id: 'tx1',
        function: 'TrialRegistryContract:register',
        writes: { 'trial/1': { id: '1' }, 'trial/2': undefined },
        hashedWrites: { ab: 'cd', ef: undefined },
        event: 'notice',
      },
    ]);
    const { number, transactions } = decodeBlock(block);
    assert.equal(number, 7n);
    const [transaction] = transactions;
    assert.deepEqual(transaction, {
      block: 7n,
      index: 0,
      transactionId: 'tx1',
      type: 'endorsed',
      validationCode: 0,
      isValid: true,
      timestamp: '',
      creator: { mspId: 'ResearchMSP', certificate: 'PEM' },
      action: {
        chaincode: 'registry',
        function: 'TrialRegistryContract:register',
        arguments: [Uint8Array.from(Buffer.from('first'))],
        result: Uint8Array.from(Buffer.from('result')),
        endorsers: [{ mspId: 'EthicsMSP', certificate: 'PEM' }],
        writes: [
          { chaincode: 'registry', key: 'trial/1', value: Uint8Array.from(Buffer.from('{"id":"1"}')) },
          { chaincode: 'registry', key: 'trial/2', value: undefined },
        ],
        privateWrites: [
          { chaincode: 'registry', collection: 'secrets', keyHash: 'ab', valueHash: 'cd' },
          { chaincode: 'registry', collection: 'secrets', keyHash: 'ef', valueHash: undefined },
        ],
        event: { name: 'notice', payload: Uint8Array.from(Buffer.from('payload')) },
      },
    });
  });

  it('keeps invalid transactions, also those that no one can decode', () => {
    const { transactions } = decodeBlock(
      testBlock(1, [
        { id: 'tx1', code: 11 },
        { id: '', code: 1, bytes: Uint8Array.of(0xff, 1, 2) },
        { id: 'tx3' },
        { id: '', type: common.HeaderType.CONFIG },
      ]),
    );
    assert.deepEqual(
      transactions.map(({ transactionId, type, isValid, validationCode }) => [
        transactionId,
        type,
        isValid,
        validationCode,
      ]),
      [
        ['tx1', 'endorsed', false, 11],
        ['', 'other', false, 1],
        ['tx3', 'endorsed', true, 0],
        ['', 'config', true, 0],
      ],
    );
  });

  it('is refused when a transaction was altered, left out, or is valid and not decodable', () => {
    const altered = testBlock(3, [{ id: 'tx1' }, { id: 'tx2' }]);
    const [first = new Uint8Array(), second = new Uint8Array()] = altered.getData()!.getDataList_asU8();
    altered.getData()!.setDataList([first]);
    assert.throws(() => decodeBlock(altered), { code: 'INTEGRITY', message: /Block 3 .*not those/ });
    altered.getData()!.setDataList([first, Buffer.concat([second, second])]);
    assert.throws(() => decodeBlock(altered), { code: 'INTEGRITY' });
    assert.throws(() => decodeBlock(testBlock(4, [{ id: '', bytes: Uint8Array.of(0xff, 1) }])), {
      code: 'INTEGRITY',
      message: /transaction 0 is valid/,
    });
  });

  it('has the hash that the next block names', () => {
    const [first, second] = testChain([[{ id: 'a' }], [{ id: 'b' }]]).map(decodeBlock);
    assert.equal(first!.previousHash, '');
    assert.equal(second!.previousHash, first!.hash);
  });

  it('hashes numbers as ASN.1 integers, which are signed and as short as can be', () => {
    const numbered = (number: number) => {
      const header = new common.BlockHeader();
      header.setNumber(number);
      return Buffer.from(headerBytes(header)).toString('hex');
    };
    assert.equal(numbered(0), '300702010004000400');
    assert.equal(numbered(127), '300702017f04000400');
    assert.equal(numbered(128), '30080202008004000400');
    assert.equal(numbered(0x1234), '30080202123404000400');
  });
});
