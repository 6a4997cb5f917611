import { peer } from '@hyperledger/fabric-protos';
import type { Simulator } from '../ledger/ledger.js';
import { publicState, readLegacyDefinition } from '../lifecycle/fields.js';
import { committedSequence } from '../lifecycle/lifecycle-definition.js';
import { messageOf, type Log } from '../log.js';
import type { ChaincodeConnection, DefinedChaincode } from './definition.js';
import { dialChaincode, type ChaincodeStream } from './dial.js';
import { ChaincodeHandler } from './handler.js';
import type { Execution, TransactionContext } from './transaction-context.js';

const types = peer.ChaincodeMessage.Type;

/** Holds the version that a chaincode with required initialization was initialized at (core/chaincode/chaincode_support.go). */
const initializedKey = '\u0000\u{10ffff}initialized';
const startupTimeoutMs = 300_000;

/** What a peer's chaincodes need of the peer. */
export interface ChaincodeHost {
  readonly peerName: string;
  readonly log: Log;
  readonly executeTimeoutMs: number;
  chaincode(channel: string, name: string): DefinedChaincode | undefined;
  isSystemChaincode(name: string): boolean;
  /** A system chaincode called by another one. */
  invokeSystem(name: string, input: peer.ChaincodeInput, execution: Execution): Promise<peer.Response>;
  /** Why the proposal's creator may not call chaincodes of a channel from another chaincode. */
  callRefusal(channel: string, execution: Execution): string | undefined;
  /** A simulation on another channel, for a call that crosses channels; undefined: no such channel. */
  simulate(channel: string, execution: Execution): Simulator | undefined;
}

export interface ExecutionResult {
  readonly response: peer.Response;
  readonly event: peer.ChaincodeEvent | undefined;
}

interface Launch {
  readonly handler: Promise<ChaincodeHandler>;
  stop(): void;
}

/** One peer's connections to its chaincodes: dialed when first called, again after they ended. */
export class ChaincodeSupport {
  readonly #host: ChaincodeHost;
  readonly #launches = new Map<string, Launch>();
  readonly #connected = new Set<string>();

  constructor(host: ChaincodeHost) {
    this.#host = host;
  }

  /** Executes a transaction of a chaincode. Throws with Fabric's text when there is no response of the chaincode's. */
  async execute(
    name: string,
    input: peer.ChaincodeInput,
    execution: Execution,
    found?: FoundChaincode,
  ): Promise<ExecutionResult> {
    const { transactionId } = execution;
    let message: peer.ChaincodeMessage;
    try {
      message = await this.#invoke(name, input, execution, found);
    } catch (error) {
      throw new Error(`failed to execute transaction ${transactionId}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    if (message.getType() === types.ERROR) {
      throw new Error(
        `transaction returned with failure: ${Buffer.from(message.getPayload_asU8()).toString('utf8')}`,
      );
    }
    const event = message.getChaincodeEvent();
    event?.setChaincodeId(name);
    event?.setTxId(transactionId);
    return { response: peer.Response.deserializeBinary(message.getPayload_asU8()), event };
  }

  /** Dials ahead of the first call. Failure is logged: the first call tries again. */
  warm(connection: ChaincodeConnection): void {
    if (connection.address === undefined) {
      return;
    }
    this.#launch(connection).catch((error: unknown) => {
      this.#host.log.warn(`${this.#host.peerName}: ${messageOf(error)}`);
    });
  }

  /**
   * Takes a chaincode that dialed the peer (`fabric-chaincode-node start`). Whatever it is called, as by a peer in
   * development mode; only a second one of the same name is refused (core/chaincode/handler_registry.go).
   */
  accept(stream: ChaincodeStream): void {
    const handler: ChaincodeHandler = new ChaincodeHandler(stream, {
      log: this.#host.log,
      executeTimeoutMs: this.#host.executeTimeoutMs,
      invoke: (target, caller) => this.#call(target, caller),
      refusal: (packageId) => {
        if (this.#launches.has(packageId)) {
          return `duplicate chaincodeID: ${packageId}`;
        }
        this.#keepRegistered(packageId, handler);
        return undefined;
      },
    });
    handler.ready.catch((error: unknown) => {
      this.#host.log.warn(`${this.#host.peerName}: chaincode registration failed: ${messageOf(error)}`);
    });
  }

  #keepRegistered(packageId: string, handler: ChaincodeHandler): void {
    const launch: Launch = {
      handler: handler.ready.then(() => handler),
      stop: () => {
        handler.end('stopped by the peer');
      },
    };
    this.#launches.set(packageId, launch);
    this.#connected.add(packageId);
    handler.onEnd((reason) => {
      this.#forget(packageId, launch);
      this.#host.log.info(`${this.#host.peerName}: chaincode ${packageId} has gone: ${reason}`);
    });
    this.#host.log.info(`${this.#host.peerName}: chaincode ${packageId} has registered`);
  }

