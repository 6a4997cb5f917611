import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';

export interface ChaincodeProcessOptions {
  /** Where its package.json is written. */
  readonly directory: string;
  readonly packageId: string;
  readonly mspId: string;
  /** `host:port`; a free port by default. */
  readonly address?: string;
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientRoot?: string };
}

/** The probe contract under an unmodified `fabric-chaincode-node server`. */
export class ChaincodeProcess {
  private constructor(
    readonly address: string,
    readonly packageId: string,
    private readonly options: ChaincodeProcessOptions,
    private child: ChildProcess,
  ) {}

  static async start(options: ChaincodeProcessOptions): Promise<ChaincodeProcess> {
    await mkdir(options.directory, { recursive: true });
    await writeFile(
      join(options.directory, 'package.json'),
      JSON.stringify({ name: 'probe', version: '1.0.0', main: require.resolve('./probe-contract.js') }),
    );
    const address = options.address ?? `127.0.0.1:${await freePort()}`;
    return new ChaincodeProcess(address, options.packageId, options, await launch(address, options));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Again at the same address. */
  async restart(): Promise<void> {
    await this.stop();
    this.child = await launch(this.address, this.options);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exited;
    }
  }
}

async function launch(address: string, options: ChaincodeProcessOptions): Promise<ChildProcess> {
  const { directory, packageId, mspId, tls } = options;
  const args = [
    require.resolve('fabric-shim/cli.js'),
    'server',
    '--chaincode-address',
    address,
    '--chaincode-id',
    packageId,
    ...(tls === undefined
      ? []
      : ['--chaincode-tls-cert-file', tls.certificate, '--chaincode-tls-key-file', tls.key]),
    ...(tls?.clientRoot === undefined ? [] : ['--chaincode-tls-client-cacert-file', tls.clientRoot]),
  ];
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { PATH: process.env.PATH, CORE_PEER_LOCALMSPID: mspId, CORE_CHAINCODE_LOGGING_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const listen = (data: Buffer) => output.push(data.toString('utf8'));
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const giveUp = Date.now() + 15_000;
  while (!(await isListening(address))) {
    if (child.exitCode !== null || Date.now() > giveUp) {
      throw new Error(`the chaincode does not listen: ${output.join('')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

function isListening(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  return new Promise((resolve) => {
    const socket = createConnection({ host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
