import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { ConsentProvision } from 'fhir/r4';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { handleOf } from '../statements/handle.js';
import { type PublicJwk, thumbprint } from '../statements/jwk.js';
import { patientMark } from '../statements/patient-mark.js';
import type { ConsentBody } from '../statements/statement.js';
import type { VerifiedStatement } from '../statements/verify.js';
import { closeConsent, grantConsent } from './consents.js';
import { MAX_CONSENT_AGE_MS } from './head-change.js';
import { enrolHead, validateEnrolment } from './enrolment.js';
import { MAX_HEAD_BYTES, type PatientHead } from './head.js';

const INSTANT = '2026-03-01T12:00:00.000Z';
const SECRET = '5'.repeat(64);
const change = { instant: INSTANT, salt: '1'.repeat(32) };

function publicJwk(): PublicJwk {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'jwk',
  });
  return { crv: 'P-256', kty: 'EC', x, y };
}

const jwk = publicJwk();
const enrolment = {
  patient: 'a'.repeat(32),
  keys: [{ jwk, use: 'sig' as const }],
  jurisdiction: 'US-CA',
  notificationKey: 'f'.repeat(64),
  salt: '0'.repeat(32),
};
const enrolled = enrolHead(enrolment, INSTANT);

interface Terms {
  readonly provision?: ConsentProvision;
  readonly body?: Partial<ConsentBody>;
}

/** A statement as verification returns it, next in the head's chain. */
function verified(
  head: PatientHead,
  { provision = { type: 'permit' }, body = {} }: Terms = {},
): VerifiedStatement {
  return {
    signer: { kid: thumbprint(jwk), jwk, use: 'sig', from: INSTANT },
    digest: (head.sequence + 1).toString(16).padStart(64, '0'),
    statement: {
      version: 1,
      kind: 'consent',
      issuer: thumbprint(jwk),
      issued: INSTANT,
      custodians: {
        HospitalMSP: {
          patient: patientMark(head.patient),
          sequence: head.sequence + 1,
          previous: head.previous,
        },
      },
      body: {
        consent: 'c'.repeat(32),
        version: 1,
        handle: handleOf(SECRET),
        provision,
        text: { digest: 'e'.repeat(64), language: 'en' },
        ...body,
      },
    },
  };
}

function grant(head: PatientHead, terms: Terms = {}, jws = 'h.p.s'): PatientHead {
  return grantConsent(head, jws, verified(head, terms), 'HospitalMSP', change);
}

const second = { consent: 'd'.repeat(32), handle: handleOf('6'.repeat(64)) };

describe('enrolment', () => {
  it('makes the first head, with keys by thumbprint that are valid from then on', () => {
    assert.deepEqual(enrolled, {
      patient: 'a'.repeat(32),
      keys: [{ kid: thumbprint(jwk), jwk, use: 'sig', from: INSTANT }],
      jurisdiction: 'US-CA',
      consents: [],
      notificationKey: 'f'.repeat(64),
      sequence: 0,
      previous: null,
      version: 1,
      salt: '0'.repeat(32),
    });
    const ageOut = '2031-01-01T00:00:00.000Z';
    assert.equal(enrolHead({ ...enrolment, ageOut }, INSTANT).ageOut, ageOut);
  });

  const examples: readonly (readonly [string, object, string])[] = [
    ['a short salt', { salt: '0'.repeat(30) }, 'input.salt'],
    ['no notification key', { notificationKey: undefined }, 'input.notificationKey'],
    ['a short notification key', { notificationKey: 'f'.repeat(32) }, 'input.notificationKey'],
    ['a patient id that is not random bits', { patient: 'JaneDoe' }, 'input.patient'],
    ['no signing key', { keys: [{ jwk, use: 'enc' }] }, 'input.keys'],
    [
      'one key for two uses',
      {
        keys: [
          { jwk, use: 'sig' },
          { jwk, use: 'enc' },
        ],
      },
      'input.keys',
    ],
    ['a point off the curve', { keys: [{ jwk: { ...jwk, x: jwk.y }, use: 'sig' }] }, 'input.keys[0].jwk'],
    ['a private key', { keys: [{ jwk: { ...jwk, d: jwk.x }, use: 'sig' }] }, 'input.keys[0].jwk'],
    [
      'a key of another curve',
      { keys: [{ jwk: { ...jwk, crv: 'P-384' }, use: 'sig' }] },
      'input.keys[0].jwk.crv',
    ],
    ['a birth date', { birthDate: '1970-01-01' }, 'input'],
    ['an age-out date without time', { ageOut: '2031-01-01' }, 'input.ageOut'],
  ];
  for (const [what, changes, path] of examples) {
    it(`refuses ${what}, naming the path`, () => {
      assert.throws(
        () => validateEnrolment({ ...enrolment, ...changes }),
        (error) => error instanceof VitaledgerError && error.details.path === path,
      );
    });
  }

  it('accepts a patient without any key, who decides on paper or by a guardian', () => {
    assert.deepEqual(enrolHead(validateEnrolment({ ...enrolment, keys: [] }), INSTANT).keys, []);
  });

  it('accepts what the head is made of', () => {
    assert.deepEqual(validateEnrolment(enrolment), enrolment);
  });
});

