import { peer } from '@hyperledger/fabric-protos';
import { messageOf, type Log } from '../log.js';
import { parse } from '../wire/parse.js';
import type { ChaincodeStream } from './dial.js';
import { stateRequests } from './state-requests.js';
import { TransactionContext, type Execution } from './transaction-context.js';

const types = peer.ChaincodeMessage.Type;
type MessageType = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap];

const typeNames = new Map<number, string>(Object.entries(types).map(([name, value]) => [value, name]));

export const streamTerminated = 'chaincode stream terminated';

export interface HandlerHost {
  readonly log: Log;
  readonly executeTimeoutMs: number;
  /** Why the peer does not take a chaincode that registers with a package id; undefined: it does. */
  refusal(packageId: string): string | undefined;
  /** Calls another chaincode on the same peer: the payload of its last message. Throws with Fabric's text. */
  invoke(target: peer.ChaincodeSpec, caller: TransactionContext): Promise<peer.ChaincodeMessage>;
}

/** The peer's side of a chaincode's stream (core/chaincode/handler.go). */
export class ChaincodeHandler {
  readonly #stream: ChaincodeStream;
  readonly #host: HandlerHost;
  readonly #contexts = new Map<string, TransactionContext>();
  readonly #active = new Set<string>();
  readonly #endListeners: ((reason: string) => void)[] = [];
  /** Resolves when the chaincode has registered; rejects with the reason when the stream ends before. */
  readonly ready: Promise<void>;
  #state: 'created' | 'ready' | 'ended' = 'created';
  #becomeReady: () => void = () => undefined;
  #endReason = '';
  #packageId = '';

