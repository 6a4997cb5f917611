import { ledger } from '@hyperledger/fabric-protos';
import type { ProofStatement, ProvenSubject } from '@vitaledger/domain';
import { decoded, unproven } from './unproven.js';

/** A key that was read, and where the value came from that was there. */
export interface KeyRead {
  readonly key: string;
  /** Of the transaction that wrote it. */
  readonly block: number;
  /** Its place in the block. */
  readonly transaction: number;
}

/** Where Fabric's peers look up which chaincode is deployed; reads of it are theirs, not the contract's. */
const lifecycle = '_lifecycle';

/**
 * The reads of a response, in the chaincode's own namespace.
 *
 * @throws VitaledgerError `INTEGRITY` for anything else than reads of single keys that are there: what writes can be endorsed without ever
 *   having been committed.
 */
export function readReads(results: Buffer, chaincode: string): readonly KeyRead[] {
  const sets = decoded('READ_SET', 'read set', () => {
    const { TxReadWriteSet, kvrwset } = ledger.rwset;
    return TxReadWriteSet.deserializeBinary(results)
      .getNsRwsetList()
      .map((set) => ({
        namespace: set.getNamespace(),
        hashed: set.getCollectionHashedRwsetList().length,
        set: kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8()),
      }));
  });
  const own: KeyRead[] = [];
  for (const { namespace, hashed, set } of sets) {
    if (namespace !== chaincode && namespace !== lifecycle)
      throw unproven('READ_SET', 'it read the state of another chaincode');
    const others = set.getWritesList().length + set.getMetadataWritesList().length + hashed;
    if (others > 0 || set.getRangeQueriesInfoList().length > 0)
      throw unproven('READ_SET', 'it does more than read single keys');
    if (namespace === lifecycle) continue;
    own.push(
      ...set.getReadsList().map((read) => {
        const version = read.getVersion();
        if (!version) throw unproven('READ_SET', 'it read a key that was not there');
        return { key: read.getKey(), block: version.getBlockNum(), transaction: version.getTxNum() };
      }),
    );
  }
  return own;
}

/**
 * Holds what was read against what is stated: exactly the keys that the statement comes from, written in the order that the interval is
 * concluded from. The versions are the peers' own, whatever the contract says.
 */
export function checkReads(reads: readonly KeyRead[], { subject, after }: ProofStatement): void {
  const beats = [after.beat, after.beat + 1, after.beat + 2].map((beat) => `beat/${beat}`);
  const entries = entriesOf(subject);
  const expected = [...beats, ...entries, 'consortium'].sort();
  const actual = reads.map(({ key }) => key).sort();
  if (expected.join('\n') !== actual.join('\n'))
    throw unproven('READ_SET', 'it was not read from where its statement comes from');
  const places = new Set(entries.map((key) => placeOf(reads, key)));
  if (places.size !== 1)
    throw unproven('READ_SET', 'digest and document were written by different transactions');
  const [first, second, third] = beats.map((key) => placeOf(reads, key));
  const order = [first, ...places, second, third];
  if (order.some((place, index) => index > 0 && !(Number(order[index - 1]) < Number(place))))
    throw unproven('READ_SET', 'its registration was not written between the beats that it names');
}

/** The keys that a registration writes once and for ever. */
function entriesOf({ kind, trial, document = '', version, digest }: ProvenSubject): readonly string[] {
  const number = String(version).padStart(6, '0');
  if (kind === 'trial-version') return [`trial-version/${trial}/${number}`];
  return [
    `trial-document-version/${trial}/${document}/${number}`,
    `trial-document-digest/${trial}/${digest}`,
  ];
}

/** Places in the chain as numbers that compare as the places do: a block has fewer than a million transactions. */
function placeOf(reads: readonly KeyRead[], key: string): number {
  const read = reads.find((one) => one.key === key);
  return read ? read.block * 1e6 + read.transaction : -1;
}
