import type { peer } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import { invokeQueryChaincode, type QueryCaller } from './query-chaincode.js';
import { failure } from './response.js';

/** Names that Fabric's peers keep for themselves; of these `qscc` works so far. */
const names = new Set(['qscc', 'cscc', 'lscc', '_lifecycle']);

export function isSystemChaincode(name: string): boolean {
  return names.has(name);
}

export function invokeSystemChaincode(
  name: string,
  input: peer.ChaincodeInput,
  caller: QueryCaller,
  channelOf: (name: string) => Channel | undefined,
): Promise<peer.Response> {
  return name === 'qscc'
    ? invokeQueryChaincode(input, caller, channelOf)
    : Promise.resolve(failure(`the embedded ledger does not have the system chaincode ${name} yet`));
}
