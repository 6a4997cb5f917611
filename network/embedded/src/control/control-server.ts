import { randomBytes, timingSafeEqual } from 'node:crypto';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAbsolute } from 'node:path';
import type { ChaincodeDefinition } from '../chaincode/definition.js';
import type { EmbeddedLedger } from '../embedded-ledger.js';
import { LedgerStorageError } from '../ledger/index.js';
import { messageOf } from '../log.js';
import { LedgerConfigurationError } from '../options.js';
import { PolicyExpressionError } from '../policy/expression.js';
import type { ControlAddress } from './control-client.js';
import { metricsText } from './metrics.js';

/** The request is at fault. */
const refusals = [LedgerConfigurationError, PolicyExpressionError, LedgerStorageError] as const;

const maxBodyBytes = 4 * 1024 * 1024;

/**
 * HTTP on loopback for the operator of a running ledger. `GET /healthz` is open; the rest needs `Authorization: Bearer`
 * with the token of the owner-only file: `GET /status`, `GET /metrics`, `GET /chaincodes`, `POST /chaincodes` (a chaincode
 * definition), `POST /peers/NAME/stop`, `POST /peers/NAME/start`, `POST /snapshot/save` and `POST /snapshot/restore`
 * (`{file}`, on this machine).
 */
export class ControlServer {
  readonly #ledger: EmbeddedLedger;
  readonly #file: string;
  readonly #token = randomBytes(32).toString('hex');
  readonly #server: Server;

  private constructor(ledger: EmbeddedLedger, file: string) {
    this.#ledger = ledger;
    this.#file = file;
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  /** Listens on a free port of 127.0.0.1 and writes `{port, token}` to `file`, readable by its owner alone. */
  static async start(ledger: EmbeddedLedger, file: string): Promise<ControlServer> {
    const control = new ControlServer(ledger, file);
    await new Promise<void>((resolve, reject) => {
      control.#server.once('error', reject);
      control.#server.listen(0, '127.0.0.1', resolve);
    });
    await control.#writeFile();
    return control;
  }

  get address(): ControlAddress {
    return { port: (this.#server.address() as AddressInfo).port, token: this.#token };
  }

  /** Removes the file: nobody is there any more. */
  async close(): Promise<void> {
    await rm(this.#file, { force: true });
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #writeFile(): Promise<void> {
    const temporary = `${this.#file}.new`;
    await rm(temporary, { force: true });
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(this.address)}\n`);
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#file);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (path === '/healthz' && request.method === 'GET') {
      send(response, 200, { status: 'OK' });
      return;
    }
    if (!this.#isAuthorized(request)) {
      send(response, 401, { error: `send the token of ${this.#file} as Authorization: Bearer` });
      return;
    }
    try {
      await this.#answer(request, response, `${request.method ?? ''} ${path}`);
    } catch (error) {
      send(response, refusals.some((type) => error instanceof type) ? 400 : 500, { error: messageOf(error) });
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, route: string): Promise<void> {
    const peer = /^POST \/peers\/([^/]+)\/(stop|start)$/.exec(route);
    if (peer !== null) {
      await this.#switchPeer(decodeURIComponent(peer[1] ?? ''), peer[2] === 'start');
      send(response, 200, this.#ledger.status());
      return;
    }
    switch (route) {
      case 'GET /status':
        send(response, 200, this.#ledger.status());
        break;
      case 'GET /metrics':
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
        response.end(metricsText(this.#ledger.status(), this.#ledger.measurements()));
        break;
      case 'GET /chaincodes':
        send(response, 200, this.#ledger.chaincodes());
        break;
      case 'POST /chaincodes':
        await this.#ledger.defineChaincode(readDefinition(await readBody(request)));
        send(response, 200, this.#ledger.status());
        break;
      case 'POST /snapshot/save':
        await this.#save(readFileName(await readBody(request)));
        send(response, 200, this.#ledger.status());
        break;
      case 'POST /snapshot/restore':
        await this.#restore(readFileName(await readBody(request)));
        send(response, 200, this.#ledger.status());
        break;
      default:
        send(response, 404, { error: `there is no ${route}` });
    }
  }

  /** Whole or not at all. */
  async #save(file: string): Promise<void> {
    const snapshot = await this.#ledger.snapshot();
    await asRefusal(`cannot write the snapshot to ${file}`, async () => {
      await writeFile(`${file}.new`, snapshot, { mode: 0o600 });
      await rename(`${file}.new`, file);
    });
  }

  async #restore(file: string): Promise<void> {
    const snapshot = await asRefusal(`cannot read the snapshot in ${file}`, () => readFile(file));
    await this.#ledger.restore(snapshot);
  }

  async #switchPeer(name: string, on: boolean): Promise<void> {
    if (on) {
      await this.#ledger.startPeer(name);
    } else {
      this.#ledger.stopPeer(name);
    }
  }

  #isAuthorized({ headers }: IncomingMessage): boolean {
    const given = Buffer.from(headers.authorization ?? '');
    const expected = Buffer.from(`Bearer ${this.#token}`);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) {
      throw new LedgerConfigurationError(`a request may have at most ${maxBodyBytes} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (error) {
    throw new LedgerConfigurationError('the request is not JSON', { cause: error });
  }
}

function readFileName(value: unknown): string {
  const { file } = (value ?? {}) as { file?: unknown };
  if (typeof file !== 'string' || !isAbsolute(file)) {
    throw new LedgerConfigurationError('give the absolute path of a file: {"file": "/…"}');
  }
  return file;
}

async function asRefusal<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new LedgerConfigurationError(`${what}: ${messageOf(error)}`, { cause: error });
  }
}

function readDefinition(value: unknown): ChaincodeDefinition {
  const definition = value as Partial<Record<keyof ChaincodeDefinition, unknown>> | null;
  const texts = ['channel', 'name', 'version', 'policy'] as const;
  const sound =
    definition !== null &&
    typeof definition === 'object' &&
    texts.every((key) => typeof definition[key] === 'string') &&
    Number.isSafeInteger(definition.sequence) &&
    isConnections(definition.connections);
  if (!sound) {
    throw new LedgerConfigurationError(
      'a chaincode definition needs channel, name, version and policy as text, sequence as a whole number, and connections {peer: {address, packageId}}',
    );
  }
  return definition as ChaincodeDefinition;
}

function isConnections(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value as Record<string, { address?: unknown; packageId?: unknown } | null>).every(
      (connection) =>
        typeof connection?.packageId === 'string' &&
        (connection.address === undefined || typeof connection.address === 'string'),
    )
  );
}
