import { setTimeout as sleep } from 'node:timers/promises';
import { VitaledgerError } from '@vitaledger/domain';
import { presignedUrl, sha256, signedHeaders, type S3Credentials } from './signature.js';

/** Where a bucket is, and who may use it. */
export interface BucketOptions {
  /** `https://host[:port]`, of the service, not of the bucket. Without TLS only on this machine. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Who signs the requests; a function where credentials end and are renewed. */
  readonly credentials: S3Credentials | (() => Promise<S3Credentials>);
  /** How often a request is made at most, if the service does not answer or answers that it failed. 4 unless told. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt, doubled for each further one. 200 unless told. */
  readonly firstDelay?: number;
  /** Milliseconds without a byte after which an attempt is given up. 30,000 unless told. */
  readonly idleTimeout?: number;
}

export interface BucketRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Of the bucket itself if absent. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** An answer that is no failure of the service; its status is for the caller to judge. */
export interface BucketAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
  /** Which attempt it is of, from 1: whether one before may have had an effect. */
  readonly attempt: number;
}

/** One bucket of an S3-compatible store, by signed requests that are repeated while the service fails. */
export class Bucket {
  readonly name: string;
  readonly #options: BucketOptions;
  readonly #attempts: number;

  /** @throws VitaledgerError `INVALID_ARGUMENT` when the endpoint is no such URL */
  constructor(options: BucketOptions) {
    checkEndpoint(options.endpoint);
    this.name = options.bucket;
    this.#options = options;
    this.#attempts = options.attempts ?? 4;
  }

  /** @throws VitaledgerError `UNAVAILABLE` when the service fails again and again, `PERMISSION_DENIED`, `PRECONDITION_FAILED` (no such bucket) */
  async request(request: BucketRequest): Promise<BucketAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#send(request);
        if (!isFailure(answer.status)) return await checked({ ...answer, attempt }, this.name);
        await drained(answer.body);
        if (attempt >= this.#attempts) throw failing(`it answers ${answer.status}`);
      } catch (error) {
        if (error instanceof VitaledgerError) throw error;
        if (attempt >= this.#attempts) throw failing('it cannot be reached', error);
      }
      await this.pause(attempt);
    }
  }

  /** An object from a byte on; a stream that breaks or ends early goes on where it was. Undefined when there is no such object. */
  async get(key: string, from = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    const first = await this.request(rangeOf(key, from));
    if (first.status === 404) return undefined;
    return this.#read(key, from, first);
  }

  /** Deletes an object and tells whether it was there, which S3's own answer does not. */
  async remove(key: string): Promise<boolean> {
    const held = await this.request({ method: 'HEAD', key });
    await drained(held.body);
    if (held.status === 404) return false;
    await drained((await this.request({ method: 'DELETE', key })).body);
    return true;
  }

  /** A URL that whoever has it may get for so many seconds. */
  async presigned(key: string, seconds: number): Promise<URL> {
    return presignedUrl(this.#url(key), seconds, await this.#scope());
  }

  async pause(attempt: number): Promise<void> {
    const full = (this.#options.firstDelay ?? 200) * 2 ** (attempt - 1);
    await sleep(full * (0.5 + 0.5 * Math.random()));
  }

  async *#read(key: string, from: number, first: BucketAnswer): AsyncGenerator<Uint8Array> {
    let position = from;
    let answer = first;
    const entity = first.headers.get('etag');
    for (let failures = 1; ; failures++) {
      const end = position + lengthOf(answer, position);
      try {
        for await (const bytes of answer.body) {
          position += bytes.length;
          failures = 1;
          yield bytes;
        }
        if (position >= end) return;
      } catch (error) {
        if (failures >= this.#attempts) throw failing('its answers break off', error);
      }
      if (failures >= this.#attempts) throw failing('its answers end too early');
      await this.pause(failures);
      answer = await this.request(rangeOf(key, position, entity));
      if (answer.status === 416) return;
      if (answer.status >= 300) throw changed(key);
    }
  }

  async #send({
    method,
    key,
    query = {},
    headers = {},
    body,
  }: BucketRequest): Promise<Omit<BucketAnswer, 'attempt'>> {
    const url = this.#url(key);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const bodyDigest = sha256(body ?? '');
    const signed = signedHeaders({ method, url, headers, bodyDigest }, await this.#scope());
    const idle = new IdleTimer(this.#options.idleTimeout ?? 30_000);
    const response = await fetch(url, {
      method,
      headers: signed,
      signal: idle.signal,
      redirect: 'error',
      ...(body === undefined ? {} : { body }),
    }).finally(() => {
      idle.stop();
    });
    return { status: response.status, headers: response.headers, body: bodyOf(response, idle) };
  }

  #url(key?: string): URL {
    const path = key === undefined ? this.name : `${this.name}/${key}`;
    return new URL(`${this.#options.endpoint.replace(/\/$/, '')}/${path}`);
  }

  async #scope() {
    const { credentials, region } = this.#options;
    const resolved = typeof credentials === 'function' ? await credentials() : credentials;
    return { credentials: resolved, region, now: new Date() };
  }
}