  constructor(stream: ChaincodeStream, host: HandlerHost) {
    this.#stream = stream;
    this.#host = host;
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve;
      this.onEnd((reason) => {
        reject(new Error(reason));
      });
    });
    stream.on('data', (message: peer.ChaincodeMessage) => {
      this.#receive(message);
    });
    stream.on('error', (error: Error) => {
      this.end(error.message);
    });
    stream.on('end', () => {
      this.end('EOF');
    });
    stream.on('drain', () => {
      stream.resume();
    });
  }

  /** What it registered with; `''` before. */
  get packageId(): string {
    return this.#packageId;
  }

  /** Calls back with the reason when the stream ends, or at once when it has. */
  onEnd(listener: (reason: string) => void): void {
    if (this.#state === 'ended') {
      listener(this.#endReason);
    } else {
      this.#endListeners.push(listener);
    }
  }

  end(reason: string): void {
    if (this.#state === 'ended') {
      return;
    }
    this.#state = 'ended';
    this.#stream.cancel(reason);
    for (const context of [...this.#contexts.values()]) {
      context.finish(failure(context, streamTerminated));
    }
    this.#endReason = reason;
    for (const listener of this.#endListeners) {
      listener(reason);
    }
  }

  /** Runs one transaction: the chaincode's COMPLETED or ERROR. Throws when it does not come. */
  async execute(
    type: MessageType,
    namespace: string,
    execution: Execution,
    input: peer.ChaincodeInput,
  ): Promise<peer.ChaincodeMessage> {
    const { channel, transactionId } = execution;
    const key = contextKey(channel, transactionId);
    if (this.#contexts.has(key)) {
      throw new Error(`txid: ${transactionId}(${channel}) exists`);
    }
    if (this.#state !== 'ready') {
      throw new Error(streamTerminated);
    }
    const request = new peer.ChaincodeMessage();
    request.setType(type);
    request.setPayload(input.serializeBinary());
    request.setTxid(transactionId);
    request.setChannelId(channel);
    request.setProposal(execution.signedProposal);
    return this.#await(
      key,
      request,
      (finish) => new TransactionContext(namespace, execution, type === types.INIT, finish),
    );
  }

  async #await(
    key: string,
    request: peer.ChaincodeMessage,
    open: (finish: (message: peer.ChaincodeMessage) => void) => TransactionContext,
  ): Promise<peer.ChaincodeMessage> {
    let timer: NodeJS.Timeout | undefined;
    let context: TransactionContext | undefined;
    try {
      const message = await new Promise<peer.ChaincodeMessage>((resolve, reject) => {
        context = open((answer) => {
          resolve(answer);
        });
        this.#contexts.set(key, context);
        timer = setTimeout(() => {
          reject(new Error('timeout expired while executing transaction'));
        }, this.#host.executeTimeoutMs);
        this.#send(request);
      });
      if (message.getType() === types.UNDEFINED) {
        throw new Error(Buffer.from(message.getPayload_asU8()).toString('utf8'));
      }
      return message;
    } finally {
      clearTimeout(timer);
      this.#contexts.delete(key);
      await context?.closeQueries();
    }
  }

  #receive(message: peer.ChaincodeMessage): void {
    if (message.getType() === types.KEEPALIVE) {
      return;
    }
    if (this.#state === 'created') {
      this.#register(message);
    } else if (this.#state === 'ready') {
      this.#handle(message);
    }
  }

  #register(message: peer.ChaincodeMessage): void {
    if (message.getType() !== types.REGISTER) {
      this.end(
        `error handling message, ending stream: [${message.getTxid()}] Fabric side handler cannot handle message (${nameOf(message)}) while in created state`,
      );
      return;
    }
    const name = registeredName(message);
    const refusal =
      name === ''
        ? 'error in handling register chaincode, chaincodeID name is empty'
        : this.#host.refusal(name);
    if (refusal !== undefined) {
      this.end(refusal);
      return;
    }
    this.#packageId = name;
    const registered = new peer.ChaincodeMessage();
    registered.setType(types.REGISTERED);
    this.#send(registered);
    const parameters = new peer.ChaincodeAdditionalParams();
    parameters.setUseWriteBatch(true);
    parameters.setMaxSizeWriteBatch(1000);
    parameters.setUseGetMultipleKeys(true);
    parameters.setMaxSizeGetMultipleKeys(1000);
    const ready = new peer.ChaincodeMessage();
    ready.setType(types.READY);
    ready.setPayload(parameters.serializeBinary());
    this.#send(ready);
    this.#state = 'ready';
    this.#becomeReady();
  }

  #handle(message: peer.ChaincodeMessage): void {
    const type = message.getType();
    if (type === types.COMPLETED || type === types.ERROR) {
      this.#contexts.get(contextKey(message.getChannelId(), message.getTxid()))?.finish(message);
    } else if (type === types.INVOKE_CHAINCODE || stateRequests.has(type)) {
      void this.#answer(message);
    } else {
      this.end(
        `error handling message, ending stream: [${message.getTxid()}] Fabric side handler cannot handle message (${nameOf(message)}) while in ready state`,
      );
    }
  }

  async #answer(message: peer.ChaincodeMessage): Promise<void> {
    const key = contextKey(message.getChannelId(), message.getTxid());
    if (this.#active.has(key)) {
      this.#host.log.warn(
        `chaincode ${this.#packageId}: another request of transaction ${message.getTxid()} is pending; the second is dropped`,
      );
      return;
    }
    this.#active.add(key);
    const answer = new peer.ChaincodeMessage();
    answer.setTxid(message.getTxid());
    answer.setChannelId(message.getChannelId());
    try {
      answer.setPayload(await this.#perform(message, this.#contexts.get(key)));
      answer.setType(types.RESPONSE);
    } catch (error) {
      answer.setPayload(
        Buffer.from(`${nameOf(message)} failed: transaction ID: ${message.getTxid()}: ${messageOf(error)}`),
      );
      answer.setType(types.ERROR);
    }
    this.#active.delete(key);
    this.#send(answer);
  }

  async #perform(
    message: peer.ChaincodeMessage,
    context: TransactionContext | undefined,
  ): Promise<Uint8Array> {
    const payload = message.getPayload_asU8();
    if (message.getType() === types.INVOKE_CHAINCODE) {
      if (context === undefined) {
        throw new Error('could not get valid transaction');
      }
      const target = parse(peer.ChaincodeSpec, payload, 'ChaincodeSpec');
      return (await this.#host.invoke(target, context)).serializeBinary();
    }
    const request = stateRequests.get(message.getType());
    if (context === undefined || request === undefined) {
      throw new Error('no ledger context');
    }
    return request(payload, context);
  }

  #send(message: peer.ChaincodeMessage): void {
    if (this.#state !== 'ended') {
      // A chaincode that asks and does not read the answers is not read either.
      if (!this.#stream.write(message)) {
        this.#stream.pause();
      }
    }
  }
}

function contextKey(channel: string, transactionId: string): string {
  return `${channel} ${transactionId}`;
}

function nameOf(message: peer.ChaincodeMessage): string {
  return typeNames.get(message.getType()) ?? String(message.getType());
}

function registeredName(message: peer.ChaincodeMessage): string {
  try {
    return parse(peer.ChaincodeID, message.getPayload_asU8(), 'ChaincodeID').getName();
  } catch {
    // A name that cannot be read is no name: the caller refuses it.
    return '';
  }
}

/** Ends a transaction for a reason of the peer's own; UNDEFINED never comes from a chaincode. */
function failure({ execution }: TransactionContext, text: string): peer.ChaincodeMessage {
  const message = new peer.ChaincodeMessage();
  message.setType(types.UNDEFINED);
  message.setPayload(Buffer.from(text));
  message.setTxid(execution.transactionId);
  message.setChannelId(execution.channel);
  return message;
}
