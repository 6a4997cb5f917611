import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { canonicalJson } from '../json/canonical.js';
import type { PatientKeyEntry } from '../patient/head.js';
import { acceptInChain } from './chain.js';
import { handleOf } from './handle.js';
import { checkPublicJwk, type PublicJwk, thumbprint } from './jwk.js';
import { encodeSigningInput, statementDigest, statementHeader } from './jws.js';
import { patientMark } from './patient-mark.js';
import type { ChainLink, ConsentStatement, ReadStatement, Statement } from './statement.js';
import { checkRead, verifyStatement } from './verify.js';

const ISSUED = '2026-03-01T12:00:00.000Z';
const ENROLLED = '2026-01-01T00:00:00.000Z';
const PATIENT = 'a'.repeat(32);
const MARK = patientMark(PATIENT);
const hospital = { mspId: 'HospitalMSP', patient: PATIENT };
/** Order of the base point of P-256 (SEC 2 §2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

interface Signer {
  readonly entry: PatientKeyEntry;
  readonly privateKey: KeyObject;
}

function signer(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const jwk: PublicJwk = { crv: 'P-256', kty: 'EC', x, y };
  return { privateKey, entry: { kid: thumbprint(jwk), jwk, use: 'sig', from: ENROLLED } };
}

const patient = signer();
const stranger = signer();
const keys = [patient.entry];

function consent(changes: Partial<ConsentStatement> = {}): ConsentStatement {
  return {
    version: 1,
    kind: 'consent',
    issuer: patient.entry.kid,
    issued: ISSUED,
    custodians: { HospitalMSP: { patient: MARK, sequence: 1, previous: null } },
    body: {
      consent: 'c'.repeat(32),
      version: 1,
      handle: 'd'.repeat(64),
      provision: { type: 'permit' },
      text: { digest: 'e'.repeat(64), language: 'en' },
    },
    ...changes,
  };
}

function read(changes: Partial<ReadStatement> = {}): ReadStatement {
  return {
    version: 1,
    kind: 'read',
    issuer: patient.entry.kid,
    issued: ISSUED,
    custodians: { HospitalMSP: { patient: MARK } },
    body: { what: 'log', encryptionKey: stranger.entry.jwk },
    ...changes,
  };
}

const base64url = (text: string) => Buffer.from(text, 'utf8').toString('base64url');

/** A JWS over exactly these texts, whatever they are. */
function signTexts(header: string, payload: string, by = patient): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key: by.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function signed(statement: Statement, by = patient): string {
  const input = encodeSigningInput(statementHeader(by.entry.kid), statement);
  const [header = '', payload = ''] = input
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString());
  return signTexts(header, payload, by);
}

const header = canonicalJson(statementHeader(patient.entry.kid));

function refused(
  jws: string,
  code: string,
  at = ISSUED,
  by: readonly PatientKeyEntry[] = keys,
): VitaledgerError {
  let caught: unknown;
  try {
    verifyStatement(jws, by, at);
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof VitaledgerError, 'should be refused');
  assert.equal(caught.code, code);
  return caught;
}

/** The other signature that verifies as well: s replaced by n − s. */
function twinOf(jws: string): string {
  const [head = '', payload = '', signature = ''] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const twin = Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex');
  return [head, payload, Buffer.concat([bytes.subarray(0, 32), twin]).toString('base64url')].join('.');
}

