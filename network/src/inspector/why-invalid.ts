import type { NamespaceReadWriteSet } from '@vitaledger/embedded-ledger';
import type { LedgerReader } from './ledger-reader.js';
import { readable, reportBlock, type TransactionReport } from './transaction-report.js';

/** What codes mean for which the ledger holds nothing more to say. */
const meanings: Readonly<Record<string, string>> = {
  DUPLICATE_TXID: 'a transaction with this id is in the ledger before; the id counts even of an invalid one',
  BAD_CREATOR_SIGNATURE:
    "its creator's signature is not good, or the creator is nobody whom the channel knows",
  BAD_PROPOSAL_TXID: 'its id is not the hash of nonce and creator',
  INVALID_ENDORSER_TRANSACTION: 'it is not what was endorsed: proposal, header or number of actions differ',
  INVALID_CHAINCODE: 'it names a chaincode or version that is not what was endorsed, or not defined',
  BAD_RWSET: 'its read-write set cannot be decoded',
  INVALID_OTHER_REASON: 'its event or chaincode id contradicts the rest of it',
};

/** Why a transaction is invalid, as far as the blocks tell; undefined for a valid one. */
export async function whyInvalid(
  reader: LedgerReader,
  transaction: TransactionReport,
): Promise<string | undefined> {
  switch (transaction.code) {
    case 'VALID':
      return undefined;
    case 'MVCC_READ_CONFLICT':
      return conflict(reader, transaction);
    case 'PHANTOM_READ_CONFLICT':
      return phantom(reader, transaction);
    case 'ENDORSEMENT_POLICY_FAILURE':
      return missingEndorsement(transaction);
    default:
      return meanings[transaction.code];
  }
}

interface Read {
  readonly set: NamespaceReadWriteSet;
  readonly collection: string | undefined;
  readonly key: string | Uint8Array;
  readonly version: { readonly block: number; readonly transaction: number } | undefined;
}

function readsOf({ sets = [] }: TransactionReport): readonly Read[] {
  return sets.flatMap((set) => [
    ...set.reads.map(({ key, version }) => ({ set, collection: undefined, key, version })),
    ...set.collections.flatMap(({ collection, reads }) =>
      reads.map(({ keyHash, version }) => ({ set, collection, key: keyHash, version })),
    ),
  ]);
}

/** Looks from the transaction backwards for the write that overtook one of its reads. */
async function conflict(reader: LedgerReader, transaction: TransactionReport): Promise<string> {
  const reads = readsOf(transaction);
  const oldest = Math.min(...reads.map(({ version }) => version?.block ?? 0), transaction.block);
  for await (const earlier of before(reader, transaction, oldest)) {
    const overtaken = reads.find((read) => isAfter(earlier, read.version) && writes(earlier, read));
    if (overtaken !== undefined) return conflictText(earlier, overtaken);
  }
  return 'it read what another transaction wrote since; that one was not found';
}

/** Valid transactions before one, the nearest first, down to a block. */
async function* before(
  reader: LedgerReader,
  { block, index }: TransactionReport,
  oldest: number,
): AsyncGenerator<TransactionReport> {
  for (let number = block; number >= oldest; number -= 1) {
    const transactions = reportBlock(await reader.block(number)).filter(({ code }) => code === 'VALID');
    yield* transactions.filter((one) => number < block || one.index < index).reverse();
  }
}

function isAfter(
  { block, index }: TransactionReport,
  version: { readonly block: number; readonly transaction: number } | undefined,
): boolean {
  return (
    version === undefined || block > version.block || (block === version.block && index > version.transaction)
  );
}

function writes({ sets = [] }: TransactionReport, { set, collection, key }: Read): boolean {
  const written = sets.find(({ namespace }) => namespace === set.namespace);
  if (written === undefined) return false;
  if (collection === undefined) {
    return [...written.writes, ...written.metadataWrites].some((write) => write.key === key);
  }
  const hashed = written.collections.find((one) => one.collection === collection);
  return [...(hashed?.writes ?? []), ...(hashed?.metadataWrites ?? [])].some(({ keyHash }) =>
    Buffer.from(keyHash).equals(Buffer.from(key)),
  );
}

function conflictText(writer: TransactionReport, { set, collection, key, version }: Read): string {
  const what =
    typeof key === 'string'
      ? `the key ${readable(Buffer.from(key))}`
      : `the private key with hash ${Buffer.from(key).toString('hex')} in ${collection ?? ''}`;
  const state =
    version === undefined
      ? 'when it did not exist'
      : `as block ${version.block}, transaction ${version.transaction} wrote it`;
  return `it read ${what} of ${set.namespace} ${state}; transaction ${writer.transactionId} (block ${writer.block}, transaction ${writer.index}) wrote it since`;
}

/** How many blocks back a phantom is looked for: a range has no version of its own. */
const PHANTOM_BLOCKS = 100;

async function phantom(reader: LedgerReader, transaction: TransactionReport): Promise<string> {
  const ranges = (transaction.sets ?? []).flatMap(({ namespace, rangeQueries }) =>
    rangeQueries.map((range) => ({ namespace, ...range })),
  );
  const oldest = Math.max(0, transaction.block - PHANTOM_BLOCKS);
  for await (const earlier of before(reader, transaction, oldest)) {
    for (const { namespace, startKey, endKey, rawReads } of ranges) {
      const key = earlier.sets
        ?.find((set) => set.namespace === namespace)
        ?.writes.map((write) => write.key)
        .find((one) => isWithin(one, startKey, endKey));
      const seen = rawReads?.some(
        ({ version }) => version?.block === earlier.block && version.transaction === earlier.index,
      );
      if (key !== undefined && seen !== true) {
        return `it read the range from ${readable(Buffer.from(startKey))} to ${readable(Buffer.from(endKey))} of ${namespace}; transaction ${earlier.transactionId} (block ${earlier.block}, transaction ${earlier.index}) wrote ${readable(Buffer.from(key))} in it`;
      }
    }
  }
  return `a range that it read has changed; no write to it was found in ${PHANTOM_BLOCKS} blocks`;
}

/** In the order of UTF-8 bytes; without an end a range goes on to the last key. */
function isWithin(key: string, start: string, end: string): boolean {
  const bytes = Buffer.from(key);
  return (
    Buffer.compare(bytes, Buffer.from(start)) >= 0 &&
    (end === '' || Buffer.compare(bytes, Buffer.from(end)) <= 0)
  );
}

function missingEndorsement({ endorsers = [], sets = [], chaincode = '' }: TransactionReport): string {
  const organizations = [...new Set(endorsers.map((endorser) => endorser.split(' ')[0] ?? ''))];
  const written = sets
    .filter(
      ({ writes: own, metadataWrites, collections }) =>
        own.length + metadataWrites.length + collections.length > 0,
    )
    .map(({ namespace, collections }) =>
      [namespace, ...collections.map(({ collection }) => collection)].join('/'),
    );
  return `endorsed by ${organizations.join(', ') || 'nobody'}, which does not satisfy the policy of ${[...new Set([chaincode.split(' ')[0] ?? '', ...written])].join(', ')} or of a key that it writes`;
}
