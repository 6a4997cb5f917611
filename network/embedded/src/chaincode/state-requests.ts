import { ledger, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { HistoryEntry, KeyValue } from '../ledger/ledger.js';
import { noteDefinitionReads } from '../lifecycle/lifecycle-definition.js';
import { parse, type MessageType } from '../wire/parse.js';
import { continueQuery, queryResponse, startQuery, totalQueryLimit } from './query.js';
import type { TransactionContext } from './transaction-context.js';

/** Answers one request of a chaincode about state: the payload of RESPONSE, or throws with the text of ERROR. */
export type StateRequest = (payload: Uint8Array, context: TransactionContext) => Promise<Uint8Array>;

const types = peer.ChaincodeMessage.Type;
const nothing = new Uint8Array();

export const stateRequests: ReadonlyMap<number, StateRequest> = new Map<number, StateRequest>([
  [types.GET_STATE, getState],
  [types.GET_STATE_MULTIPLE, getStateMultiple],
  [types.GET_PRIVATE_DATA_HASH, getPrivateDataHash],
  [types.GET_STATE_METADATA, getStateMetadata],
  [types.GET_STATE_BY_RANGE, getStateByRange],
  [types.GET_QUERY_RESULT, getQueryResult],
  [types.GET_HISTORY_FOR_KEY, getHistoryForKey],
  [types.QUERY_STATE_NEXT, queryStateNext],
  [types.QUERY_STATE_CLOSE, queryStateClose],
  [types.PUT_STATE, writing(peer.PutState, putState)],
  [types.DEL_STATE, writing(peer.DelState, deleteState)],
  [types.PUT_STATE_METADATA, writing(peer.PutStateMetadata, putStateMetadata)],
  [types.PURGE_PRIVATE_DATA, writing(peer.DelState, purgePrivateData)],
  [types.WRITE_BATCH_STATE, writing(peer.WriteBatchState, writeBatch)],
]);

function decode<T>(type: MessageType<T>, payload: Uint8Array): T {
  try {
    return parse(type, payload, 'request');
  } catch (error) {
    throw new Error('unmarshal failed: proto: cannot parse invalid wire-format data', { cause: error });
  }
}

/** A request that changes something and is answered with nothing. */
function writing<T>(
  type: MessageType<T>,
  write: (request: T, context: TransactionContext) => void,
): StateRequest {
  return (payload, context) => {
    write(decode(type, payload), context);
    return Promise.resolve(nothing);
  };
}

/**
 * Private data is out of bounds in Init. Elsewhere a peer looks the collection up in the chaincode's definition, and those
 * reads are in the read-write set (core/common/privdata/store.go).
 */
function beginPrivate(context: TransactionContext): void {
  if (context.isInit) {
    throw new Error('private data APIs are not allowed in chaincode Init()');
  }
  if (!context.hasReadDefinition) {
    context.hasReadDefinition = true;
    noteDefinitionReads(context.execution.simulator, context.namespace);
  }
}

async function readState(collection: string, key: string, context: TransactionContext): Promise<Uint8Array> {
  const { namespace, execution } = context;
  if (collection === '') {
    return (await execution.simulator.getState(namespace, key)) ?? nothing;
  }
  beginPrivate(context);
  return (await execution.simulator.getPrivateData(namespace, collection, key)) ?? nothing;
}

async function getState(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
  const request = decode(peer.GetState, payload);
  return readState(request.getCollection(), request.getKey(), context);
}

async function getStateMultiple(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
  const request = decode(peer.GetStateMultiple, payload);
  const values: Uint8Array[] = [];
  for (const key of request.getKeysList()) {
    values.push(await readState(request.getCollection(), key, context));
  }
  const result = new peer.GetStateMultipleResult();
  result.setValuesList(values);
  return result.serializeBinary();
}

async function getPrivateDataHash(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
  const request = decode(peer.GetState, payload);
  beginPrivate(context);
  const { namespace, execution } = context;
  return (
    (await execution.simulator.getPrivateDataHash(namespace, request.getCollection(), request.getKey())) ??
    nothing
  );
}

async function getStateMetadata(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
  const request = decode(peer.GetStateMetadata, payload);
  const { namespace, execution } = context;
  const collection = request.getCollection();
  if (collection !== '') {
    beginPrivate(context);
  }
  const metadata =
    collection === ''
      ? await execution.simulator.getStateMetadata(namespace, request.getKey())
      : await execution.simulator.getPrivateDataMetadata(namespace, collection, request.getKey());
  const result = new peer.StateMetadataResult();
  result.setEntriesList(
    [...metadata].map(([name, value]) => {
      const entry = new peer.StateMetadata();
      entry.setMetakey(name);
      entry.setValue(value);
      return entry;
    }),
  );
  return result.serializeBinary();
}

async function getStateByRange(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
  const request = decode(peer.GetStateByRange, payload);
  const { namespace, execution } = context;
  const collection = request.getCollection();
  const [start, end] = [request.getStartkey(), request.getEndkey()];
  const encode = ({ key, value }: KeyValue) => encodeKeyValue(namespace, key, value);
  if (collection !== '') {
    beginPrivate(context);
    const cursor = await execution.simulator.getPrivateDataRange(namespace, collection, start, end);
    return startQuery(context, cursor, encode);
  }
  const metadata = decode(peer.QueryMetadata, request.getMetadata_asU8());
  if (metadata.getPagesize() !== 0 || metadata.getBookmark() !== '') {
    return getPage(context, start, end, metadata, encode);
  }
  return startQuery(context, await execution.simulator.getStateRange(namespace, start, end), encode);
}

async function getPage(
  { namespace, execution }: TransactionContext,
  start: string,
  end: string,
  metadata: peer.QueryMetadata,
  encode: (item: KeyValue) => Uint8Array,
): Promise<Uint8Array> {
  const asked = metadata.getPagesize();
  const size = asked > 0 && asked < totalQueryLimit ? asked : totalQueryLimit;
  const cursor = await execution.simulator.getStateRange(namespace, start, end, {
    size,
    bookmark: metadata.getBookmark(),
  });
  const items: KeyValue[] = [];
  for (let more = await cursor.next(size); more.length > 0; more = await cursor.next(size - items.length)) {
    items.push(...more);
    if (items.length >= size) {
      break;
    }
  }
  const responseMetadata = new peer.QueryResponseMetadata();
  responseMetadata.setFetchedRecordsCount(items.length);
  responseMetadata.setBookmark(await cursor.bookmark());
  const response = queryResponse('', items.map(encode), false);
  response.setMetadata(responseMetadata.serializeBinary());
  return response.serializeBinary();
}

function getQueryResult(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
  const request = decode(peer.GetQueryResult, payload);
  if (request.getCollection() !== '') {
    beginPrivate(context);
    throw new Error('ExecuteQuery not supported for leveldb');
  }
  const metadata = decode(peer.QueryMetadata, request.getMetadata_asU8());
  const paginated = metadata.getPagesize() !== 0 || metadata.getBookmark() !== '';
  throw new Error(`${paginated ? 'ExecuteQueryWithMetadata' : 'ExecuteQuery'} not supported for leveldb`);
}

async function getHistoryForKey(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
  const request = decode(peer.GetHistoryForKey, payload);
  const cursor = await context.execution.simulator.getHistory(context.namespace, request.getKey());
  return startQuery(context, cursor, encodeHistory);
}

function queryStateNext(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
  return continueQuery(context, decode(peer.QueryStateNext, payload).getId());
}

async function queryStateClose(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
  const id = decode(peer.QueryStateClose, payload).getId();
  await context.closeQuery(id);
  return queryResponse(id, [], false).serializeBinary();
}

function encodeKeyValue(namespace: string, key: string, value: Uint8Array): Uint8Array {
  const message = new ledger.queryresult.KV();
  message.setNamespace(namespace);
  message.setKey(key);
  message.setValue(value);
  return message.serializeBinary();
}

function encodeHistory(entry: HistoryEntry): Uint8Array {
  const timestamp = new Timestamp();
  timestamp.setSeconds(entry.timestamp.seconds);
  timestamp.setNanos(entry.timestamp.nanos);
  const message = new ledger.queryresult.KeyModification();
  message.setTxId(entry.transactionId);
  message.setValue(entry.value);
  message.setTimestamp(timestamp);
  message.setIsDelete(entry.isDelete);
  return message.serializeBinary();
}

function putState(request: peer.PutState, context: TransactionContext): void {
  const { namespace, execution } = context;
  const collection = request.getCollection();
  if (collection === '') {
    execution.simulator.putState(namespace, request.getKey(), request.getValue_asU8());
    return;
  }
  beginPrivate(context);
  execution.simulator.putPrivateData(namespace, collection, request.getKey(), request.getValue_asU8());
}

function deleteState(request: peer.DelState, context: TransactionContext): void {
  const { namespace, execution } = context;
  const collection = request.getCollection();
  if (collection === '') {
    execution.simulator.deleteState(namespace, request.getKey());
    return;
  }
  beginPrivate(context);
  execution.simulator.deletePrivateData(namespace, collection, request.getKey());
}

function purgePrivateData(request: peer.DelState, context: TransactionContext): void {
  const { namespace, execution } = context;
  const collection = request.getCollection();
  if (collection === '') {
    throw new Error('only applicable for private data');
  }
  beginPrivate(context);
  execution.simulator.purgePrivateData(namespace, collection, request.getKey());
}

function putStateMetadata(request: peer.PutStateMetadata, context: TransactionContext): void {
  const { namespace, execution } = context;
  const collection = request.getCollection();
  const metadata = request.getMetadata();
  const name = metadata?.getMetakey() ?? '';
  const value = metadata?.getValue_asU8() ?? nothing;
  if (collection === '') {
    execution.simulator.putStateMetadata(namespace, request.getKey(), name, value);
    return;
  }
  beginPrivate(context);
  execution.simulator.putPrivateDataMetadata(namespace, collection, request.getKey(), name, value);
}

function writeBatch(batch: peer.WriteBatchState, context: TransactionContext): void {
  for (const record of batch.getRecList()) {
    writeRecord(record, context);
  }
}

function writeRecord(record: peer.WriteRecord, context: TransactionContext): void {
  const kinds = peer.WriteRecord.Type;
  switch (record.getType()) {
    case kinds.PUT_STATE: {
      const request = new peer.PutState();
      request.setKey(record.getKey());
      request.setValue(record.getValue_asU8());
      request.setCollection(record.getCollection());
      putState(request, context);
      break;
    }
    case kinds.DEL_STATE:
      deleteState(deletion(record), context);
      break;
    case kinds.PURGE_PRIVATE_DATA:
      purgePrivateData(deletion(record), context);
      break;
    case kinds.PUT_STATE_METADATA: {
      const request = new peer.PutStateMetadata();
      request.setKey(record.getKey());
      request.setCollection(record.getCollection());
      request.setMetadata(record.getMetadata());
      putStateMetadata(request, context);
      break;
    }
    case kinds.UNDEFINED:
    default:
      throw new Error('unknown operation type');
  }
}

function deletion(record: peer.WriteRecord): peer.DelState {
  const request = new peer.DelState();
  request.setKey(record.getKey());
  request.setCollection(record.getCollection());
  return request;
}
