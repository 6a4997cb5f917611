import { createHash } from 'node:crypto';

import { ledger } from '@hyperledger/fabric-protos';

/** The private writes of one transaction to one collection: a serialized `kvrwset.KVRWSet`. */
export interface CollectionWrites {
  readonly namespace: string;
  readonly collection: string;
  readonly bytes: Uint8Array;
}

export function keyHashOf(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest();
}

export function* collectionWritesOf(writes: ledger.rwset.TxPvtReadWriteSet): Generator<CollectionWrites> {
  for (const namespace of writes.getNsPvtRwsetList()) {
    for (const collection of namespace.getCollectionPvtRwsetList()) {
      yield {
        namespace: namespace.getNamespace(),
        collection: collection.getCollectionName(),
        bytes: collection.getRwset_asU8(),
      };
    }
  }
}

/** `rwset.TxPvtReadWriteSet`; the collections come ordered, those of one namespace together. */
export function toTxPvtReadWriteSet(collections: Iterable<CollectionWrites>): ledger.rwset.TxPvtReadWriteSet {
  const set = new ledger.rwset.TxPvtReadWriteSet();
  set.setDataModel(ledger.rwset.TxReadWriteSet.DataModel.KV);
  let namespaceSet: ledger.rwset.NsPvtReadWriteSet | undefined;
  for (const { namespace, collection, bytes } of collections) {
    if (namespaceSet?.getNamespace() !== namespace) {
      namespaceSet = set.addNsPvtRwset();
      namespaceSet.setNamespace(namespace);
    }
    const collectionSet = namespaceSet.addCollectionPvtRwset();
    collectionSet.setCollectionName(collection);
    collectionSet.setRwset(bytes);
  }
  return set;
}

/** A collection as part of a stored key. Neither name can contain NUL. */
export function collectionBytes(namespace: string, collection: string): Buffer {
  return Buffer.from(`${namespace}\0${collection}`, 'utf8');
}

export function collectionOfBytes(bytes: Buffer): { namespace: string; collection: string } {
  const [namespace = '', collection = ''] = bytes.toString('utf8').split('\0');
  return { namespace, collection };
}
