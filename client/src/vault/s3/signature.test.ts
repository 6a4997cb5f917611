import assert from 'node:assert/strict';
import { presignedUrl, sha256, signedHeaders } from './signature.js';

/** The examples of the S3 API reference, "Signature Calculations for the Authorization Header" and "… Query Parameters". */
describe('an S3 signature', () => {
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const scope = { credentials, region: 'us-east-1', now: new Date('2013-05-24T00:00:00Z') };
  const host = 'https://examplebucket.s3.amazonaws.com';
  const signatureOf = (method: string, path: string, headers: Record<string, string> = {}, body = '') =>
    /Signature=(\w+)$/.exec(
      signedHeaders({ method, url: new URL(host + path), headers, bodyDigest: sha256(body) }, scope)
        .authorization ?? '',
    )?.[1];

  it('is that of the published examples, with ranges, bodies, and parameters', () => {
    assert.equal(
      signatureOf('GET', '/test.txt', { range: 'bytes=0-9' }),
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
    assert.equal(
      signatureOf(
        'PUT',
        '/test%24file.text',
        { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
        'Welcome to Amazon S3.',
      ),
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
    assert.equal(
      signatureOf('GET', '/?lifecycle'),
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    );
    assert.equal(
      signatureOf('GET', '/?max-keys=2&prefix=J'),
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    );
  });

  it('of a URL is that of the published example', () => {
    const url = presignedUrl(new URL(`${host}/test.txt`), 86_400, scope);
    assert.equal(
      url.searchParams.get('X-Amz-Signature'),
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });

  it('covers the token of temporary credentials', () => {
    const temporary = { ...scope, credentials: { ...credentials, sessionToken: 'token' } };
    const request = { method: 'GET', url: new URL(`${host}/a`), headers: {}, bodyDigest: sha256('') };
    const headers = signedHeaders(request, temporary);
    assert.equal(headers['x-amz-security-token'], 'token');
    assert.match(headers.authorization ?? '', /SignedHeaders=[^,]*x-amz-security-token/);
    assert.equal(presignedUrl(request.url, 60, temporary).searchParams.get('X-Amz-Security-Token'), 'token');
  });
});
