import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo } from 'node:net';

export interface ChaincodeProcessOptions {
  /** The chaincode's package: `fabric-shim` is found from there, and its `main` exports `contracts`. */
  readonly directory: string;
  readonly packageId: string;
  /** What the chaincode takes for its peer's organization. */
  readonly mspId: string;
  /** `host:port`; a free port by default. */
  readonly address?: string | undefined;
  /** PEM files. */
  readonly tls?:
    { readonly certificate: string; readonly key: string; readonly clientRoot?: string } | undefined;
  /** Of the chaincode's own output; default `error`. */
  readonly logLevel?: string | undefined;
}

const startMs = 15_000;

/** A chaincode under an unmodified `fabric-chaincode-node server`, in a process of its own. */
export class ChaincodeProcess {
  private constructor(
    readonly address: string,
    readonly packageId: string,
    private readonly options: ChaincodeProcessOptions,
    private child: ChildProcess,
  ) {}

  /** Resolves when it listens; throws with its output when it does not. */
  static async start(options: ChaincodeProcessOptions): Promise<ChaincodeProcess> {
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
  const { directory, packageId, mspId, tls, logLevel = 'error' } = options;
  const args = [
    require.resolve('fabric-shim/cli.js', { paths: [directory, __dirname] }),
    'server',
    ...['--chaincode-address', address, '--chaincode-id', packageId],
    ...(tls === undefined
      ? []
      : ['--chaincode-tls-cert-file', tls.certificate, '--chaincode-tls-key-file', tls.key]),
    ...(tls?.clientRoot === undefined ? [] : ['--chaincode-tls-client-cacert-file', tls.clientRoot]),
  ];
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { ...process.env, CORE_PEER_LOCALMSPID: mspId, CORE_CHAINCODE_LOGGING_LEVEL: logLevel },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const listen = (data: Buffer) => output.push(data.toString('utf8'));
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const failures: Error[] = [];
  child.on('error', (error) => {
    failures.push(error);
    output.push(error.message);
  });
  const giveUp = Date.now() + startMs;
  while (!(await isListening(address))) {
    if (failures.length > 0 || child.exitCode !== null || Date.now() > giveUp) {
      child.kill('SIGKILL');
      throw new Error(`the chaincode in ${directory} does not listen: ${output.join('')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.stdout.off('data', listen).resume();
  child.stderr.off('data', listen).resume();
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
