import { createHash } from 'node:crypto';

import { decoder, EMPTY_BYTES, skipped, WireFormatError } from './wire-format.js';

/** `common.HeaderType` of what the ledger itself acts upon. */
export const HeaderType = { CONFIG: 1, ENDORSER_TRANSACTION: 3 } as const;

export interface TransactionHeader {
  /** `''` when the envelope is too malformed to have one. */
  readonly id: string;
  /** `undefined` when there is no readable channel header. */
  readonly type: number | undefined;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  /** The payload's data: a `protos.Transaction` or a `common.ConfigEnvelope`. */
  readonly data: Uint8Array;
}

const payloadOf = decoder<{ payload: Uint8Array }>(
  () => ({ payload: EMPTY_BYTES }),
  (message, reader) => (message.payload = reader.bytes()),
);

const payload = decoder<{ header: Uint8Array; data: Uint8Array }>(
  () => ({ header: EMPTY_BYTES, data: EMPTY_BYTES }),
  (message, reader) => (message.header = reader.bytes()),
  (message, reader) => (message.data = reader.bytes()),
);

const header = decoder<{ channel: Uint8Array; signature: Uint8Array }>(
  () => ({ channel: EMPTY_BYTES, signature: EMPTY_BYTES }),
  (message, reader) => (message.channel = reader.bytes()),
  (message, reader) => (message.signature = reader.bytes()),
);

const timestamp = decoder<{ seconds: number; nanos: number }>(
  () => ({ seconds: 0, nanos: 0 }),
  (message, reader) => (message.seconds = reader.number()),
  (message, reader) => (message.nanos = reader.number()),
);

const channelHeader = decoder<{ type: number; timestamp: { seconds: number; nanos: number }; id: string }>(
  () => ({ type: 0, timestamp: { seconds: 0, nanos: 0 }, id: '' }),
  (message, reader) => (message.type = reader.number()),
  skipped,
  (message, reader) => (message.timestamp = timestamp(reader.bytes())),
  skipped,
  (message, reader) => (message.id = reader.string()),
);

const signatureHeader = decoder<{ creator: Uint8Array; nonce: Uint8Array }>(
  () => ({ creator: EMPTY_BYTES, nonce: EMPTY_BYTES }),
  (message, reader) => (message.creator = reader.bytes()),
  (message, reader) => (message.nonce = reader.bytes()),
);

/** `protos.Transaction`: the payloads of its actions. */
const transaction = decoder<{ actions: Uint8Array[] }>(
  () => ({ actions: [] }),
  (message, reader) => message.actions.push(reader.bytes()),
);

const second = decoder<{ value: Uint8Array | undefined }>(
  () => ({ value: undefined }),
  skipped,
  (message, reader) => (message.value = reader.bytes()),
);

const first = decoder<{ value: Uint8Array | undefined }>(
  () => ({ value: undefined }),
  (message, reader) => (message.value = reader.bytes()),
);

/** Never throws: an envelope that nobody can read is in the block all the same, as an invalid transaction. */
export function readTransactionHeader(envelope: Uint8Array): TransactionHeader {
  try {
    return decodeHeader(envelope);
  } catch (error) {
    if (error instanceof WireFormatError) {
      return { id: '', type: undefined, timestamp: { seconds: 0, nanos: 0 }, data: EMPTY_BYTES };
    }
    throw error;
  }
}

function decodeHeader(envelope: Uint8Array): TransactionHeader {
  const { header: headerBytes, data } = payload(payloadOf(envelope).payload);
  const headers = header(headerBytes);
  if (headers.channel.length === 0) {
    throw new WireFormatError('no channel header');
  }
  const channel = channelHeader(headers.channel);
  // Configuration carries no id; Fabric then indexes the one that the signature header implies
  // (protoutil.GetOrComputeTxIDFromEnvelope).
  const id = channel.id === '' ? transactionId(signatureHeader(headers.signature)) : channel.id;
  return { id, type: channel.type, timestamp: channel.timestamp, data };
}

function transactionId({ creator, nonce }: { creator: Uint8Array; nonce: Uint8Array }): string {
  return createHash('sha256').update(nonce).update(creator).digest('hex');
}

/**
 * The results of an endorser transaction, a serialized `rwset.TxReadWriteSet`; `undefined` when it has no action.
 * Path: action → `ChaincodeActionPayload.action` → `proposal_response_payload` → `extension` → `results`.
 */
export function endorsedResults(data: Uint8Array): Uint8Array | undefined {
  const [action] = transaction(data).actions;
  if (action === undefined) {
    return undefined;
  }
  const actionPayload = second(action).value;
  const endorsed = actionPayload && second(actionPayload).value;
  const responsePayload = endorsed && first(endorsed).value;
  const extension = responsePayload && second(responsePayload).value;
  return extension && (first(extension).value ?? EMPTY_BYTES);
}