/** Aborts what stands still. */
class IdleTimer {
  readonly #controller = new AbortController();
  readonly #limit: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number) {
    this.#limit = limit;
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  touch(): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.#controller.abort(new Error('nothing was received in time'));
    }, this.#limit);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

async function* bodyOf(response: Response, idle: IdleTimer): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  try {
    idle.touch();
    for await (const bytes of response.body) {
      // While the reader is busy, the service is not to blame.
      idle.stop();
      yield bytes as Uint8Array;
      idle.touch();
    }
  } finally {
    idle.stop();
  }
}

function rangeOf(key: string, from: number, entity?: string | null): BucketRequest {
  return {
    method: 'GET',
    key,
    headers: {
      ...(from === 0 ? {} : { range: `bytes=${from}-` }),
      ...(entity ? { 'if-match': entity } : {}),
    },
  };
}

/** How many bytes an answer has to bring. A service that ignores ranges answers 200 with everything. */
function lengthOf({ status, headers }: BucketAnswer, position: number): number {
  if (status === 416) return 0;
  if (position > 0 && status !== 206) {
    throw new VitaledgerError('UNAVAILABLE', 'The vault cannot give a part of an object: it ignores ranges', {
      reason: 'VAULT_UNREACHABLE',
    });
  }
  return Number(headers.get('content-length') ?? 0);
}

function isFailure(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}

async function checked(answer: BucketAnswer, bucket: string): Promise<BucketAnswer> {
  const { status } = answer;
  if (status < 400 || status === 412 || status === 416) return answer;
  const code = /<Code>(\w+)<\/Code>/.exec(await textOf(answer.body))?.[1] ?? String(status);
  if (status === 404 && code !== 'NoSuchBucket') return answer;
  throw refusal(status, code, bucket);
}

function refusal(status: number, code: string, bucket: string): VitaledgerError {
  if (code === 'NoSuchBucket') {
    const message = `The vault's bucket ${bucket} does not exist: create it first`;
    return new VitaledgerError('PRECONDITION_FAILED', message, { reason: 'NO_BUCKET' });
  }
  const reason = { reason: 'VAULT_REFUSED' };
  if (status === 401 || status === 403) {
    return new VitaledgerError(
      'PERMISSION_DENIED',
      `The vault's store does not accept these credentials for bucket ${bucket} (${code}); check keys, permissions and this machine's clock`,
      reason,
    );
  }
  return new VitaledgerError('INTERNAL', `The vault's store refused a request (${code})`, reason);
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const bytes of body) parts.push(bytes);
  return Buffer.concat(parts).toString('utf8');
}

/** An answer that is not read would keep its connection. */
export async function drained(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const bytes of body) if (bytes.length < 0) return;
}

function failing(how: string, cause?: unknown): VitaledgerError {
  return new VitaledgerError(
    'UNAVAILABLE',
    `The vault's store cannot be used now: ${how}; the ledger is not affected, try again later`,
    { reason: 'VAULT_UNREACHABLE' },
    cause === undefined ? undefined : { cause },
  );
}

function changed(key: string): VitaledgerError {
  return new VitaledgerError(
    'INTEGRITY',
    'The object was replaced or removed in the vault while it was read',
    {
      object: key.slice(key.lastIndexOf('/') + 1),
    },
  );
}

function checkEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isLocal = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || isLocal) return;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    'The endpoint of an S3 vault must be https://host[:port]: key shares travel through it',
    { path: 'endpoint' },
  );
}