describe('verifyStatement', () => {
  it('returns what the patient signed and the digest that the next statement names', () => {
    const jws = signed(consent());
    const { statement, digest } = verifyStatement(jws, keys, ISSUED);
    assert.deepEqual(statement, consent());
    assert.equal(digest, statementDigest(jws));
  });

  it('refuses a payload that was altered on the way', () => {
    const [head = '', , signature = ''] = signed(consent()).split('.');
    const altered = consent({ custodians: { OtherMSP: { patient: MARK, sequence: 1, previous: null } } });
    const jws = [head, base64url(canonicalJson(altered)), signature].join('.');
    assert.equal(refused(jws, 'PERMISSION_DENIED').details.reason, 'BAD_SIGNATURE');
  });

  it('refuses a signature by another key under the name of the patient', () => {
    const jws = signTexts(header, canonicalJson(consent()), stranger);
    assert.equal(refused(jws, 'PERMISSION_DENIED').details.reason, 'BAD_SIGNATURE');
  });

  it('refuses a key that the patient has not enrolled', () => {
    const jws = signed(consent({ issuer: stranger.entry.kid }), stranger);
    assert.equal(refused(jws, 'PERMISSION_DENIED').details.reason, 'UNKNOWN_KEY');
  });

  it('refuses an encryption key as signer', () => {
    const entry = { ...patient.entry, use: 'enc' } as const;
    assert.equal(
      refused(signed(consent()), 'PERMISSION_DENIED', ISSUED, [entry]).details.reason,
      'UNKNOWN_KEY',
    );
  });

  it('refuses an issuer that is not the signing key', () => {
    const error = refused(signed(consent({ issuer: stranger.entry.kid })), 'INVALID_ARGUMENT');
    assert.equal(error.details.path, 'statement.issuer');
  });

  const kid = patient.entry.kid;
  const headers: readonly (readonly [string, string])[] = [
    ['algorithm none', `{"alg":"none","kid":"${kid}","typ":"vitaledger-statement"}`],
    ['another algorithm', `{"alg":"HS256","kid":"${kid}","typ":"vitaledger-statement"}`],
    ['another type', `{"alg":"ES256","kid":"${kid}","typ":"JWT"}`],
    ['a critical extension', `{"alg":"ES256","crit":["b64"],"kid":"${kid}","typ":"vitaledger-statement"}`],
    ['a key of its own', `{"alg":"ES256","jwk":{},"kid":"${kid}","typ":"vitaledger-statement"}`],
    ['members in another order', `{"kid":"${kid}","alg":"ES256","typ":"vitaledger-statement"}`],
    ['a duplicate member', `{"alg":"none","alg":"ES256","kid":"${kid}","typ":"vitaledger-statement"}`],
    ['white space', `{"alg":"ES256", "kid":"${kid}","typ":"vitaledger-statement"}`],
  ];
  for (const [what, text] of headers) {
    it(`refuses a header with ${what}`, () => {
      const error = refused(signTexts(text, canonicalJson(consent())), 'INVALID_ARGUMENT');
      assert.equal(error.details.path, 'statement.header');
    });
  }

  it('refuses a JWS without signature', () => {
    const [head = '', payload = ''] = signed(consent()).split('.');
    refused(`${head}.${payload}.`, 'PERMISSION_DENIED');
    refused(`${head}.${payload}`, 'INVALID_ARGUMENT');
  });

  const text = canonicalJson(consent());
  const payloads: readonly (readonly [string, string])[] = [
    ['white space', text.replace(',', ', ')],
    ['members in another order', text.replace('"kind":"consent",', '').replace('{', '{"kind":"consent",')],
    ['a duplicate member', text.replace('"kind":"consent"', '"kind":"read","kind":"consent"')],
    ['a number in another form', text.replace('"version":1', '"version":1.0')],
    ['an escaped letter', text.replace('permit', '\\u0070ermit')],
    ['no JSON', 'permit'],
    ['a trailing line end', `${text}\n`],
    ['a lone surrogate', text.replace('"en"', '"\\ud800"')],
  ];
  for (const [what, payload] of payloads) {
    it(`refuses a payload with ${what}, though it is well signed`, () => {
      refused(signTexts(header, payload), 'INVALID_ARGUMENT');
    });
  }

  it('refuses base64url in another form than the canonical one', () => {
    const jws = signed(consent());
    refused(`${jws}=`, 'INVALID_ARGUMENT');
    refused(jws.replace('.', '\n.'), 'INVALID_ARGUMENT');
    refused(`${jws}.${base64url('{}')}`, 'INVALID_ARGUMENT');
  });

  it('refuses members that are not known, and names none of them', () => {
    const statement = { ...consent(), JaneDoe: 1 } as unknown as Statement;
    const error = refused(signed(statement), 'INVALID_ARGUMENT');
    assert.equal(error.details.path, 'statement');
    assert.ok(!error.message.includes('JaneDoe'));
  });

  it('refuses a statement that takes more than 32 KB', () => {
    const note = { digest: 'e'.repeat(64), language: 'en' };
    const code = Array.from({ length: 600 }, (_, n) => ({
      coding: [{ system: 'http://loinc.org', code: `code-${n}` }],
    }));
    const body = { ...consent().body, text: note, provision: { type: 'permit' as const, code } };
    refused(signed(consent({ body })), 'INVALID_ARGUMENT');
  });

  it('accepts the key while it is valid, at the instant of acceptance and at that of signing', () => {
    const retired = [{ ...patient.entry, to: '2026-04-01T00:00:00.000Z' }];
    verifyStatement(signed(consent()), retired, '2026-03-31T23:59:59.999Z');
  });

  it('refuses a retired key that signs a statement dated back', () => {
    const retired = [{ ...patient.entry, to: '2026-04-01T00:00:00.000Z' }];
    const error = refused(signed(consent()), 'PERMISSION_DENIED', '2026-04-01T00:00:00.000Z', retired);
    assert.equal(error.details.reason, 'KEY_NOT_VALID');
  });

  it('refuses a statement dated before its key was enrolled, but for a clock that runs a little slow', () => {
    verifyStatement(signed(consent({ issued: '2025-12-31T23:57:00.000Z' })), keys, ISSUED);
    refused(signed(consent({ issued: '2025-12-31T00:00:00.000Z' })), 'PERMISSION_DENIED');
  });

  it('refuses a statement issued more than five minutes ahead', () => {
    verifyStatement(signed(consent()), keys, '2026-03-01T11:55:00.000Z');
    refused(signed(consent()), 'INVALID_ARGUMENT', '2026-03-01T11:54:59.999Z');
  });
});

