import { readUint64, uint32, uint64 } from './key-bytes.js';
import type { KeyValueReader, Write } from './key-value-store.js';
import type { TransactionLocation, ValidationCode } from './ledger.js';

/** Where blocks and transactions are. Written with the state, so that it is never behind or ahead of the savepoint. */

const BY_NUMBER = Buffer.from('b');
const BY_HASH = Buffer.from('B');
const BY_TRANSACTION = Buffer.from('t');

export function blockIndexWrites(number: number, hash: Buffer, record: number): Write[] {
  return [
    { key: Buffer.concat([BY_NUMBER, uint64(number)]), value: uint64(record) },
    { key: Buffer.concat([BY_HASH, hash]), value: uint64(number) },
  ];
}

/** Where the record of a block begins in the block file. */
export function recordOfBlock(store: KeyValueReader, number: number): number | undefined {
  const value = store.get(Buffer.concat([BY_NUMBER, uint64(number)]));
  return value && readUint64(value, 0);
}

export function numberOfHash(store: KeyValueReader, hash: Uint8Array): number | undefined {
  const value = store.get(Buffer.concat([BY_HASH, hash]));
  return value && readUint64(value, 0);
}

function transactionKey(transactionId: string): Buffer {
  return Buffer.concat([BY_TRANSACTION, Buffer.from(transactionId, 'utf8')]);
}

export function transactionIndexWrite(
  transactionId: string,
  block: number,
  index: number,
  code: ValidationCode,
): Write {
  return {
    key: transactionKey(transactionId),
    value: Buffer.concat([uint64(block), uint32(index), Buffer.from([code])]),
  };
}

/** The first transaction with the id: a later one with the same id is invalid and must not hide it. */
export function locationOfTransaction(
  store: KeyValueReader,
  transactionId: string,
): TransactionLocation | undefined {
  const value = store.get(transactionKey(transactionId));
  return (
    value && {
      block: BigInt(readUint64(value, 0)),
      index: value.readUInt32BE(8),
      code: value.readUInt8(12) as ValidationCode,
    }
  );
}
