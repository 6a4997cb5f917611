/**
 * What went wrong, for programs. The message says it to a person, together with what to do.
 *
 * - `TOPOLOGY_INVALID`: the topology file contradicts itself or its schema; `problems` lists every finding with its path.
 * - `BINARY_MISSING`, `BINARY_VERSION`: Fabric's programs are not there, or are of a version that is not supported.
 * - `PORT_TAKEN`: another program listens on a port of the network.
 * - `FILE_MISSING`: a file of the network's folder is gone or unreadable.
 * - `NETWORK_CHANGED`: the topology differs from what the folder was made for.
 * - `NOT_RUNNING`, `ALREADY_RUNNING`, `BUSY`: the network is not in the state that the command needs.
 * - `PROCESS_FAILED`: a process of the network ended; the message names its log.
 * - `NOT_READY`: the deadline passed before every organization could endorse.
 * - `DEPLOY_FAILED`: a chaincode could not be brought to its definition.
 * - `ENGINE_FAILED`: the ledger refused an administrative step.
 */
export type NetworkErrorCode =
  | 'TOPOLOGY_INVALID'
  | 'BINARY_MISSING'
  | 'BINARY_VERSION'
  | 'PORT_TAKEN'
  | 'FILE_MISSING'
  | 'NETWORK_CHANGED'
  | 'NOT_RUNNING'
  | 'ALREADY_RUNNING'
  | 'BUSY'
  | 'PROCESS_FAILED'
  | 'NOT_READY'
  | 'DEPLOY_FAILED'
  | 'ENGINE_FAILED';

export class NetworkError extends Error {
  override readonly name = 'NetworkError';

  constructor(
    readonly code: NetworkErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly problems?: readonly string[] },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.problems = options?.problems ?? [];
  }

  /** Single findings, when there are several. */
  readonly problems: readonly string[];
}
