import type { Network } from '@vitaledger/network';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GatewayClient, peerTls } from './gateway-client.js';
import { minimalOperations } from './minimal-operations.js';
import { processCpu } from './process-cpu.js';
import type { System } from './system.js';

/** The client's own ceiling: the same client against a server that answers at once with canned replies. */
export class Ceiling implements System {
  readonly key = 'ceiling';
  static readonly title = 'ceiling (canned replies)';
  readonly name = Ceiling.title;

  private constructor(
    readonly operations: System['operations'],
    private readonly server: ChildProcess,
    private readonly client: GatewayClient,
  ) {}

  /** With the certificate of a network's peer, so that the TLS is the same too. */
  static async start(network: Network): Promise<Ceiling> {
    const server = cannedReplies(network);
    const client = await GatewayClient.connect(network, { port: await portOf(server) });
    return new Ceiling(await minimalOperations(client.contract('minimal', 'minimal')), server, client);
  }

  cpu(): Readonly<Record<string, number>> {
    return { ledger: this.server.pid === undefined ? 0 : processCpu(this.server.pid) };
  }

  close(): Promise<void> {
    this.client.close();
    return ended(this.server);
  }
}

/** A process that answers as a peer's gateway would, with the TLS certificate of the network's peer. */
export function cannedReplies(network: Network): ChildProcess {
  const { serverCertificate, key } = peerTls(network);
  return spawn(process.execPath, [join(__dirname, 'null-gateway.js'), serverCertificate, key], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
}

/** It ends when nobody holds the other end of the channel. */
export function ended(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    server.once('exit', () => {
      resolve();
    });
    server.disconnect();
  });
}

/** The first line that it prints. */
export function portOf(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => {
      reject(new Error(`The server of canned replies ended with exit code ${String(code)}`));
    });
    if (server.stdout) {
      createInterface(server.stdout).once('line', (line) => {
        resolve(Number(line));
      });
    }
  });
}
