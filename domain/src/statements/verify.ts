import { verify } from 'node:crypto';
import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import { canonicalJson, digestOf } from '../json/canonical.js';
import { parseJson } from '../json/parse.js';
import { frozen, Recent } from '../json/recent.js';
import type { PatientKeyEntry } from '../patient/head.js';
import { publicKeyOf } from './jwk.js';
import { KnownSignatures } from './known-signatures.js';
import { type JwsParts, splitJws, statementHeader } from './jws.js';
import { addressedLink, type Addressee } from './patient-mark.js';
import { type ReadStatement, type Statement, validateStatement } from './statement.js';

/** A key that may sign: the patient's own, or (with `delegation`) a delegate's. */
export type SigningKey = PatientKeyEntry & { readonly delegation?: string };

/** A statement whose signature, key, form and times were found good. */
export interface VerifiedStatement {
  readonly statement: Statement;
  readonly signer: SigningKey;
  /** What the next statement of the chain names as `previous`. */
  readonly digest: string;
}

/** How far a device's clock may run ahead of the ledger's. */
export const MAX_ISSUED_AHEAD_MS = 5 * 60 * 1000;
/** How old a `read` statement may be. */
export const MAX_READ_AGE_MS = 5 * 60 * 1000;

/**
 * Verifies a signed statement (RFC 7515, ES256) against the patient's keys.
 *
 * The key must be valid both when the statement says it was issued and at `at`: a key taken out of service cannot
 * sign a statement dated back. `at` is the instant at which the statement is (or was) accepted: for a new one the
 * transaction's, for one in the head the entry's `from`, so that a consent outlives the rotation of its key.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` if it is malformed, not canonical, or issued in the future;
 * `PERMISSION_DENIED` if no valid key of the patient signed exactly these bytes.
 */
export function verifyStatement(jws: string, keys: readonly SigningKey[], at: string): VerifiedStatement {
  const before = readBefore.get(jws);
  const parts = before?.parts ?? splitJws(jws);
  const key = signingKey(parts, keys);
  checkSignature(parts, key);
  const { statement, digest } = before ?? readStatement(jws, parts);
  if (statement.issuer !== key.kid) throw invalid('statement.issuer', 'must be the signing key (kid)');
  checkTimes(statement, key, at);
  return { statement, digest, signer: key };
}

interface ReadBefore {
  readonly parts: JwsParts;
  readonly statement: Statement;
  readonly digest: string;
}

/** Statements of good form, so that those in a patient head are not read again and again: some kilobytes each. */
const readBefore = new Recent<ReadBefore>(1000);
/** The few that are longer are read each time. */
const LONGEST_REMEMBERED = 8 * 1024;

function readStatement(jws: string, parts: JwsParts): ReadBefore {
  const statement = frozen(validateStatement(canonicalPayload(parts)));
  const read = { parts, statement, digest: digestOf(parts.signingInput) };
  if (jws.length <= LONGEST_REMEMBERED) readBefore.set(jws, read);
  return read;
}

/** The key the header names. The header must be, byte for byte, the only one a statement can have. */
function signingKey(parts: JwsParts, keys: readonly SigningKey[]): SigningKey {
  const key = keys.find(
    ({ kid, use }) => use === 'sig' && parts.header === canonicalJson(statementHeader(kid)),
  );
  if (key) return key;
  const isForm = /^\{"alg":"ES256","kid":"[A-Za-z0-9_-]{43}","typ":"vitaledger-statement"\}$/.test(
    parts.header,
  );
  if (!isForm) {
    throw invalid('statement.header', 'must be exactly {"alg":"ES256","kid":…,"typ":"vitaledger-statement"}');
  }
  throw denied('The statement names a signing key that the patient has not enrolled here', 'UNKNOWN_KEY');
}

const known = new KnownSignatures();

function checkSignature({ signature, signingInput }: JwsParts, { jwk }: PatientKeyEntry): void {
  const verifies = (): boolean =>
    verify(
      'sha256',
      Buffer.from(signingInput, 'ascii'),
      { key: publicKeyOf(jwk), dsaEncoding: 'ieee-p1363' },
      signature,
    );
  const signed = `${signingInput}.${signature.toString('base64url')}`;
  const good = signature.length === 64 && known.isGood(`${jwk.x}.${jwk.y}`, signed, verifies);
  if (!good) {
    throw denied(
      'The signature does not belong to this statement and key: it was signed by another key or altered on the way',
      'BAD_SIGNATURE',
    );
  }
}

/** Canonical form is enforced on the bytes: two texts of one meaning (or duplicate members) cannot both be signed. */
function canonicalPayload(parts: JwsParts): unknown {
  const payload = parseJson(parts.payload, 'statement');
  let canonical: string | undefined;
  try {
    canonical = canonicalJson(payload);
  } catch {
    canonical = undefined; // such as a lone surrogate, which has no canonical form
  }
  if (canonical !== parts.payload) throw invalid('statement', 'must be canonical JSON (RFC 8785)');
  return payload;
}

function checkTimes(statement: Statement, key: PatientKeyEntry, at: string): void {
  if (Date.parse(statement.issued) - Date.parse(at) > MAX_ISSUED_AHEAD_MS) {
    throw invalid(
      'statement.issued',
      'must not lie in the future; set the clock of the device that signed it',
      {
        reason: 'ISSUED_IN_FUTURE',
      },
    );
  }
  // A device whose clock runs ahead must not outrun the start of its own key, nor lag behind it.
  const issuedWithin = isValidAt(key, statement.issued, MAX_ISSUED_AHEAD_MS);
  if (!issuedWithin || !isValidAt(key, at, 0)) {
    throw denied(
      'The key that signed the statement was not valid at that time; sign with a current key',
      'KEY_NOT_VALID',
    );
  }
}

function isValidAt(key: PatientKeyEntry, instant: string, toleranceMs: number): boolean {
  const time = Date.parse(instant);
  const started = Date.parse(key.from) - toleranceMs <= time;
  return started && (key.to === undefined || time < Date.parse(key.to));
}

function denied(message: string, reason: string): VitaledgerError {
  return new VitaledgerError('PERMISSION_DENIED', message, { reason });
}

/**
 * Checks that a `read` statement addresses this custodian, about this patient, and was signed within the last five minutes.
 *
 * @param now the peer's own clock: reads are evaluated.
 * @throws VitaledgerError `PERMISSION_DENIED`, `EXPIRED`, or `INVALID_ARGUMENT` for a statement of another kind.
 */
export function checkRead(
  statement: Statement,
  what: ReadStatement['body']['what'],
  addressee: Addressee,
  now: string,
): asserts statement is ReadStatement {
  if (statement.kind !== 'read' || statement.body.what !== what) {
    throw invalid('statement.body.what', `must be ${what}, in a statement of kind read`);
  }
  addressedLink(statement, addressee);
  const age = Date.parse(now) - Date.parse(statement.issued);
  if (age > MAX_READ_AGE_MS || age < -MAX_ISSUED_AHEAD_MS) {
    throw new VitaledgerError(
      'EXPIRED',
      'The statement was not signed within the last five minutes; sign a new one',
      {
        reason: 'READ_TOO_OLD',
      },
    );
  }
}