describe('grantConsent', () => {
  it('puts the signed statement in force, in the chain, under a new salt', () => {
    const head = grant(enrolled, { provision: { type: 'permit', period: { end: '2026-12-31' } } });
    assert.deepEqual(head.consents, [
      {
        consent: 'c'.repeat(32),
        version: 1,
        jws: 'h.p.s',
        handle: handleOf(SECRET),
        from: INSTANT,
        to: '2026-12-31T23:59:59.999Z',
      },
    ]);
    assert.equal(head.sequence, 1);
    assert.equal(head.previous, '1'.padStart(64, '0'));
    assert.equal(head.version, 2);
    assert.match(head.salt, /^[0-9a-f]{64}$/);
    const another = grantConsent(
      { ...enrolled, salt: '2'.repeat(32) },
      'h.p.s',
      verified(enrolled),
      'HospitalMSP',
      change,
    );
    assert.notEqual(head.salt, another.salt, 'who sends the salt does not know what is stored');
    assert.deepEqual(enrolled.consents, [], 'the old head is not changed');
  });

  it('refuses a statement that a relay held back for more than seven days', () => {
    const after = (milliseconds: number) => {
      const instant = new Date(Date.parse(INSTANT) + milliseconds).toISOString();
      return grantConsent(enrolled, 'h.p.s', verified(enrolled), 'HospitalMSP', { ...change, instant });
    };
    assert.equal(after(MAX_CONSENT_AGE_MS).sequence, 1);
    assert.throws(() => after(MAX_CONSENT_AGE_MS + 1), {
      code: 'EXPIRED',
      details: { reason: 'STATEMENT_TOO_OLD' },
    });
  });

  it('keeps other consents beside it', () => {
    const head = grant(grant(enrolled), { body: second });
    assert.deepEqual(
      head.consents.map(({ consent }) => consent),
      ['c'.repeat(32), second.consent],
    );
  });

  it('replaces the version that the new one names', () => {
    const body = {
      version: 2,
      handle: handleOf('7'.repeat(64)),
      replaces: { consent: 'c'.repeat(32), version: 1 },
    };
    const head = grant(grant(enrolled), { body });
    assert.deepEqual(
      head.consents.map(({ version }) => version),
      [2],
    );
  });

  it('replaces another consent that the new one names', () => {
    const body = { ...second, replaces: { consent: 'c'.repeat(32), version: 1 } };
    assert.deepEqual(
      grant(grant(enrolled), { body }).consents.map(({ consent }) => consent),
      [second.consent],
    );
  });

  it('takes consents out whose period has ended', () => {
    const old = grant(enrolled, { provision: { type: 'permit', period: { end: '2026-04' } } });
    const later = { ...change, instant: '2026-05-01T00:00:00.000Z' };
    const { digest, signer, statement } = verified(old, { body: second });
    const signedThen = { digest, signer, statement: { ...statement, issued: later.instant } };
    const head = grantConsent(old, 'h.p.s', signedThen, 'HospitalMSP', later);
    assert.deepEqual(
      head.consents.map(({ consent }) => consent),
      [second.consent],
    );
  });

  const refusals: readonly (readonly [string, Terms, object])[] = [
    ['the same version again', {}, { reason: 'VERSION_NOT_NEWER' }],
    ['a new version that names none', { body: { version: 2 } }, { reason: 'REPLACES_OTHER_VERSION' }],
    [
      'a new version that names another version',
      { body: { version: 3, replaces: { consent: 'c'.repeat(32), version: 2 } } },
      { reason: 'REPLACES_OTHER_VERSION' },
    ],
    [
      'a new version with the handle of the one before',
      { body: { version: 2, replaces: { consent: 'c'.repeat(32), version: 1 } } },
      { reason: 'HANDLE_IN_USE' },
    ],
    ['the handle of another consent', { body: { consent: second.consent } }, { reason: 'HANDLE_IN_USE' }],
  ];
  for (const [what, terms, details] of refusals) {
    it(`refuses ${what}`, () => {
      const head = grant(enrolled);
      assert.throws(() => grant(head, terms), { code: 'CONFLICT', details });
    });
  }

  it('refuses a consent whose period has ended already', () => {
    const provision = { type: 'permit' as const, period: { end: '2026-02' } };
    assert.throws(() => grant(enrolled, { provision }), { code: 'INVALID_ARGUMENT' });
  });

  it('refuses a provision that the engine does not know, with its path in the statement', () => {
    const provision = { type: 'permit', provision: [{}] } as ConsentProvision;
    assert.throws(() => grant(enrolled, { provision }), {
      code: 'INVALID_ARGUMENT',
      details: { path: 'statement.body.provision.provision[0].type' },
    });
  });

  it('refuses a head above 64 KB', () => {
    const head = grant(enrolled, {}, 'x'.repeat(MAX_HEAD_BYTES - 2000));
    assert.throws(() => grant(head, { body: second }, 'x'.repeat(2000)), {
      code: 'PRECONDITION_FAILED',
      details: { reason: 'HEAD_TOO_LARGE', limit: MAX_HEAD_BYTES },
    });
  });
});

describe('closeConsent', () => {
  const head = grant(grant(enrolled), { body: second });

  it('takes the consent out, by its secret, and leaves the chain as it is', () => {
    const closed = closeConsent(head, 'c'.repeat(32), SECRET, change);
    assert.deepEqual(
      closed.consents.map(({ consent }) => consent),
      [second.consent],
    );
    assert.deepEqual(
      [closed.sequence, closed.previous, closed.version],
      [head.sequence, head.previous, head.version + 1],
    );
  });

  it("refuses another secret, and another consent's", () => {
    for (const secret of ['7'.repeat(64), '6'.repeat(64)]) {
      assert.throws(() => closeConsent(head, 'c'.repeat(32), secret, change), { code: 'PERMISSION_DENIED' });
    }
  });

  it('says when no such consent is in force', () => {
    assert.throws(() => closeConsent(enrolled, 'c'.repeat(32), SECRET, change), { code: 'NOT_FOUND' });
  });
});
