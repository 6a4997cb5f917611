import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../log.js';

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
  /**
   * `process` (default) as Fabric runs them, `thread` of this process: starts in half the time, with modules and
   * environment of its own, but a chaincode that exhausts memory takes the process along.
   */
  readonly isolation?: ChaincodeIsolation | undefined;
  /** Of the chaincode's own output; default `error`. */
  readonly logLevel?: string | undefined;
}

export type ChaincodeIsolation = 'process' | 'thread';

const startMs = 15_000;

/** A chaincode under an unmodified `fabric-chaincode-node server`, in a process or thread of its own. */
export class ChaincodeProcess {
  private constructor(
    readonly address: string,
    readonly packageId: string,
    private readonly options: ChaincodeProcessOptions,
    private running: RunningChaincode,
  ) {}

  /** Resolves when it listens; throws with its output when it does not. */
  static async start(options: ChaincodeProcessOptions): Promise<ChaincodeProcess> {
    const address = options.address ?? `127.0.0.1:${await freePort()}`;
    return new ChaincodeProcess(address, options.packageId, options, await launch(address, options));
  }

  /** Undefined for a thread. */
  get pid(): number | undefined {
    return this.running.pid;
  }

  /** Again at the same address. */
  async restart(): Promise<void> {
    await this.stop();
    this.running = await launch(this.address, this.options);
  }

  stop(): Promise<void> {
    return this.running.stop();
  }
}

interface RunningChaincode {
  readonly pid: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Set once it has ended, or could not begin. */
  readonly ended: () => boolean;
  stop(): Promise<void>;
}

async function launch(address: string, options: ChaincodeProcessOptions): Promise<RunningChaincode> {
  const { directory, mspId, logLevel = 'error', isolation = 'process' } = options;
  const program = require.resolve('fabric-shim/cli.js', { paths: [directory, __dirname] });
  const environment = {
    ...process.env,
    CORE_PEER_LOCALMSPID: mspId,
    CORE_CHAINCODE_LOGGING_LEVEL: logLevel,
  };
  const output: string[] = [];
  const start = isolation === 'thread' ? inThread : inProcess;
  const running = start(program, argumentsOf(address, options), directory, environment, output);
  const listen = (data: Buffer) => output.push(data.toString('utf8'));
  running.stdout.on('data', listen);
  running.stderr.on('data', listen);
  const giveUp = Date.now() + startMs;
  while (!(await isListening(address))) {
    if (running.ended() || Date.now() > giveUp) {
      await running.stop();
      throw new Error(`the chaincode in ${directory} does not listen: ${output.join('')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  running.stdout.off('data', listen).resume();
  running.stderr.off('data', listen).resume();
  return running;
}

function argumentsOf(address: string, { directory, packageId, tls }: ChaincodeProcessOptions): string[] {
  return [
    'server',
    ...['--chaincode-address', address, '--chaincode-id', packageId, '--module-path', directory],
    ...(tls === undefined
      ? []
      : ['--chaincode-tls-cert-file', tls.certificate, '--chaincode-tls-key-file', tls.key]),
    ...(tls?.clientRoot === undefined ? [] : ['--chaincode-tls-client-cacert-file', tls.clientRoot]),
  ];
}

function inProcess(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  output: string[],
): RunningChaincode {
  const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let hasFailed = false;
  child.on('error', (error) => {
    hasFailed = true;
    output.push(error.message);
  });
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    ended: () => hasFailed || child.exitCode !== null,
    stop: async () => {
      if (!hasFailed && child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
    },
  };
}

function inThread(
  program: string,
  args: readonly string[],
  _cwd: string,
  env: NodeJS.ProcessEnv,
  output: string[],
): RunningChaincode {
  const worker = new Worker(program, { argv: [...args], env, stdout: true, stderr: true });
  let hasEnded = false;
  worker.on('error', (error) => {
    output.push(messageOf(error));
  });
  worker.on('exit', () => {
    hasEnded = true;
  });
  return {
    pid: undefined,
    stdout: worker.stdout,
    stderr: worker.stderr,
    ended: () => hasEnded,
    stop: async () => {
      await worker.terminate();
    },
  };
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
