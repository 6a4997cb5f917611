import { connect } from 'node:net';

/**
 * Whether something accepts TCP connections at an address.
 *
 * @param address `host:port`
 * @returns why not, or undefined when it does.
 */
export function notListening(address: string): Promise<string | undefined> {
  const separator = address.lastIndexOf(':');
  const host = address.slice(0, separator);
  const port = Number(address.slice(separator + 1));
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const settle = (reason?: string): void => {
      socket.destroy();
      resolve(reason);
    };
    socket.once('connect', () => {
      settle();
    });
    socket.once('timeout', () => {
      settle(`${address} does not answer`);
    });
    socket.once('error', (error) => {
      settle(error.message);
    });
  });
}
