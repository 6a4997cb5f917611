import { randomBytes } from 'node:crypto';
import { VitaledgerError } from '@vitaledger/domain';
import { drained, textOf, type Bucket, type BucketAnswer, type BucketRequest } from './bucket.js';

/** Put-if-absent (RFC 9110 §13.1.2), which S3 has for both ways to write; some stores heed it only for objects in one part. */
const ifAbsent = { 'if-none-match': '*' };
/** Marks whose write it was: one that is repeated may find what it wrote itself. */
const uploadHeader = 'x-amz-meta-upload';

/**
 * Stores a stream under a key that must not be there: at once if it fits into a part, else part by part, with one part and what the
 * stream yields at once in memory. Until all is there nothing is; what was begun is given back when the stream fails.
 *
 * @throws VitaledgerError `ALREADY_EXISTS`
 */
export async function putIfAbsent(
  bucket: Bucket,
  key: string,
  content: AsyncIterable<Uint8Array>,
  partSize: number,
): Promise<void> {
  const upload = randomBytes(16).toString('hex');
  const parts = partsOf(content, partSize);
  const first = await parts.next();
  const second = first.done ? first : await parts.next();
  if (second.done) {
    const body = first.done ? new Uint8Array() : first.value;
    const headers = { ...ifAbsent, [uploadHeader]: upload };
    await settled(bucket, key, upload, await bucket.request({ method: 'PUT', key, headers, body }));
    return;
  }
  await putParts(bucket, key, upload, (first as IteratorYieldResult<Uint8Array>).value, second.value, parts);
}

async function putParts(
  bucket: Bucket,
  key: string,
  upload: string,
  first: Uint8Array,
  second: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): Promise<void> {
  await inParts(bucket, key, upload, async (put) => {
    await put({ body: first });
    await put({ body: second });
    for await (const body of rest) await put({ body });
  });
}

/**
 * Has the store put objects together, one behind the other, under a key that must not be there. All but the last have 5 MiB at least.
 *
 * @throws VitaledgerError `ALREADY_EXISTS`
 */
export async function assemble(bucket: Bucket, key: string, parts: readonly string[]): Promise<void> {
  const upload = randomBytes(16).toString('hex');
  if (parts.length === 0) {
    const headers = { ...ifAbsent, [uploadHeader]: upload };
    const body = new Uint8Array();
    await settled(bucket, key, upload, await bucket.request({ method: 'PUT', key, headers, body }));
    return;
  }
  await inParts(bucket, key, upload, async (put) => {
    for (const part of parts) await put({ headers: { 'x-amz-copy-source': `/${bucket.name}/${part}` } });
  });
}

type Part = Pick<BucketRequest, 'body' | 'headers'>;

async function inParts(
  bucket: Bucket,
  key: string,
  upload: string,
  putAll: (put: (part: Part) => Promise<void>) => Promise<void>,
): Promise<void> {
  const begun = await bucket.request({
    method: 'POST',
    key,
    query: { uploads: '' },
    headers: { [uploadHeader]: upload },
  });
  const uploadId = required(/<UploadId>([^<]+)<\/UploadId>/.exec(await textOf(begun.body))?.[1]);
  try {
    const tags: string[] = [];
    await putAll(async (part) => {
      const query = { partNumber: String(tags.length + 1), uploadId };
      tags.push(await tagOf(await bucket.request({ method: 'PUT', key, query, ...part })));
    });
    await refuseIfThere(bucket, key);
    const body = Buffer.from(completion(tags));
    const answer = await bucket.request({
      method: 'POST',
      key,
      query: { uploadId },
      headers: ifAbsent,
      body,
    });
    await settled(bucket, key, upload, answer);
  } catch (error) {
    // Parts that are left behind are paid for; a rule of the bucket's life cycle should end them too.
    await bucket.request({ method: 'DELETE', key, query: { uploadId } }).catch(() => undefined);
    throw error;
  }
}

/** Of a part that was sent it is in the header, of one that was copied in the text. */
async function tagOf(answer: BucketAnswer): Promise<string> {
  const text = await textOf(answer.body);
  const copied = /<ETag>([^<]+)<\/ETag>/.exec(text)?.[1]?.replaceAll('&quot;', '"');
  return required(answer.status === 200 ? (answer.headers.get('etag') ?? copied) : undefined);
}

/** For stores that do not heed the condition of a completion. Two that write at one time would meet in it only if names were not random. */
async function refuseIfThere(bucket: Bucket, key: string): Promise<void> {
  const held = await bucket.request({ method: 'HEAD', key });
  await drained(held.body);
  if (held.status === 200) throw taken(key);
}

function completion(tags: readonly string[]): string {
  const parts = tags.map(
    (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
}

/** A write that was repeated may have succeeded the first time, and find its own object, or its upload gone. */
async function settled(bucket: Bucket, key: string, upload: string, answer: BucketAnswer): Promise<void> {
  const text = await textOf(answer.body);
  // S3 may answer 200 to a completion and say in the body that it failed.
  if (answer.status === 200 && !text.includes('<Error>')) return;
  const held = await bucket.request({ method: 'HEAD', key });
  await drained(held.body);
  if (held.status === 200 && held.headers.get(uploadHeader) === upload) return;
  if (answer.status === 412 || held.status === 200) {
    throw taken(key);
  }
  throw unusable();
}

async function* partsOf(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of content) {
    let rest = bytes;
    while (length + rest.length >= size) {
      yield Buffer.concat([...gathered, rest.subarray(0, size - length)]);
      rest = rest.subarray(size - length);
      gathered = [];
      length = 0;
    }
    if (rest.length > 0) gathered.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(gathered);
}

function required(value: string | null | undefined): string {
  if (value) return value;
  throw unusable();
}

function taken(key: string): VitaledgerError {
  return new VitaledgerError('ALREADY_EXISTS', 'The vault already holds an object of this name', {
    object: key.slice(key.lastIndexOf('/') + 1),
  });
}

function unusable(): VitaledgerError {
  return new VitaledgerError('UNAVAILABLE', "The vault's store did not take an object; try again later", {
    reason: 'VAULT_UNREACHABLE',
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
