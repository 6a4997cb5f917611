/** 128 random bits, lower-case hexadecimal: the id of a patient, record or consent. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

/** At least 128 random bits (at most 512), hexadecimal. */
export function isSalt(value: unknown): value is string {
  return typeof value === 'string' && SALT.test(value);
}

/** A SHA-256 digest, a revocation handle or a 256-bit secret: 64 lower-case hexadecimal digits. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value);
}

/** ISO 8601 in UTC with milliseconds, `2026-03-01T12:00:00.000Z`, and a day that exists. */
export function isInstant(value: unknown): value is string {
  if (typeof value !== 'string' || !INSTANT.test(value)) return false;
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toISOString() === value;
}

/** A Fabric MSP id as this consortium allows it: letters, digits, dots and dashes, at most 64. */
export function isMspId(value: unknown): value is string {
  return typeof value === 'string' && MSP_ID.test(value);
}

/** A pseudonym that an organization gives a person or service: 1 to 128 characters of letters, digits, `.`, `_`, `:`, `-`. */
export function isSubject(value: unknown): value is string {
  return typeof value === 'string' && SUBJECT.test(value);
}

/** ISO 3166-1 alpha-2, with an ISO 3166-2 subdivision where the law differs by it: `DE`, `US-CA`, `CA-ON`. */
export function isJurisdiction(value: unknown): value is string {
  return typeof value === 'string' && JURISDICTION.test(value);
}

const ID = /^[0-9a-f]{32}$/;
const SALT = /^(?:[0-9a-f]{2}){16,64}$/i;
const DIGEST = /^[0-9a-f]{64}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const MSP_ID = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;
const SUBJECT = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const JURISDICTION = /^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/;
