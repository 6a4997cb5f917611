import { isId, isMspId, VitaledgerError } from '@vitaledger/domain';

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
