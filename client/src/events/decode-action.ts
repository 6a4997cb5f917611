import { ledger, msp, peer } from '@hyperledger/fabric-protos';
import type { BlockIdentity, ChaincodeAction, PrivateWrite, PublicWrite } from './ledger-block.js';

/** Decodes what a transaction's payload says that a chaincode did. Throws on bytes that are no such payload. */
export function decodeAction(bytes: Uint8Array): ChaincodeAction {
  const [action] = peer.Transaction.deserializeBinary(bytes).getActionsList();
  if (!action) throw new Error('a transaction without an action');
  const payload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
  const endorsed = payload.getAction() ?? new peer.ChaincodeEndorsedAction();
  const response = peer.ProposalResponsePayload.deserializeBinary(endorsed.getProposalResponsePayload_asU8());
  const result = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
  return {
    ...decodeInvocation(payload.getChaincodeProposalPayload_asU8()),
    result: result.getResponse()?.getPayload_asU8() ?? new Uint8Array(),
    endorsers: endorsed
      .getEndorsementsList()
      .flatMap((endorsement) => decodeIdentity(endorsement.getEndorser_asU8()) ?? []),
    ...decodeWrites(result.getResults_asU8()),
    ...decodeEvent(result.getEvents_asU8()),
  };
}

/** Undefined for what nobody signed. */
export function decodeIdentity(bytes: Uint8Array): BlockIdentity | undefined {
  if (bytes.length === 0) return undefined;
  const identity = msp.SerializedIdentity.deserializeBinary(bytes);
  return {
    mspId: identity.getMspid(),
    certificate: Buffer.from(identity.getIdBytes_asU8()).toString('utf8'),
  };
}

function decodeInvocation(bytes: Uint8Array): Pick<ChaincodeAction, 'chaincode' | 'function' | 'arguments'> {
  const input = peer.ChaincodeProposalPayload.deserializeBinary(bytes).getInput_asU8();
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(input).getChaincodeSpec();
  const [name = new Uint8Array(), ...rest] = spec?.getInput()?.getArgsList_asU8() ?? [];
  return {
    chaincode: spec?.getChaincodeId()?.getName() ?? '',
    function: Buffer.from(name).toString('utf8'),
    arguments: rest,
  };
}

function decodeWrites(bytes: Uint8Array): Pick<ChaincodeAction, 'writes' | 'privateWrites'> {
  const { TxReadWriteSet, kvrwset } = ledger.rwset;
  const writes: PublicWrite[] = [];
  const privateWrites: PrivateWrite[] = [];
  for (const set of TxReadWriteSet.deserializeBinary(bytes).getNsRwsetList()) {
    const chaincode = set.getNamespace();
    for (const write of kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8()).getWritesList()) {
      const value = write.getIsDelete() ? undefined : write.getValue_asU8();
      writes.push({ chaincode, key: write.getKey(), value });
    }
    for (const hashed of set.getCollectionHashedRwsetList()) {
      const collection = hashed.getCollectionName();
      const decoded = kvrwset.HashedRWSet.deserializeBinary(hashed.getHashedRwset_asU8());
      for (const write of decoded.getHashedWritesList()) {
        const isGone = write.getIsDelete() || write.getIsPurge();
        privateWrites.push({
          chaincode,
          collection,
          keyHash: hex(write.getKeyHash_asU8()),
          valueHash: isGone ? undefined : hex(write.getValueHash_asU8()),
        });
      }
    }
  }
  return { writes, privateWrites };
}

function decodeEvent(bytes: Uint8Array): Pick<ChaincodeAction, 'event'> {
  if (bytes.length === 0) return {};
  const event = peer.ChaincodeEvent.deserializeBinary(bytes);
  return { event: { name: event.getEventName(), payload: event.getPayload_asU8() } };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
