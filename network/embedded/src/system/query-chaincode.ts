import { common, peer } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import { accessRefusal } from '../channel/access-control.js';
import type { SignedData } from '../identity/membership.js';
import { failure, success } from './response.js';

/** Who asks `qscc`, and through which chaincode. */
export interface QueryCaller {
  /** The chaincode that the proposal names; `qscc` refuses to be called by another one. */
  readonly invoked: string;
  readonly signed: SignedData;
}

type Query = (channel: Channel, argument: Uint8Array) => Promise<peer.Response> | peer.Response;

const queries: ReadonlyMap<string, Query> = new Map<string, Query>([
  ['GetChainInfo', getChainInfo],
  ['GetBlockByNumber', getBlockByNumber],
  ['GetBlockByHash', getBlockByHash],
  ['GetTransactionByID', getTransactionById],
  ['GetBlockByTxID', getBlockByTransactionId],
]);

/** The system chaincode `qscc` (core/scc/qscc/query.go): blocks and transactions as stored. */
export async function invokeQueryChaincode(
  input: peer.ChaincodeInput,
  caller: QueryCaller,
  channelOf: (name: string) => Channel | undefined,
): Promise<peer.Response> {
  const [functionBytes, channelBytes, argument] = input.getArgsList_asU8();
  if (functionBytes === undefined || channelBytes === undefined) {
    return failure(`Incorrect number of arguments, ${input.getArgsList_asU8().length}`);
  }
  const name = text(functionBytes);
  const channelName = text(channelBytes);
  if (caller.invoked !== 'qscc') {
    return failure(
      `Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for '${caller.invoked}'`,
    );
  }
  if (name !== 'GetChainInfo' && argument === undefined) {
    return failure(`missing 3rd argument for ${name}`);
  }
  const channel = channelOf(channelName);
  if (channel === undefined) {
    return failure(`Invalid chain ID, ${channelName}`);
  }
  const refusal = accessRefusal(channel.configuration, channelName, `qscc/${name}`, caller.signed);
  if (refusal !== undefined) {
    return failure(`access denied for [${name}][${channelName}]: [${refusal}]`);
  }
  const query = queries.get(name);
  return query === undefined
    ? failure(`Requested function ${name} not found.`)
    : query(channel, argument ?? new Uint8Array());
}

async function getChainInfo({ ledger }: Channel): Promise<peer.Response> {
  const last = await ledger.block(ledger.height - 1n);
  const info = new common.BlockchainInfo();
  info.setHeight(Number(ledger.height));
  info.setCurrentblockhash(ledger.lastHash);
  info.setPreviousblockhash(last?.getHeader()?.getPreviousHash_asU8() ?? new Uint8Array());
  return success(info.serializeBinary());
}

async function getBlockByNumber({ ledger }: Channel, argument: Uint8Array): Promise<peer.Response> {
  const digits = text(argument);
  if (!/^\d+$/.test(digits)) {
    return failure(
      `Failed to parse block number with error strconv.ParseUint: parsing ${JSON.stringify(digits)}: invalid syntax`,
    );
  }
  const number = BigInt(digits);
  if (number > 0xffff_ffff_ffff_ffffn) {
    return failure(
      `Failed to parse block number with error strconv.ParseUint: parsing ${JSON.stringify(digits)}: value out of range`,
    );
  }
  const block = number < ledger.height ? await ledger.block(number) : undefined;
  return block === undefined
    ? failure(
        `Failed to get block number ${number.toString()}, error no such block number [${number.toString()}] in index`,
      )
    : success(block.serializeBinary());
}

async function getBlockByHash({ ledger }: Channel, hash: Uint8Array): Promise<peer.Response> {
  const block = await ledger.blockByHash(hash);
  const hex = Buffer.from(hash).toString('hex');
  return block === undefined
    ? failure(`Failed to get block hash ${text(hash)}, error no such block hash [${hex}] in index`)
    : success(block.serializeBinary());
}

async function getTransactionById({ ledger }: Channel, argument: Uint8Array): Promise<peer.Response> {
  const id = text(argument);
  const location = ledger.transaction(id);
  const block = location === undefined ? undefined : await ledger.block(location.block);
  const envelope = location === undefined ? undefined : block?.getData()?.getDataList_asU8()[location.index];
  if (location === undefined || envelope === undefined) {
    return failure(`Failed to get transaction with id ${id}, error no such transaction ID [${id}] in index`);
  }
  const transaction = new peer.ProcessedTransaction();
  transaction.setTransactionenvelope(common.Envelope.deserializeBinary(envelope));
  transaction.setValidationcode(location.code);
  return success(transaction.serializeBinary());
}

async function getBlockByTransactionId({ ledger }: Channel, argument: Uint8Array): Promise<peer.Response> {
  const id = text(argument);
  const location = ledger.transaction(id);
  const block = location === undefined ? undefined : await ledger.block(location.block);
  return block === undefined
    ? failure(`Failed to get block for txID ${id}, error no such transaction ID [${id}] in index`)
    : success(block.serializeBinary());
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
