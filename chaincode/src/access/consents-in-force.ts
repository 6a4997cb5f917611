import {
  addressedLink,
  VitaledgerError,
  verifyStatement,
  type ConsentTerms,
  type PatientHead,
} from '@vitaledger/domain';

/**
 * The terms of the consents in a patient head, read anew from the statements that the patient signed: a decision never
 * rests on anything but those. Each is verified as of the instant at which it was accepted, so that it outlives its key.
 *
 * @param mspId the custodian.
 * @param without revocation handles of consents that no longer count.
 * @throws VitaledgerError `INTEGRITY` if the head holds what the patient did not sign, or signed for another custodian or about another patient.
 */
export function consentsInForce(
  head: PatientHead,
  mspId: string,
  without?: ReadonlyMap<string, unknown>,
): readonly ConsentTerms[] {
  return head.consents
    .filter(({ handle }) => !without?.has(handle))
    .map(({ jws, from }) => signedTerms(jws, head, mspId, from));
}

function signedTerms(jws: string, head: PatientHead, mspId: string, acceptedAt: string): ConsentTerms {
  try {
    const { statement } = verifyStatement(jws, head.keys, acceptedAt);
    addressedLink(statement, { mspId, patient: head.patient });
    if (statement.kind === 'consent') return statement.body;
  } catch (error) {
    if (!(error instanceof VitaledgerError)) throw error;
  }
  throw new VitaledgerError(
    'INTEGRITY',
    'A consent in the patient head is not what the patient signed; the custodian must restore its peer.',
    { reason: 'STORED_CONSENT_ALTERED' },
  );
}
