import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is installed, and where; taken again by the next run. */
const requirement = 'moto[server,s3]==5.2.5';
const folder = join(__dirname, '../../../node_modules/.cache/vitaledger/moto-5.2.5');
/** Written when all is installed. */
const done = join(folder, 'installed');

/** moto's server: an S3 in memory, on this machine, until it is closed. */
export class S3Server {
  private constructor(
    readonly endpoint: string,
    private readonly process: ChildProcess,
  ) {}

  /**
   * Undefined, with the reason on the console, where there is no Python or the package cannot be had, and where nobody asked for it:
   * it is 317 MB that only those need who work on this vault.
   */
  static async start(): Promise<S3Server | undefined> {
    if (!existsSync(done) && process.env.VITALEDGER_S3_TESTS === undefined) {
      console.warn(
        `      SKIPPED: no S3 server to test with; VITALEDGER_S3_TESTS=1 installs it (${requirement})`,
      );
      return undefined;
    }
    try {
      await install();
    } catch (error) {
      console.warn(
        `      SKIPPED: no S3 server to test with (Python 3 with ${requirement}): ${String(error)}`,
      );
      return undefined;
    }
    const port = await freePort();
    const server = spawn(join(folder, 'bin/moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
      stdio: 'ignore',
    });
    const started = new S3Server(`http://127.0.0.1:${port}`, server);
    await started.#answering();
    return started;
  }

  /** Creates a bucket, with versions if told so. */
  async create(bucket: string, versions = false): Promise<void> {
    await this.#put(bucket, '');
    if (versions) {
      const text = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
      await this.#put(`${bucket}?versioning`, text);
    }
  }

  async close(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill();
    await ended;
  }

  async #put(path: string, body: string): Promise<void> {
    const response = await fetch(`${this.endpoint}/${path}`, { method: 'PUT', body });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }

  async #answering(): Promise<void> {
    for (let attempt = 0; this.process.exitCode === null && attempt < 600; attempt++) {
      const response = await fetch(this.endpoint).catch(() => undefined);
      await response?.arrayBuffer();
      if (response?.ok) return;
      await sleep(100);
    }
    this.process.kill();
    throw new Error('moto_server does not answer');
  }
}

async function install(): Promise<void> {
  if (existsSync(done)) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin/pip'), [
    'install',
    '--quiet',
    '--timeout',
    '10',
    '--retries',
    '1',
    requirement,
  ]);
  await writeFile(done, requirement);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
