import {
  addressedLink,
  forbiddenBy,
  signerOf,
  VitaledgerError,
  verifyStatement,
  type ActiveConsent,
  type ConsentBody,
  type ConsentOrigin,
  type ConsentTerms,
  type Delegate,
  type PatientHead,
  type PatientKeyEntry,
  type ProhibitionTerms,
  type Statement,
} from '@vitaledger/domain';

/** Public handles that are revoked, with the instant of each. */
export type Revocations = ReadonlyMap<string, string>;

/**
 * The terms of the consents in a patient head, read anew from the statements that were signed: a decision never
 * rests on anything but those, and on what a registrar recorded and marked so. Each is verified as of the instant at which it was accepted, so
 * that it outlives its key.
 *
 * @param mspId the custodian.
 * @param revoked handles of consents that no longer count, and of delegations whose later consents do not.
 * @throws VitaledgerError `INTEGRITY` if the head holds what the patient did not sign, or signed for another custodian or about another patient.
 */
export function consentsInForce(
  head: PatientHead,
  mspId: string,
  revoked?: Revocations,
): readonly ConsentTerms[] {
  return head.consents
    .filter(({ handle, by, from }) => !revoked?.has(handle) && !isAfterItsEnd(from, by, revoked))
    .map((entry) => ({ ...bodyOf(entry, head, mspId), ...originOf(entry) }));
}

/** What the patient forbids, read anew in the same way. What a delegate forbade stays until it is lifted: it only narrows. */
export function prohibitionsInForce(
  head: PatientHead,
  mspId: string,
  revoked?: Revocations,
): readonly ProhibitionTerms[] {
  return (head.prohibitions ?? [])
    .filter(({ handle }) => !revoked?.has(handle))
    .map((entry) => {
      const statement = signed(entry, head, mspId);
      if (
        statement.kind !== 'restriction' &&
        statement.kind !== 'objection' &&
        statement.kind !== 'opt-out'
      ) {
        throw altered();
      }
      const { kind, body } = statement;
      const { prohibition, use = 'secondary-use' as const } = body;
      const terms = { prohibition, kind, provision: forbiddenBy(kind, body) };
      return kind === 'opt-out' ? { ...terms, optOut: use } : terms;
    });
}

/** What a consent in the head says, verified; undefined where nobody signed it because a registrar recorded it. */
export function signedConsent(
  entry: ActiveConsent,
  head: PatientHead,
  mspId: string,
): ConsentBody | undefined {
  return entry.recorded ? undefined : bodyOf(entry, head, mspId);
}

/** Every handle whose revocation changes what a head says. */
export function handlesOf({ consents, prohibitions = [], delegations = [] }: PatientHead): readonly string[] {
  const signed = [...consents, ...prohibitions].flatMap(({ handle, by }) =>
    by ? [handle, by.handle] : [handle],
  );
  return [...signed, ...delegations.map(({ handle }) => handle)];
}

/** Whether a delegate signed it after the delegation was revoked, before this custodian was told. */
function isAfterItsEnd(
  accepted: string,
  by: Delegate | undefined,
  revoked: Revocations | undefined,
): boolean {
  const ended = by && revoked?.get(by.handle);
  return ended !== undefined && accepted >= ended;
}

function bodyOf(
  entry: ActiveConsent,
  head: PatientHead,
  mspId: string,
): ConsentBody & Pick<ConsentTerms, 'issued'> {
  if (entry.recorded) return { ...entry.recorded.body, issued: entry.from };
  const statement = signed(entry, head, mspId);
  if (statement.kind !== 'consent') throw altered();
  return { ...statement.body, issued: statement.issued };
}

function originOf({ by, recorded }: ActiveConsent): ConsentOrigin {
  return {
    ...(recorded ? { recorded: recorded.source } : {}),
    ...(by ? { delegation: { id: by.delegation, relationship: by.relationship } } : {}),
    ...(by?.hidden ? { withheld: by.hidden } : {}),
  };
}

interface SignedEntry {
  readonly jws?: string;
  readonly by?: Delegate;
  readonly from: string;
}

function signed({ jws, by, from }: SignedEntry, head: PatientHead, mspId: string): Statement {
  if (jws === undefined) throw altered();
  try {
    const { statement } = verifyStatement(jws, by ? [signerOf(by)] : everKeys(head), from);
    addressedLink(statement, { mspId, patient: head.patient });
    return statement;
  } catch (error) {
    if (!(error instanceof VitaledgerError)) throw error;
  }
  throw altered();
}

/**
 * The patient's keys, also those that have been retired. Whether one was valid was checked when the statement was accepted, and what was accepted
 * before a rotation is older by the chain, whatever instants the relays of both claimed.
 */
function everKeys({ keys }: PatientHead): readonly PatientKeyEntry[] {
  return keys.map(({ kid, jwk, use, from }) => ({ kid, jwk, use, from }));
}

function altered(): VitaledgerError {
  return new VitaledgerError(
    'INTEGRITY',
    'A consent in the patient head is not what the patient signed; the custodian must restore its peer.',
    { reason: 'STORED_CONSENT_ALTERED' },
  );
}
