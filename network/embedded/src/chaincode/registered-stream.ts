import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeStream } from './dial.js';

/** The stream of a chaincode that dialed the peer; when the peer ends it, the reason is its error. */
export class RegisteredStream implements ChaincodeStream {
  constructor(private readonly call: ServerDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>) {}

  on(event: 'data', listener: (message: peer.ChaincodeMessage) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'end' | 'drain', listener: () => void): void;
  on(event: string, listener: (given: never) => void): void {
    this.call.on(event, listener as (given: unknown) => void);
    if (event === 'end') {
      // A chaincode that is killed says nothing more.
      this.call.on('cancelled', listener as () => void);
    }
  }

  write(message: peer.ChaincodeMessage): boolean {
    return this.call.write(message);
  }

  pause(): void {
    this.call.pause();
  }

  resume(): void {
    this.call.resume();
  }

  cancel(reason: string): void {
    this.call.emit('error', { code: status.UNKNOWN, details: reason });
  }
}
