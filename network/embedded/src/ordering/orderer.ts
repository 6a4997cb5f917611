import { Server, ServerCredentials, type handleBidiStreamingCall } from '@grpc/grpc-js';
import { orderer, type common } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import { maxMessageBytes } from '../chaincode/dial.js';
import { DeliverService, type DeliverStream } from '../deliver/deliver-service.js';
import { toServiceError } from '../gateway/errors.js';
import { bind, signalOf } from '../listener.js';
import type { Log } from '../log.js';
import { serveBroadcast } from './broadcast.js';

export interface OrdererParameters {
  readonly name: string;
  readonly host: string;
  /** 0 takes a free port at the first start, and keeps it. */
  readonly port: number;
  readonly tlsCertificate: string;
  readonly tlsKey: string;
  readonly log: Log;
  readonly channel: (name: string) => Channel | undefined;
}

/** A listener for `orderer.AtomicBroadcast`. All of them are doors to the same order. */
export class Orderer {
  readonly name: string;
  readonly #parameters: OrdererParameters;
  #server: Server | undefined;
  #port: number;

  constructor(parameters: OrdererParameters) {
    this.name = parameters.name;
    this.#parameters = parameters;
    this.#port = parameters.port;
  }

  get address(): string {
    return `${this.#parameters.host}:${this.#port}`;
  }

  /** Throws LedgerConfigurationError when the address cannot be had. */
  async start(): Promise<void> {
    const { host, tlsCertificate, tlsKey, log, channel } = this.#parameters;
    const server = new Server({
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
    });
    const deliver = new DeliverService({ log, channel });
    const broadcast: handleBidiStreamingCall<common.Envelope, orderer.BroadcastResponse> = (stream) => {
      serveBroadcast(stream, channel).catch((error: unknown) => {
        stream.emit('error', toServiceError(error));
      });
    };
    server.addService(orderer.AtomicBroadcastService, {
      broadcast,
      deliver: (stream: DeliverStream) => {
        const signal = signalOf(stream);
        deliver.serve(stream, 'ordered', signal).catch((error: unknown) => {
          if (!signal.aborted) {
            stream.emit('error', toServiceError(error));
          }
        });
      },
    });
    const credentials = ServerCredentials.createSsl(null, [
      { cert_chain: Buffer.from(tlsCertificate), private_key: Buffer.from(tlsKey) },
    ]);
    this.#port = await bind(server, `${host}:${this.#port}`, credentials, `orderer ${this.name}`);
    this.#server = server;
  }

  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }
}