describe('the twin of an ECDSA signature', () => {
  it('verifies too, and has the same digest, so that a relay cannot break the chain by swapping it in', () => {
    const jws = signed(consent());
    const twin = twinOf(jws);
    assert.notEqual(twin, jws);
    assert.equal(verifyStatement(twin, keys, ISSUED).digest, verifyStatement(jws, keys, ISSUED).digest);
    assert.equal(statementDigest(twin), statementDigest(jws));
  });
});

describe('acceptInChain', () => {
  const verified = (link: Partial<ChainLink>) => {
    const custodians = { HospitalMSP: { patient: MARK, sequence: 1, previous: null, ...link } };
    return verifyStatement(signed(consent({ custodians })), keys, ISSUED);
  };
  const unused = { patient: PATIENT, sequence: 0, previous: null };

  it('accepts the first statement and then the one that follows it', () => {
    const first = verified({ sequence: 1, previous: null });
    const afterFirst = acceptInChain(unused, first, 'HospitalMSP');
    assert.deepEqual(afterFirst, { sequence: 1, previous: first.digest });
    const second = verified({ sequence: 2, previous: first.digest });
    assert.equal(acceptInChain({ patient: PATIENT, ...afterFirst }, second, 'HospitalMSP').sequence, 2);
  });

  const head = { patient: PATIENT, sequence: 5, previous: 'a'.repeat(64) };
  const examples: readonly (readonly [string, Partial<ChainLink>])[] = [
    ['one that was accepted already', { sequence: 5, previous: 'a'.repeat(64) }],
    ['one rolled back to the beginning', { sequence: 1, previous: null }],
    ['one that skips a number', { sequence: 7, previous: 'a'.repeat(64) }],
    ['one that follows another statement', { sequence: 6, previous: 'b'.repeat(64) }],
    ['one that follows none', { sequence: 6, previous: null }],
  ];
  for (const [what, link] of examples) {
    it(`refuses ${what}`, () => {
      assert.throws(() => acceptInChain(head, verified(link), 'HospitalMSP'), { code: 'CONFLICT' });
    });
  }

  it('refuses a custodian that is not named, even by a name every object has', () => {
    const first = verified({ sequence: 1, previous: null });
    for (const mspId of ['OtherMSP', 'constructor']) {
      assert.throws(() => acceptInChain(unused, first, mspId), {
        code: 'PERMISSION_DENIED',
      });
    }
  });

  it('refuses a read statement', () => {
    const { statement, digest } = verifyStatement(signed(read()), keys, ISSUED);
    assert.throws(() => acceptInChain(unused, { statement, digest }, 'HospitalMSP'), {
      code: 'INVALID_ARGUMENT',
    });
  });

  it('refuses one about another patient of the same custodian, whose chain it would fit', () => {
    const first = verified({ sequence: 1, previous: null });
    assert.throws(() => acceptInChain({ ...unused, patient: 'b'.repeat(32) }, first, 'HospitalMSP'), {
      code: 'PERMISSION_DENIED',
      details: { reason: 'OTHER_PATIENT' },
    });
  });
});

