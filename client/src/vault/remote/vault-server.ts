import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { isErrorCode, VitaledgerError, type ErrorCode } from '@vitaledger/domain';
import type { Vault } from '../vault.js';
import { Capabilities } from './capabilities.js';
import type { SignedProposal } from './loan.js';
import { readOpenProposal } from './open-proposal.js';

/** What is served, and with which certificate. */
export interface VaultServerOptions {
  readonly vault: Vault;
  /** MSP id of the organization whose vault it is. */
  readonly custodian: string;
  /** Has a proposal answered by the custodian's own peer, at its signer's signature; rejects when the peer refuses. */
  readonly evaluate: (message: Uint8Array, signature: Uint8Array) => Promise<unknown>;
  /** Of the server, PEM. */
  readonly tls: { readonly certificate: string; readonly privateKey: string };
  /** Milliseconds that a capability is good for; ten minutes unless told, as long as a receipt. */
  readonly lifetime?: number;
  /** Told of what was lent or refused, without a person or a name of an object. */
  readonly onEvent?: (event: VaultServerEvent) => void;
}

/** A request that was answered; nothing in it concerns a person. */
export interface VaultServerEvent {
  readonly what: 'capability' | 'object' | 'share';
  /** `OK`, or the code of the error. */
  readonly outcome: 'OK' | ErrorCode;
}

const tenMinutes = 600_000;
/** How far the asker's clock may be off. */
const skew = 300_000;
const mostBodyBytes = 1 << 20;

const statusOf: Partial<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  PERMISSION_DENIED: 403,
  CONSENT_DENIED: 403,
  EXPIRED: 403,
  NOT_FOUND: 404,
  UNAVAILABLE: 503,
};

const parts: Readonly<Record<string, VaultServerEvent['what']>> = {
  capabilities: 'capability',
  objects: 'object',
  shares: 'share',
};

/**
 * Lends what is in a vault to other organizations over HTTPS. Who asks sends a signed proposal to open a receipt; the server has the
 * custodian's peer answer it, so that consent, revocation and expiry are decided there and now, and gives a capability that expires when
 * the peer permits. It learns nothing of the answer, which is encrypted to the asker, and gives no name of an object away: those the asker
 * reads in the answer. Nothing is written through it.
 */
export class VaultServer implements AsyncDisposable {
  readonly #options: VaultServerOptions;
  readonly #capabilities: Capabilities;
  readonly #server: Server;
  /** Transactions that were answered, until their time has passed: none is answered twice. */
  readonly #answered = new Map<string, number>();

  constructor(options: VaultServerOptions) {
    this.#options = options;
    this.#capabilities = new Capabilities(options.lifetime ?? tenMinutes);
    const { certificate, privateKey } = options.tls;
    this.#server = createServer(
      { cert: certificate, key: privateKey, minVersion: 'TLSv1.2' },
      (request, response) => {
        void this.#answer(request, response);
      },
    );
    this.#server.requestTimeout = 30_000;
  }

  /** @returns the port */
  async listen(port: number, host: string): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more requests, and ends. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** As {@link close}; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://vault');
    const [, part = '', name = ''] = url.pathname.split('/');
    const what = parts[part];
    let outcome: VaultServerEvent['outcome'] = 'OK';
    try {
      if (what === undefined)
        throw new VitaledgerError('NOT_FOUND', 'The vault lends objects and shares only');
      if (what === 'capability') await this.#lend(request, response);
      else await this.#give(what, name, url, request, response);
    } catch (error) {
      outcome = refuse(response, error);
    }
    if (what !== undefined) this.#options.onEvent?.({ what, outcome });
  }

  async #lend(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { message, signature } = await readProposal(request);
    const { transactionId, time } = readOpenProposal(message, this.#options.custodian);
    this.#admit(transactionId, time);
    await this.#options.evaluate(message, signature);
    reply(response, 200, this.#capabilities.issue());
  }

  #admit(transactionId: string, time: number): void {
    const now = Date.now();
    for (const [old, until] of this.#answered) if (until < now) this.#answered.delete(old);
    if (Math.abs(now - time) > skew || this.#answered.has(transactionId)) {
      throw new VitaledgerError(
        'EXPIRED',
        'The proposal is too old, or was answered before: sign a new one, and check the clock',
      );
    }
    this.#answered.set(transactionId, now + 2 * skew);
  }

  async #give(
    what: 'object' | 'share',
    name: string,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const capability = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (request.method !== 'GET' || !this.#capabilities.isValid(capability)) {
      throw new VitaledgerError('PERMISSION_DENIED', 'The capability has expired, or is none of this vault', {
        reason: 'CAPABILITY',
      });
    }
    const { vault } = this.#options;
    if (what === 'share') {
      const share = await vault.getShare(name);
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(share);
      return;
    }
    await sendObject(vault, name, offsetOf(url), response);
  }
}

async function sendObject(vault: Vault, name: string, from: number, response: ServerResponse): Promise<void> {
  const content = vault.getObjectFrom?.(name, from) ?? vault.getObject(name);
  const source = content[Symbol.asyncIterator]();
  // What is missing shows at the first read, before anything is sent.
  const first = await source.next();
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  await pipeline(async function* () {
    if (first.done) return;
    yield first.value;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  }, response);
}

function offsetOf(url: URL): number {
  const from = Number(url.searchParams.get('from') ?? '0');
  if (Number.isSafeInteger(from) && from >= 0) return from;
  throw new VitaledgerError('INVALID_ARGUMENT', 'from must be a number of bytes', { path: 'from' });
}

async function readProposal(
  request: IncomingMessage,
): Promise<{ message: Uint8Array; signature: Uint8Array }> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const bytes of request as AsyncIterable<Buffer>) {
    length += bytes.length;
    if (length > mostBodyBytes) throw noProposal();
    parts.push(bytes);
  }
  try {
    const { message, signature } = JSON.parse(Buffer.concat(parts).toString('utf8')) as SignedProposal;
    return { message: Buffer.from(message, 'base64'), signature: Buffer.from(signature, 'base64') };
  } catch {
    throw noProposal();
  }
}

function noProposal(): VitaledgerError {
  return new VitaledgerError(
    'INVALID_ARGUMENT',
    'The body must be JSON with message and signature, in base64',
  );
}

/** Once something was sent, only the broken connection can tell. */
function refuse(response: ServerResponse, error: unknown): ErrorCode {
  const refusal = error instanceof VitaledgerError ? error : internal();
  if (response.headersSent) response.destroy();
  else reply(response, statusOf[refusal.code] ?? 500, refusalOf(refusal));
  return refusal.code;
}

function internal(): VitaledgerError {
  return new VitaledgerError('INTERNAL', 'The vault failed; its operator finds why');
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refusalOf({ code, message, details }: VitaledgerError): unknown {
  return { code, message, details };
}

/** The error that a server's answer tells. */
export function errorFrom(text: string): VitaledgerError | undefined {
  try {
    const { code, message, details } = JSON.parse(text) as Partial<VitaledgerError>;
    if (!isErrorCode(code)) return undefined;
    return new VitaledgerError(code, String(message), details);
  } catch {
    return undefined;
  }
}