  #forget(packageId: string, launch: Launch): void {
    if (this.#launches.get(packageId) === launch) {
      this.#launches.delete(packageId);
      this.#connected.delete(packageId);
    }
  }

  isConnected(packageId: string): boolean {
    return this.#connected.has(packageId);
  }

  /** Ends all connections; running transactions end with Fabric's text for a terminated stream. */
  close(): void {
    for (const launch of [...this.#launches.values()]) {
      launch.stop();
    }
  }

  /** Ends the connection to a chaincode that a new definition replaced. */
  drop(packageId: string): void {
    this.#launches.get(packageId)?.stop();
  }

  async #invoke(
    name: string,
    input: peer.ChaincodeInput,
    execution: Execution,
    known?: FoundChaincode,
  ): Promise<peer.ChaincodeMessage> {
    const found = known ?? (await this.#find(name, execution));
    const isInit = await this.#checkInit(found.defined, input, execution);
    const { connection } = found;
    const type = isInit ? types.INIT : types.TRANSACTION;
    const handler = await this.#launch(connection);
    try {
      return await handler.execute(type, name, execution, input);
    } catch (error) {
      throw new Error(`error sending: ${messageOf(error)}`, { cause: error });
    }
  }

  async #find(name: string, { channel, simulator }: Execution): Promise<FoundChaincode> {
    const found = await findChaincode(
      this.#host.chaincode(channel, name),
      name,
      this.#host.peerName,
      simulator,
    );
    if (typeof found === 'string') {
      throw new Error(
        `invalid invocation: [channel ${channel}] failed to get chaincode container info for ${name}: ${found}`,
      );
    }
    return found;
  }

  async #checkInit(
    { definition: { name, version, initRequired = false } }: DefinedChaincode,
    input: peer.ChaincodeInput,
    { simulator }: Execution,
  ): Promise<boolean> {
    const initialized = initRequired ? await simulator.getState(name, initializedKey) : undefined;
    const needed = initRequired && Buffer.from(initialized ?? []).toString('utf8') !== version;
    if (!input.getIsInit()) {
      if (needed) {
        throw new Error(
          `invalid invocation: chaincode '${name}' has not been initialized for this version, must call as init first`,
        );
      }
      return false;
    }
    if (!initRequired) {
      throw new Error(
        `invalid invocation: chaincode '${name}' does not require initialization but called as init`,
      );
    }
    if (!needed) {
      throw new Error(`invalid invocation: chaincode '${name}' is already initialized but called as init`);
    }
    simulator.putState(name, initializedKey, Buffer.from(version));
    return true;
  }

  /** A call from chaincode to chaincode: same channel, one transaction; other channel, its result only. */
  async #call(target: peer.ChaincodeSpec, caller: TransactionContext): Promise<peer.ChaincodeMessage> {
    const { name, channel = caller.execution.channel } = parseName(target.getChaincodeId()?.getName() ?? '');
    const input = target.getInput() ?? new peer.ChaincodeInput();
    const { execution } = caller;
    if (this.#host.isSystemChaincode(name)) {
      return completed(execution, await this.#host.invokeSystem(name, input, execution));
    }
    const refusal = this.#host.callRefusal(channel, execution);
    if (refusal !== undefined) {
      throw new Error(refusal);
    }
    const run = async (inner: Execution) => {
      try {
        return await this.#invoke(name, input, inner);
      } catch (error) {
        throw new Error(`execute failed: ${messageOf(error)}`, { cause: error });
      }
    };
    if (channel === execution.channel) {
      return run(execution);
    }
    const simulator = this.#host.simulate(channel, execution);
    if (simulator === undefined) {
      throw new Error(`failed to find ledger for channel: ${channel}`);
    }
    try {
      return await run({ ...execution, channel, simulator });
    } finally {
      await simulator.release();
    }
  }

  async #launch(connection: ChaincodeConnection): Promise<ChaincodeHandler> {
    const { packageId } = connection;
    let launch = this.#launches.get(packageId);
    if (launch === undefined) {
      launch = this.#start(connection);
      this.#launches.set(packageId, launch);
    }
    try {
      return await launch.handler;
    } catch (error) {
      throw new Error(`could not launch chaincode ${packageId}: ${messageOf(error)}`, { cause: error });
    }
  }

  #start(connection: ChaincodeConnection): Launch {
    const { packageId } = connection;
    const stopper = new AbortController();
    const launch: Launch = {
      handler: this.#connect(connection, stopper.signal),
      stop: () => {
        stopper.abort();
      },
    };
    const forget = () => {
      this.#forget(packageId, launch);
    };
    stopper.signal.addEventListener('abort', forget);
    launch.handler.then((handler) => {
      handler.onEnd(forget);
    }, forget);
    return launch;
  }

  async #connect(connection: ChaincodeConnection, signal: AbortSignal): Promise<ChaincodeHandler> {
    const { packageId, address } = connection;
    if (address === undefined) {
      throw new Error(`${packageId} has not registered with this peer`);
    }
    const dialed = await dialChaincode({ ...connection, address }).catch((error: unknown) => {
      throw new Error(`connection to ${packageId} failed: ${messageOf(error)}`, { cause: error });
    });
    const handler = new ChaincodeHandler(dialed.stream, {
      log: this.#host.log,
      executeTimeoutMs: this.#host.executeTimeoutMs,
      refusal: (name) =>
        name === packageId
          ? undefined
          : `peer will not accept external chaincode connection ${name} (except in dev mode)`,
      invoke: (target, caller) => this.#call(target, caller),
    });
    handler.onEnd((reason) => {
      dialed.close();
      this.#host.log.info(`${this.#host.peerName}: connection to chaincode ${packageId} ended: ${reason}`);
    });
    const stop = () => {
      handler.end('stopped by the peer');
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) {
      stop();
    }
    const timer = setTimeout(() => {
      handler.end(`timeout expired while starting chaincode ${packageId} for transaction`);
    }, startupTimeoutMs);
    try {
      await handler.ready;
    } catch (error) {
      throw new Error(`chaincode registration failed: ${messageOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
    this.#connected.add(packageId);
    this.#host.log.info(`${this.#host.peerName}: chaincode ${packageId} is connected`);
    return handler;
  }
}

/** A chaincode that a peer can run. */
export interface FoundChaincode {
  readonly defined: DefinedChaincode;
  readonly connection: ChaincodeConnection;
}

/**
 * The connection of a peer to a chaincode, or Fabric's text for its absence. The committed sequence is read in the
 * simulation, so that a transaction does not outlive the definition that it was endorsed under
 * (core/chaincode/lifecycle/endorsement_info.go).
 */
export async function findChaincode(
  defined: DefinedChaincode | undefined,
  name: string,
  peerName: string,
  simulator: Simulator,
): Promise<FoundChaincode | string> {
  const current = await committedSequence(publicState(simulator), name);
  if (current === 0 || defined === undefined) {
    await readLegacyDefinition(simulator, name);
    return `chaincode ${name} not found`;
  }
  const { channel, sequence, connections } = defined.definition;
  if (sequence !== current) {
    return `chaincode cache at sequence ${sequence} but current sequence is ${current}, chaincode definition for '${name}' changed during invoke`;
  }
  if (defined.unapprovedPeers.has(peerName)) {
    return `chaincode definition for '${name}' at sequence ${sequence} on channel '${channel}' has not yet been approved by this org`;
  }
  const connection = connections[peerName];
  return connection === undefined
    ? `chaincode definition for '${name}' exists, but chaincode is not installed`
    : { defined, connection };
}

/** `name:version/channel`; version and channel may be absent. */
function parseName(text: string): { name: string; channel: string | undefined } {
  const slash = text.indexOf('/');
  const [name = ''] = (slash < 0 ? text : text.slice(0, slash)).split(':');
  const channel = slash < 0 ? '' : text.slice(slash + 1);
  return { name, channel: channel === '' ? undefined : channel };
}

function completed({ channel, transactionId }: Execution, response: peer.Response): peer.ChaincodeMessage {
  const message = new peer.ChaincodeMessage();
  message.setType(types.COMPLETED);
  message.setPayload(response.serializeBinary());
  message.setTxid(transactionId);
  message.setChannelId(channel);
  return message;
}
