import type { peer } from '@hyperledger/fabric-protos';
import { invokeConfigurationChaincode } from './configuration-chaincode.js';
import { invokeLifecycleChaincode } from './lifecycle-chaincode.js';
import { invokeQueryChaincode } from './query-chaincode.js';
import { failure } from './response.js';
import type { SystemCall, SystemHost } from './system-call.js';

/** Names that Fabric's peers keep for themselves. */
const names = new Set(['qscc', 'cscc', 'lscc', '_lifecycle']);

export function isSystemChaincode(name: string): boolean {
  return names.has(name);
}

/** `_lifecycle` keeps its definitions in the channel's state; the others run without a simulation. */
export function isSimulatedSystemChaincode(name: string): boolean {
  return name === '_lifecycle';
}

export async function invokeSystemChaincode(
  name: string,
  call: SystemCall,
  host: SystemHost,
): Promise<peer.Response> {
  switch (name) {
    case 'qscc':
      return invokeQueryChaincode(call.input, call, (channel) => host.channel(channel));
    case 'cscc':
      return invokeConfigurationChaincode(call, host);
    case '_lifecycle':
      return invokeLifecycleChaincode(call, host);
    default:
      return failure(`the embedded ledger does not have the legacy system chaincode ${name}`);
  }
}
