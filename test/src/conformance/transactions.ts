import { common, ledger, peer } from '@hyperledger/fabric-protos';
import type { Actors } from './actors.js';
import {
  compact,
  hex,
  publicSet,
  readable,
  readWriteSet,
  type BlockNames,
  type Json,
  type JsonObject,
} from './read-write-sets.js';

const nameOf = (values: object, value: number): string =>
  Object.entries(values).find(([, number]) => number === value)?.[0] ?? String(value);

export const validationCode = (code: number): string => nameOf(peer.TxValidationCode, code);
export const statusName = (code: number): string => nameOf(common.Status, code);

export function responseOf(response: peer.Response | undefined): JsonObject {
  return compact({
    status: response?.getStatus() ?? 0,
    message: response?.getMessage(),
    payload: shortPayload(response?.getPayload_asU8() ?? new Uint8Array()),
  });
}

/** The payload of a chaincode of probes is JSON; anything else is text or hexadecimal digits. */
function shortPayload(bytes: Uint8Array): Json {
  const text = readable(bytes);
  if (text.length > 4000) return `${String(bytes.length)} bytes`;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** What endorsers signed: result, read-write set, event. */
export function endorsedPayload(bytes: Uint8Array, blocks: BlockNames): JsonObject {
  if (bytes.length === 0) return {};
  const payload = peer.ProposalResponsePayload.deserializeBinary(bytes);
  const action = peer.ChaincodeAction.deserializeBinary(payload.getExtension_asU8());
  const id = action.getChaincodeId();
  return compact({
    proposalHash: payload.getProposalHash_asU8().length,
    chaincode: `${id?.getName() ?? ''}:${id?.getVersion() ?? ''}`,
    response: responseOf(action.getResponse()),
    event: chaincodeEvent(action.getEvents_asU8()),
    results: readWriteSet(action.getResults_asU8(), blocks),
    namespaces: ledger.rwset.TxReadWriteSet.deserializeBinary(action.getResults_asU8())
      .getNsRwsetList()
      .map((namespace) => namespace.getNamespace())
      .filter((name) => name !== '_lifecycle'),
  });
}

export function chaincodeEvent(bytes: Uint8Array): Json | undefined {
  if (bytes.length === 0) return undefined;
  const event = peer.ChaincodeEvent.deserializeBinary(bytes);
  return compact({
    chaincode: event.getChaincodeId(),
    name: event.getEventName(),
    txId: event.getTxId(),
    payload: readable(event.getPayload_asU8()),
  });
}

/** An endorser's answer. */
export function proposalResponse(
  answer: peer.ProposalResponse,
  actors: Actors,
  blocks: BlockNames,
): JsonObject {
  return compact({
    version: answer.getVersion(),
    response: responseOf(answer.getResponse()),
    signed: endorsedPayload(answer.getPayload_asU8(), blocks),
    endorser: actors.nameOf(answer.getEndorsement()?.getEndorser_asU8() ?? new Uint8Array()),
    interest: answer
      .getInterest()
      ?.getChaincodesList()
      .map((call) =>
        compact({
          name: call.getName(),
          collections: call.getCollectionNamesList(),
          noPrivateReads: call.getNoPrivateReads() || undefined,
          noPublicWrites: call.getNoPublicWrites() || undefined,
          disregardNamespacePolicy: call.getDisregardNamespacePolicy() || undefined,
          keyPolicies: call.getKeyPoliciesList().map((policy) => hex(policy.serializeBinary())),
        }),
      ),
  });
}

/** A transaction envelope, decoded as far as its type allows. `named` tells who endorsed, otherwise how many did. */
export function envelopeOf(bytes: Uint8Array, actors: Actors, blocks: BlockNames): JsonObject {
  const envelope = common.Envelope.deserializeBinary(bytes);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const channel = common.ChannelHeader.deserializeBinary(
    payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
  );
  const signature = common.SignatureHeader.deserializeBinary(
    payload.getHeader()?.getSignatureHeader_asU8() ?? new Uint8Array(),
  );
  const type = nameOf(common.HeaderType, channel.getType());
  return compact({
    type,
    channel: channel.getChannelId(),
    txId: channel.getTxId(),
    creator: actors.nameOf(signature.getCreator_asU8()),
    nonce: signature.getNonce_asU8().length,
    actions: type === 'ENDORSER_TRANSACTION' ? actionsOf(payload.getData_asU8(), actors, blocks) : undefined,
  });
}

function actionsOf(bytes: Uint8Array, actors: Actors, blocks: BlockNames): Json {
  return peer.Transaction.deserializeBinary(bytes)
    .getActionsList()
    .map((action) => {
      const payload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
      const proposal = peer.ChaincodeProposalPayload.deserializeBinary(
        payload.getChaincodeProposalPayload_asU8(),
      );
      const spec = peer.ChaincodeInvocationSpec.deserializeBinary(
        proposal.getInput_asU8(),
      ).getChaincodeSpec();
      return compact({
        chaincode: spec?.getChaincodeId()?.getName(),
        args: spec
          ?.getInput()
          ?.getArgsList_asU8()
          .map((arg) => (arg.length > 2000 ? `${String(arg.length)} bytes` : readable(arg))),
        transient: proposal.getTransientmapMap().getLength(),
        endorsers: payload.getAction()?.getEndorsementsList().length ?? 0,
        endorsed: endorsedPayload(
          payload.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
          blocks,
        ),
      });
    });
}

/** Private read-write sets as deliver gives them. */
export function privateWrites(set: ledger.rwset.TxPvtReadWriteSet, blocks: BlockNames): Json {
  return set.getNsPvtRwsetList().flatMap((namespace) =>
    namespace.getCollectionPvtRwsetList().map((collection) => ({
      namespace: namespace.getNamespace(),
      collection: collection.getCollectionName(),
      ...publicSet(collection.getRwset_asU8(), blocks),
    })),
  );
}
