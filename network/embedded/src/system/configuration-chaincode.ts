import { common, peer } from '@hyperledger/fabric-protos';
import { proposalAccessRefusal } from '../channel/access-control.js';
import { configOf } from '../channel/config-block.js';
import { localRefusal } from '../channel/local-access.js';
import { messageOf } from '../log.js';
import { parse } from '../wire/parse.js';
import { failure, success } from './response.js';
import type { SystemCall, SystemHost } from './system-call.js';

type Function = (
  argument: Uint8Array,
  call: SystemCall,
  host: SystemHost,
) => Promise<peer.Response> | peer.Response;

const functions: ReadonlyMap<string, Function> = new Map<string, Function>([
  ['JoinChain', joinChain],
  ['JoinChainBySnapshot', joinBySnapshot],
  ['JoinBySnapshotStatus', snapshotStatus],
  ['GetConfigBlock', getConfigBlock],
  ['GetChannelConfig', getChannelConfig],
  ['GetChannels', getChannels],
]);
const withoutArgument: readonly string[] = ['GetChannels', 'JoinBySnapshotStatus'];

/** The system chaincode `cscc` (core/scc/cscc/configure.go): channels and their configuration. */
export function invokeConfigurationChaincode(
  call: SystemCall,
  host: SystemHost,
): Promise<peer.Response> | peer.Response {
  const args = call.input.getArgsList_asU8();
  const [nameBytes, argument] = args;
  const name = text(nameBytes ?? new Uint8Array());
  if (nameBytes === undefined || (argument === undefined && !withoutArgument.includes(name))) {
    return failure(`Incorrect number of arguments, ${args.length}`);
  }
  if (call.invoked !== 'cscc') {
    return failure(
      `Rejecting invoke of CSCC from another chaincode, original invocation for '${call.invoked}'`,
    );
  }
  const perform = functions.get(name);
  return perform === undefined
    ? failure(`Requested function ${name} not found.`)
    : perform(argument ?? new Uint8Array(), call, host);
}

/** The channels are those that the ledger was started with: joining one of them again is refused as on a peer. */
function joinChain(argument: Uint8Array, { signed }: SystemCall, host: SystemHost): peer.Response {
  let channel: string;
  try {
    ({ channel } = configOf(parse(common.Block, argument, 'Block')));
  } catch (error) {
    return failure(`Failed to reconstruct the genesis block, ${messageOf(error)}`);
  }
  const refusal = localRefusal('cscc/JoinChain', host.local, signed);
  if (refusal !== undefined) {
    return failure(`access denied for [JoinChain][${channel}]: [${refusal}]`);
  }
  return failure(
    host.channel(channel) === undefined
      ? `the embedded ledger has the channels that it was started with: add ${channel} to its configuration`
      : `cannot create ledger from genesis block: ledger [${channel}] already exists with state [ACTIVE]`,
  );
}

function joinBySnapshot(argument: Uint8Array, { signed }: SystemCall, host: SystemHost): peer.Response {
  if (argument.length === 0) {
    return failure('Cannot join the channel, no snapshot directory provided');
  }
  const refusal = localRefusal('cscc/JoinChainBySnapshot', host.local, signed);
  return failure(
    refusal === undefined
      ? 'the embedded ledger has the channels that it was started with: add the channel to its configuration'
      : `access denied for [JoinChainBySnapshot]: [${refusal}]`,
  );
}

function snapshotStatus(_argument: Uint8Array, { signed }: SystemCall, host: SystemHost): peer.Response {
  const refusal = localRefusal('cscc/JoinBySnapshotStatus', host.local, signed);
  return refusal === undefined
    ? success(new peer.JoinBySnapshotStatus().serializeBinary())
    : failure(`access denied for [JoinBySnapshotStatus]: ${refusal}`);
}

async function getConfigBlock(
  argument: Uint8Array,
  call: SystemCall,
  host: SystemHost,
): Promise<peer.Response> {
  const name = text(argument);
  const channel = host.channel(name);
  const refusal = proposalAccessRefusal(channel?.configuration, name, 'cscc/GetConfigBlock', call.signed);
  if (refusal !== undefined) {
    return failure(`access denied for [GetConfigBlock][${name}]: ${refusal}`);
  }
  // The configuration is that of block 0 for as long as the ledger lives.
  const block = await channel?.ledger.block(0n);
  return block === undefined ? failure(`Unknown channel ID, ${name}`) : success(block.serializeBinary());
}

async function getChannelConfig(
  argument: Uint8Array,
  call: SystemCall,
  host: SystemHost,
): Promise<peer.Response> {
  if (argument.length === 0) {
    return failure('empty channel name provided');
  }
  const name = text(argument);
  const channel = host.channel(name);
  const refusal = proposalAccessRefusal(channel?.configuration, name, 'cscc/GetChannelConfig', call.signed);
  if (refusal !== undefined) {
    return failure(`access denied for [GetChannelConfig][${name}]: ${refusal}`);
  }
  const block = await channel?.ledger.block(0n);
  return block === undefined
    ? failure(`unknown channel ID, ${name}`)
    : success(configOf(block).config.serializeBinary());
}

function getChannels(_argument: Uint8Array, { signed }: SystemCall, host: SystemHost): peer.Response {
  const refusal = localRefusal('cscc/GetChannels', host.local, signed);
  if (refusal !== undefined) {
    return failure(`access denied for [GetChannels]: ${refusal}`);
  }
  const response = new peer.ChannelQueryResponse();
  for (const { name } of host.channels()) {
    response.addChannels().setChannelId(name);
  }
  return success(response.serializeBinary());
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
