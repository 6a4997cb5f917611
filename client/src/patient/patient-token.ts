import { isDigest, isId, isMspId, VitaledgerError } from '@vitaledger/domain';

/**
 * What a patient hands over so that somebody can ask one custodian about them. It opens nothing by itself: the custodian
 * still decides by the patient's consents. Custodians know a patient by different ids.
 */
export interface PatientToken {
  /** MSP id. */
  readonly custodian: string;
  /** The patient's id at this custodian: 128 bits, hexadecimal. */
  readonly patient: string;
}

const prefix = 'vitaledger';

/** The token as text, for a QR code or a link. */
export function formatToken(token: PatientToken): string {
  return [prefix, token.custodian, token.patient].join(':');
}

/** @throws VitaledgerError `INVALID_ARGUMENT` when the text is not a patient token */
export function parseToken(text: string): PatientToken {
  const [head, custodian, patient, ...rest] = text.trim().split(':');
  if (head !== prefix || rest.length > 0 || !isMspId(custodian) || !isId(patient)) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      'This is not a patient token; it reads vitaledger:<custodian>:<32 hexadecimal digits>',
    );
  }
  return { custodian, patient };
}

/** What revokes one consent: on the slip that a patient without a device is given. */
export interface RevocationSlip {
  readonly consent: string;
  /** 64 hexadecimal digits. */
  readonly secret: string;
}

const revocationPrefix = 'vitaledger-revocation';

/** The slip as text, for print or a QR code. Whoever has it can revoke this consent and nothing else; any member relays it. */
export function formatRevocation({ consent, secret }: RevocationSlip): string {
  return [revocationPrefix, consent, secret].join(':');
}

/** @throws VitaledgerError `INVALID_ARGUMENT` when the text is not such a slip's */
export function parseRevocation(text: string): RevocationSlip {
  const [head, consent, secret, ...rest] = text.trim().split(':');
  if (head !== revocationPrefix || rest.length > 0 || !isId(consent) || !isDigest(secret)) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      'This is not a revocation slip; it reads vitaledger-revocation:<32 hexadecimal digits>:<64 hexadecimal digits>',
    );
  }
  return { consent, secret };
}
