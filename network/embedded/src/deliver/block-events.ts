import { common, peer } from '@hyperledger/fabric-protos';
import type { ValidationCode } from '../ledger/ledger.js';
import { tryOpenEnvelope } from '../validation/transaction.js';
import { parse, WireError } from '../wire/parse.js';

/** A transaction of a block as events tell of it. */
export interface BlockTransaction {
  readonly transactionId: string;
  readonly channel: string;
  readonly type: number;
  readonly code: ValidationCode;
  /** Of an endorser transaction; without it there was no event. */
  readonly event: peer.ChaincodeEvent | undefined;
}

const transactionsFilter = common.BlockMetadataIndex.TRANSACTIONS_FILTER;

/** The transactions of a committed block that have readable headers, in order. */
export function transactionsOf(block: common.Block): readonly BlockTransaction[] {
  const filter = block.getMetadata()?.getMetadataList_asU8()[transactionsFilter] ?? new Uint8Array();
  return (block.getData()?.getDataList_asU8() ?? []).flatMap((bytes, index) => {
    const opened = tryOpenEnvelope(bytes);
    if (opened === undefined) {
      return [];
    }
    const header = opened.headers.channel;
    return [
      {
        transactionId: header.getTxId(),
        channel: header.getChannelId(),
        type: header.getType(),
        code: (filter[index] ?? peer.TxValidationCode.INVALID_OTHER_REASON) as ValidationCode,
        event: header.getType() === common.HeaderType.ENDORSER_TRANSACTION ? eventOf(opened.data) : undefined,
      },
    ];
  });
}

function eventOf(transactionBytes: Uint8Array): peer.ChaincodeEvent | undefined {
  try {
    const [action] = parse(peer.Transaction, transactionBytes, 'Transaction').getActionsList();
    const payload = parse(
      peer.ChaincodeActionPayload,
      action?.getPayload_asU8() ?? new Uint8Array(),
      'ChaincodeActionPayload',
    );
    const response = parse(
      peer.ProposalResponsePayload,
      payload.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
      'ProposalResponsePayload',
    );
    const chaincodeAction = parse(peer.ChaincodeAction, response.getExtension_asU8(), 'ChaincodeAction');
    const event = parse(peer.ChaincodeEvent, chaincodeAction.getEvents_asU8(), 'ChaincodeEvent');
    return event.getChaincodeId() === '' ? undefined : event;
  } catch (error) {
    if (error instanceof WireError) {
      return undefined;
    }
    throw error;
  }
}

/** Chaincode events of a block's valid transactions, in order; only complete ones count, as in Fabric's gateway. */
export function chaincodeEventsOf(block: common.Block): readonly peer.ChaincodeEvent[] {
  return transactionsOf(block).flatMap(({ code, event }) => {
    const complete = event !== undefined && event.getEventName() !== '' && event.getTxId() !== '';
    return code === peer.TxValidationCode.VALID && complete ? [event] : [];
  });
}

/** Ids, types, codes and events without their payload (core/peer/deliverevents.go). */
export function filteredBlock(channel: string, block: common.Block): peer.FilteredBlock {
  const filtered = new peer.FilteredBlock();
  filtered.setChannelId(channel);
  filtered.setNumber(block.getHeader()?.getNumber() ?? 0);
  filtered.setFilteredTransactionsList(transactionsOf(block).map(filteredTransaction));
  return filtered;
}

function filteredTransaction({
  transactionId,
  type,
  code,
  event,
}: BlockTransaction): peer.FilteredTransaction {
  const transaction = new peer.FilteredTransaction();
  transaction.setTxid(transactionId);
  transaction.setType(type as common.HeaderTypeMap[keyof common.HeaderTypeMap]);
  transaction.setTxValidationCode(code);
  if (type === common.HeaderType.ENDORSER_TRANSACTION) {
    const actions = new peer.FilteredTransactionActions();
    if (event !== undefined) {
      const visible = new peer.ChaincodeEvent();
      visible.setTxId(event.getTxId());
      visible.setChaincodeId(event.getChaincodeId());
      visible.setEventName(event.getEventName());
      const action = new peer.FilteredChaincodeAction();
      action.setChaincodeEvent(visible);
      actions.setChaincodeActionsList([action]);
    }
    transaction.setTransactionActions(actions);
  }
  return transaction;
}