describe('checkRead', () => {
  const verified = (changes: Partial<ReadStatement> = {}) =>
    verifyStatement(signed(read(changes)), keys, ISSUED).statement;

  it('accepts a fresh statement that is addressed to this custodian', () => {
    checkRead(verified(), 'log', hospital, '2026-03-01T12:05:00.000Z');
  });

  it('refuses one older than five minutes', () => {
    const late = '2026-03-01T12:05:00.001Z';
    assert.throws(
      () => {
        checkRead(verified(), 'log', hospital, late);
      },
      { code: 'EXPIRED' },
    );
  });

  it('refuses one about another patient', () => {
    assert.throws(
      () => {
        checkRead(verified(), 'log', { ...hospital, patient: 'b'.repeat(32) }, ISSUED);
      },
      { code: 'PERMISSION_DENIED', details: { reason: 'OTHER_PATIENT' } },
    );
  });

  it('refuses one for another custodian, another thing, or of another kind', () => {
    assert.throws(
      () => {
        checkRead(verified(), 'log', { ...hospital, mspId: 'OtherMSP' }, ISSUED);
      },
      { code: 'PERMISSION_DENIED' },
    );
    assert.throws(
      () => {
        checkRead(verified(), 'consents', hospital, ISSUED);
      },
      { code: 'INVALID_ARGUMENT' },
    );
    const { statement } = verifyStatement(signed(consent()), keys, ISSUED);
    assert.throws(
      () => {
        checkRead(statement, 'log', hospital, ISSUED);
      },
      { code: 'INVALID_ARGUMENT' },
    );
  });

  it('refuses an encryption key that is no point of the curve', () => {
    const encryptionKey = { ...stranger.entry.jwk, x: 'A'.repeat(43) };
    const error = refused(signed(read({ body: { what: 'log', encryptionKey } })), 'INVALID_ARGUMENT');
    assert.equal(error.details.path, 'statement.body.encryptionKey');
  });
});

describe('keys and handles', () => {
  it('computes the thumbprint of RFC 7638 from the required members alone', () => {
    // The EC key of RFC 7517 appendix A.1; its thumbprint computed independently with openssl.
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
      y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
    } as const;
    assert.equal(thumbprint({ ...jwk }), 'cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s');
  });

  it('refuses a private key without quoting it', () => {
    const jwk = { ...patient.privateKey.export({ format: 'jwk' }) };
    assert.throws(
      () => checkPublicJwk(jwk, 'input.keys[0].jwk'),
      (error: VitaledgerError) =>
        error.message.includes('private key') && !error.message.includes(jwk.d ?? ''),
    );
  });

  it("hashes a secret's bytes into its handle", () => {
    // SHA-256 of 32 zero bytes.
    assert.equal(
      handleOf('0'.repeat(64)),
      '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925',
    );
    assert.throws(() => handleOf('0'.repeat(63)), { code: 'INVALID_ARGUMENT' });
  });
});
