import { createHash, createHmac } from 'node:crypto';

/** Keys of an S3 account, or of a role that was assumed. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** What is signed of a request. Header names are in lower case; the path is as it is sent. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, hexadecimal. */
  readonly bodyDigest: string;
}

export interface Scope {
  readonly credentials: S3Credentials;
  readonly region: string;
  readonly now: Date;
}

const algorithm = 'AWS4-HMAC-SHA256';
/** A URL is signed without knowing the body; the one who follows it sends none. */
const unsignedBody = 'UNSIGNED-PAYLOAD';

/**
 * The headers that sign a request (AWS Signature Version 4, "Authenticating Requests: Using the Authorization Header"); those of the
 * request are among them.
 */
export function signedHeaders(request: SignedRequest, scope: Scope): Record<string, string> {
  const { credentials, now } = scope;
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.url.host,
    'x-amz-content-sha256': request.bodyDigest,
    'x-amz-date': timeOf(now),
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const signature = signatureOf(
    { ...request, headers },
    names,
    [...request.url.searchParams],
    request.bodyDigest,
    scope,
  );
  const credential = `${credentials.accessKeyId}/${placeOf(scope)}`;
  // Whoever sends it names the host itself.
  delete headers.host;
  const authorization = `${algorithm} Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

/**
 * A URL that whoever has it may get for so many seconds ("Authenticating Requests: Using Query Parameters").
 *
 * @param seconds at most a week, by S3's own rule
 */
export function presignedUrl(url: URL, seconds: number, scope: Scope): URL {
  const { credentials, now } = scope;
  const signed = new URL(url);
  const query: [string, string][] = [
    ...url.searchParams,
    ['X-Amz-Algorithm', algorithm],
    ['X-Amz-Credential', `${credentials.accessKeyId}/${placeOf(scope)}`],
    ['X-Amz-Date', timeOf(now)],
    ['X-Amz-Expires', String(seconds)],
    ...(credentials.sessionToken === undefined
      ? []
      : ([['X-Amz-Security-Token', credentials.sessionToken]] as [string, string][])),
    ['X-Amz-SignedHeaders', 'host'],
  ];
  const request = { method: 'GET', url, headers: { host: url.host }, bodyDigest: unsignedBody };
  const signature = signatureOf(request, ['host'], query, unsignedBody, scope);
  signed.search = queryOf([...query, ['X-Amz-Signature', signature]], (pairs) => pairs);
  return signed;
}

function signatureOf(
  { method, url, headers }: SignedRequest,
  names: readonly string[],
  query: readonly (readonly [string, string])[],
  bodyDigest: string,
  scope: Scope,
): string {
  const canonical = [
    method,
    url.pathname,
    queryOf(query, (pairs) => pairs.sort()),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    bodyDigest,
  ].join('\n');
  const { credentials, region, now } = scope;
  const text = [algorithm, timeOf(now), placeOf(scope), sha256(canonical)].join('\n');
  const day = hmac(`AWS4${credentials.secretAccessKey}`, dayOf(now));
  const key = hmac(hmac(hmac(day, region), 's3'), 'aws4_request');
  return hmac(key, text).toString('hex');
}

function queryOf(
  query: readonly (readonly [string, string])[],
  order: (pairs: string[]) => string[],
): string {
  return order(query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`)).join('&');
}

/** RFC 3986: everything but unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function placeOf({ region, now }: Scope): string {
  return `${dayOf(now)}/${region}/s3/aws4_request`;
}

function timeOf(now: Date): string {
  return `${now.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
}

function dayOf(now: Date): string {
  return timeOf(now).slice(0, 8);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
