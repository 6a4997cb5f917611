import { status, type Server, type ServerCredentials } from '@grpc/grpc-js';
import { LedgerConfigurationError } from './options.js';

/** Listens at `host:port` and returns the port (0 takes a free one). Throws LedgerConfigurationError naming `what`. */
export async function bind(
  server: Server,
  address: string,
  credentials: ServerCredentials,
  what: string,
): Promise<number> {
  try {
    return await new Promise<number>((resolve, reject) => {
      server.bindAsync(address, credentials, (error, port) => {
        if (error === null) {
          resolve(port);
        } else {
          reject(error);
        }
      });
    });
  } catch (error) {
    server.forceShutdown();
    throw new LedgerConfigurationError(
      `${what} cannot listen at ${address}: free that address or give it another one`,
      { cause: error },
    );
  }
}

/** Aborted when the client goes or its deadline passes. */
export function signalOf(call: { on(event: 'cancelled', listener: () => void): unknown }): AbortSignal {
  const controller = new AbortController();
  call.on('cancelled', () => {
    controller.abort(status.CANCELLED);
  });
  return controller.signal;
}
