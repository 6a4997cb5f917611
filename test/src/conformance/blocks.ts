import { common, type peer } from '@hyperledger/fabric-protos';
import { createHash } from 'node:crypto';
import type { Actors } from './actors.js';
import { compact, type BlockNames, type Json, type JsonObject } from './read-write-sets.js';
import { chaincodeEvent, envelopeOf, validationCode } from './transactions.js';

/** Whether a block's data hash is that of its data, as Fabric computes it. */
export function hasTrueDataHash(block: common.Block): boolean {
  const hash = createHash('sha256');
  for (const envelope of block.getData()?.getDataList_asU8() ?? []) hash.update(envelope);
  return hash.digest().equals(Buffer.from(block.getHeader()?.getDataHash_asU8() ?? []));
}

/** A block: what is in it, and that its hashes and metadata are what they should be. */
export function blockContent(block: common.Block, actors: Actors, blocks: BlockNames): JsonObject {
  const header = block.getHeader() ?? new common.BlockHeader();
  const metadata = block.getMetadata()?.getMetadataList_asU8() ?? [];
  const flags = metadata[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? new Uint8Array();
  return compact({
    number: blocks(header.getNumber()),
    previousHash: header.getPreviousHash_asU8().length,
    trueDataHash: block.getData() === undefined ? undefined : hasTrueDataHash(block),
    codes: [...flags].map(validationCode),
    transactions: (block.getData()?.getDataList_asU8() ?? []).map((bytes) =>
      envelopeOf(bytes, actors, blocks),
    ),
    metadata: metadata.map((slot, index) => metadataSlot(index, slot, actors)),
  });
}

/** Sizes only where a slot holds hashes and signatures. */
function metadataSlot(index: number, slot: Uint8Array, actors: Actors): Json {
  const index_ = common.BlockMetadataIndex;
  if (index === index_.TRANSACTIONS_FILTER) return `${String(slot.length)} flags`;
  if (slot.length === 0) return 'empty';
  const metadata = common.Metadata.deserializeBinary(slot);
  if (index === index_.SIGNATURES) {
    return {
      value: metadata.getValue_asU8().length > 0 ? 'OrdererBlockMetadata' : 'empty',
      signers: metadata.getSignaturesList().map((signature) => {
        const header = common.SignatureHeader.deserializeBinary(signature.getSignatureHeader_asU8());
        return `${actors.nameOf(header.getCreator_asU8())} nonce ${String(header.getNonce_asU8().length)}`;
      }),
    };
  }
  return index === index_.COMMIT_HASH ? `hash of ${String(metadata.getValue_asU8().length)}` : 'some';
}

export function filteredContent(block: peer.FilteredBlock, blocks: BlockNames): JsonObject {
  return compact({
    channel: block.getChannelId(),
    number: blocks(block.getNumber()),
    transactions: block.getFilteredTransactionsList().map((transaction) =>
      compact({
        // The configuration's id was made with the channel.
        txId: transaction.getType() === common.HeaderType.CONFIG ? '<configuration>' : transaction.getTxid(),
        type: transaction.getType(),
        code: validationCode(transaction.getTxValidationCode()),
        events: transaction
          .getTransactionActions()
          ?.getChaincodeActionsList()
          .map(
            (action) =>
              chaincodeEvent(action.getChaincodeEvent()?.serializeBinary() ?? new Uint8Array()) ?? null,
          ),
      }),
    ),
  });
}
