import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VitaledgerError } from '@vitaledger/domain';
import { S3Server } from '../../testing/s3-server.js';
import { newObjectName, readContent, storeContent } from '../objects.js';
import { continueContent, newUpload } from '../upload.js';
import { S3Vault, type S3VaultOptions } from './s3-vault.js';

const MiB = 1 << 20;
const context = { record: 'r1', version: 1 };

/** What stands between the vault and the store, and does to each request what a test wants. */
type Fault = (request: IncomingMessage, response: ServerResponse, forward: () => void) => void;

describe('an S3 vault', function () {
  this.timeout(60_000);
  let server: S3Server;
  let fault: Fault | undefined;
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    const { range = '', 'if-none-match': condition } = request.headers;
    asked.push(`${request.method ?? ''} ${condition ? `if-none-match ${condition}` : range}`.trim());
    const forward = (): void => {
      forwarded(request, response, server.endpoint);
    };
    if (fault) fault(request, response, forward);
    else forward();
  });

  before(async function () {
    this.timeout(300_000);
    const started = await S3Server.start();
    if (!started) {
      this.skip();
    }
    server = started;
    for (const bucket of ['objects', 'shares']) await server.create(bucket);
    await server.create('versions', true);
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await (server as S3Server | undefined)?.close();
  });
  beforeEach(() => {
    fault = undefined;
    asked.length = 0;
  });

  const vaultOf = (options: Partial<S3VaultOptions> = {}): S3Vault =>
    new S3Vault({
      endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      bucket: 'objects',
      sharesBucket: 'shares',
      partSize: 5 * MiB,
      firstDelay: 1,
      ...options,
    });

  it('gives contents back, small ones and those in parts, from any byte on', async () => {
    const vault = vaultOf();
    for (const size of [0, 1000, 5 * MiB, 12 * MiB + 7]) {
      const content = randomBytes(size);
      const stored = await storeContent(vault, content, context);
      assert.ok(content.equals(await all(readContent(vault, stored, context))), `${size} bytes`);
      const fromChunk = Math.floor((stored.manifest.chunks - 1) / 2);
      const rest = await all(readContent(vault, stored, { ...context, fromChunk }));
      assert.ok(
        content.subarray(fromChunk * stored.manifest.chunkSize).equals(rest),
        `${size} from ${fromChunk}`,
      );
    }
  });

  it('takes a name once, also when two write it at the same time', async () => {
    const vault = vaultOf();
    const [name, large] = [newObjectName(), newObjectName()];
    const contents = [randomBytes(100), randomBytes(100)];
    const results = await Promise.allSettled(contents.map((one) => vault.putObject(name, pieces(one, MiB))));
    const winners = contents.filter((_, index) => results[index]?.status === 'fulfilled');
    assert.equal(winners.length, 1, `${winners.length} won`);
    const [refusal] = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    assert.equal((refusal as VitaledgerError).code, 'ALREADY_EXISTS');
    assert.ok(winners[0]!.equals(await all(vault.getObject(name))));
    const first = randomBytes(6 * MiB);
    await vault.putObject(large, pieces(first, MiB));
    await assert.rejects(vault.putObject(large, pieces(randomBytes(6 * MiB), MiB)), {
      code: 'ALREADY_EXISTS',
    });
    assert.ok(first.equals(await all(vault.getObject(large))));
    // moto does not heed it where an object comes in parts, as AWS does.
    assert.ok(asked.includes('POST if-none-match *'), asked.join(', '));
    const share = newObjectName();
    await vault.putShare(share, Buffer.from('first'));
    await assert.rejects(vault.putShare(share, Buffer.from('second')), { code: 'ALREADY_EXISTS' });
    assert.equal(String(await vault.getShare(share)), 'first');
  });

  it('erases object and share, and says what was there', async () => {
    const vault = vaultOf();
    const { manifest } = await storeContent(vault, Buffer.from('text'), context);
    assert.deepEqual(await vault.erase(manifest.object), { object: true, share: true });
    assert.deepEqual(await vault.erase(manifest.object), { object: false, share: false });
    await assert.rejects(vault.getShare(manifest.object), { code: 'NOT_FOUND' });
    await assert.rejects(all(vault.getObject(manifest.object)), { code: 'NOT_FOUND' });
  });

  it('leaves nothing behind when a stream fails, part by part too', async () => {
    const vault = vaultOf();
    const name = newObjectName();
    async function* failing(): AsyncGenerator<Uint8Array> {
      for (let part = 0; part < 11; part++) yield await Promise.resolve(randomBytes(MiB));
      throw new Error('the disk of the source');
    }
    await assert.rejects(vault.putObject(name, failing()), /disk of the source/);
    await assert.rejects(all(vault.getObject(name)), { code: 'NOT_FOUND' });
    const uploads = await (await fetch(`${server.endpoint}/objects?uploads`)).text();
    assert.doesNotMatch(uploads, /<UploadId>/);
  });

  it('keeps small values by name', async () => {
    const store = vaultOf({ prefix: 'hospital/' }).store('contacts');
    assert.deepEqual(await store.names(), []);
    await store.put('b.1', Buffer.from('one'));
    await store.put('a', Buffer.from('x'));
    await store.put('a', Buffer.from('two'));
    assert.deepEqual([...(await store.names())].sort(), ['a', 'b.1']);
    assert.equal(String(await store.get('a')), 'two');
    assert.deepEqual(await vaultOf().store('contacts').names(), []);
    assert.deepEqual(
      [await store.delete('a'), await store.delete('a'), await store.get('a')],
      [true, false, undefined],
    );
    await assert.rejects(store.put('../a', Buffer.from('x')), { code: 'INVALID_ARGUMENT' });
  });

  it('lends an object and its share to whoever has the URLs', async () => {
    const vault = vaultOf();
    const { manifest } = await storeContent(vault, Buffer.from('text'), context);
    const { object, share } = await vault.presigned(manifest.object, 60);
    const get = async (url: URL) => Buffer.from(await (await fetch(url)).arrayBuffer());
    assert.ok((await get(object)).equals(await all(vault.getObject(manifest.object))));
    assert.ok((await get(share)).equals(await vault.getShare(manifest.object)));
    assert.equal(object.searchParams.get('X-Amz-Expires'), '60');
  });

  it('is refused where erased shares would be kept, with the objects’ bucket for shares, and without TLS', async () => {
    await assert.rejects(vaultOf({ sharesBucket: 'versions' }).putShare(newObjectName(), Buffer.from('s')), {
      code: 'PRECONDITION_FAILED',
      details: { reason: 'SHARES_KEPT' },
    });
    assert.throws(() => vaultOf({ sharesBucket: 'objects' }), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => vaultOf({ endpoint: 'http://s3.example.org' }), /https/);
    await assert.rejects(vaultOf({ sharesBucket: 'missing' }).getShare(newObjectName()), {
      code: 'PRECONDITION_FAILED',
      message: /missing does not exist/,
    });
  });

  it('goes on when the store fails for a moment, and says so when it goes on failing', async () => {
    const vault = vaultOf();
    let failures = 2;
    fault = (_, response, forward) => {
      if (failures-- > 0) response.writeHead(500).end('<Error><Code>InternalError</Code></Error>');
      else forward();
    };
    const stored = await storeContent(vault, Buffer.from('text'), context);
    fault = (_, response) => response.writeHead(503).end();
    const down = { code: 'UNAVAILABLE', details: { reason: 'VAULT_UNREACHABLE' } };
    await assert.rejects(all(readContent(vault, stored, context)), down);
    fault = (request) => request.socket.destroy();
    await assert.rejects(vault.getShare(stored.manifest.object), down);
    fault = () => undefined;
    await assert.rejects(vaultOf({ idleTimeout: 50 }).getShare(stored.manifest.object), down);
    fault = (_, response) => response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
    await assert.rejects(vault.getShare(stored.manifest.object), {
      code: 'PERMISSION_DENIED',
      message: /SignatureDoesNotMatch/,
    });
  });

  it('knows its own write when the answer to it was lost', async () => {
    const vault = vaultOf();
    for (const size of [100, 6 * MiB]) {
      const [name, content] = [newObjectName(), randomBytes(size)];
      let lost = 0;
      fault = (request, response, forward) => {
        const isLast = request.method === 'PUT' ? size < MiB : request.url?.includes('uploadId') === true;
        if (!isLast || lost > 0) {
          forward();
          return;
        }
        lost++;
        forwarded(request, undefined, server.endpoint, () => response.writeHead(500).end());
      };
      await vault.putObject(name, pieces(content, MiB));
      assert.equal(lost, 1);
      fault = undefined;
      assert.ok(content.equals(await all(vault.getObject(name))));
    }
  });

  it('reads on where an answer broke off or ended early, and gives up when that goes on', async () => {
    const vault = vaultOf();
    const content = randomBytes(3 * MiB);
    const stored = await storeContent(vault, content, context);
    let cuts = 2;
    fault = (request, response, forward) => {
      if (request.method === 'GET' && request.url?.includes('objects/') && cuts-- > 0) {
        forwarded(request, response, server.endpoint, undefined, 700_000);
      } else forward();
    };
    asked.length = 0;
    assert.ok(content.equals(await all(readContent(vault, stored, context))));
    const ranges = asked.filter((one) => one.includes('bytes='));
    assert.equal(ranges.length, 2, asked.join(', '));
    fault = (request, response, forward) => {
      if (request.url?.includes('objects/')) forwarded(request, response, server.endpoint, undefined, 0);
      else forward();
    };
    await assert.rejects(all(readContent(vault, stored, context)), { code: 'UNAVAILABLE' });
  });

  it('goes on with an upload in another process, sends no part twice, and takes no other content', async () => {
    const content = randomBytes(17 * MiB);
    const upload = newUpload({ chunkSize: MiB });
    const sent = (): number => asked.filter((one) => one === 'PUT').length;
    const attempt = (bytes: Uint8Array) => continueContent(vaultOf(), pieces(bytes, MiB), upload, context);
    // The share, two parts, and then the store is gone.
    let left = 3;
    fault = (request, response, forward) => {
      if (request.method === 'PUT' && left-- <= 0) response.writeHead(503).end();
      else forward();
    };
    await assert.rejects(attempt(content), { code: 'UNAVAILABLE' });
    fault = undefined;
    const other = Buffer.from(content);
    other[3 * MiB] = 1 + Number(other[3 * MiB]);
    await assert.rejects(attempt(other), { code: 'INTEGRITY', details: { reason: 'OTHER_CONTENT' } });
    await assert.rejects(attempt(content.subarray(0, 4 * MiB)), { code: 'INTEGRITY' });

    asked.length = 0;
    const stored = await attempt(content);
    assert.equal(sent(), 2 + 4, 'the third and the last part, and four that the store copies itself');
    assert.ok(content.equals(await all(readContent(vaultOf(), stored, context))));
    // It is there: nothing is sent, and it is compared all the same.
    asked.length = 0;
    assert.deepEqual(await attempt(content), stored);
    assert.equal(sent(), 0);
    await assert.rejects(attempt(other), { code: 'INTEGRITY' });
    await assert.rejects(attempt(Buffer.concat([content, Buffer.from('more')])), { code: 'INTEGRITY' });
  });

  it('goes on with an upload that was interrupted while its parts were put together', async () => {
    for (const size of [0, 6 * MiB]) {
      const [content, upload] = [randomBytes(size), newUpload({ chunkSize: MiB })];
      const attempt = () => continueContent(vaultOf(), pieces(content, MiB), upload, context);
      fault = (request, response, forward) => {
        const isLast = size === 0 ? request.url?.includes('/objects/') : request.url?.includes('uploadId');
        if (isLast && request.method !== 'HEAD') response.writeHead(503).end();
        else forward();
      };
      await assert.rejects(attempt(), { code: 'UNAVAILABLE' });
      fault = undefined;
      assert.ok(content.equals(await all(readContent(vaultOf(), await attempt(), context))));
    }
  });

  it('erases what was begun and never finished', async () => {
    const upload = newUpload({ chunkSize: MiB });
    const interrupted = async function* () {
      yield* pieces(randomBytes(8 * MiB), MiB);
      throw new Error('unplugged');
    };
    await assert.rejects(continueContent(vaultOf(), interrupted(), upload, context), /unplugged/);
    const begun = await vaultOf().resumeObject(upload.object);
    assert.equal(begun.size, 5 * MiB);
    await vaultOf().erase(upload.object);
    assert.equal((await vaultOf().resumeObject(upload.object)).size, 0);
  });

  it('notices what a store gives in the place of what it was given', async () => {
    const vault = vaultOf();
    const stored = await storeContent(vault, randomBytes(MiB), context);
    fault = (request, response, forward) => {
      if (request.url?.includes('objects/')) response.writeHead(200).end(randomBytes(MiB + 16));
      else forward();
    };
    await assert.rejects(all(readContent(vault, stored, context)), { code: 'INTEGRITY' });
    fault = (request, response, forward) => {
      if (request.url?.includes('objects/')) response.writeHead(200).end();
      else forward();
    };
    await assert.rejects(all(readContent(vault, stored, context)), { code: 'INTEGRITY' });
  });
});

/** Passes a request on. With `instead`, its answer is dropped; with `limit`, it breaks off after so many bytes. */
function forwarded(
  request: IncomingMessage,
  response: ServerResponse | undefined,
  endpoint: string,
  instead?: () => void,
  limit = Infinity,
): void {
  const { method, headers } = request;
  const onward = httpRequest(endpoint + (request.url ?? ''), { method, headers }, (answer) => {
    if (!response) {
      answer.resume().on('end', () => instead?.());
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    let passed = 0;
    answer.on('data', (bytes: Buffer) => {
      response.write(bytes.subarray(0, Math.max(0, limit - passed)));
      passed += bytes.length;
      if (passed >= limit && !response.destroyed) response.destroy();
    });
    answer.on('end', () => {
      if (passed < limit) response.end();
    });
  });
  request.pipe(onward);
}

async function all(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of content) parts.push(bytes);
  return Buffer.concat(parts);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size)
    yield await Promise.resolve(bytes.subarray(start, start + size));
}
