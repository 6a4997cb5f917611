import type { ConsentProvision } from 'fhir/r4';
import { validateConsent } from '../decision/provision.js';
import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import { spanOf } from '../records/dates.js';
import { acceptInChain } from '../statements/chain.js';
import { baseRule } from '../decision/consent-answer.js';
import { handleOf } from '../statements/handle.js';
import type { ConsentBody } from '../statements/statement.js';
import type { VerifiedStatement } from '../statements/verify.js';
import { checkCareTeams } from './care-teams.js';
import { type HeadChange, refuseStale, rewritten } from './head-change.js';
import type { ActiveConsent, PatientHead } from './head.js';
import { checkMandate, delegateOf } from './mandate.js';
import { takeOut } from './withdrawal.js';

/**
 * The head after a consent statement is accepted: in the chain, in force, in place of the version it replaces.
 * Consents whose period has ended leave the head; their signed originals stay in their own keys.
 *
 * @param verified what {@link verifyStatement} returned for `jws` at `change.instant`.
 * @param mspId the custodian.
 * @throws VitaledgerError `PERMISSION_DENIED`, `CONFLICT` (chain, version), `INVALID_ARGUMENT` (provision),
 * `EXPIRED` (signed too long ago), `PRECONDITION_FAILED` (head too large).
 */
export function grantConsent(
  head: PatientHead,
  jws: string,
  verified: VerifiedStatement,
  mspId: string,
  change: HeadChange,
): PatientHead {
  const chain = acceptInChain(head, verified, mspId);
  const { statement, signer } = verified;
  if (statement.kind !== 'consent') throw invalid('statement.kind', 'must be consent');
  refuseStale(statement.issued, change.instant);
  const { body } = statement;
  validateConsent(body, 'statement.body');
  checkMandate(head, signer, { kind: 'consent', provision: body.provision }, change.instant);
  const by = delegateOf(head, signer);
  return putInForce(
    { ...head, ...chain },
    body,
    { jws, ...(by === undefined ? {} : { by }) },
    { ...change, mspId },
  );
}

/**
 * The head with a consent in force, in place of the version it replaces.
 *
 * @param evidence the statement that was signed, or what a registrar recorded.
 * @param change `mspId`: the custodian.
 */
export function putInForce(
  head: PatientHead,
  body: ConsentBody,
  evidence: Pick<ActiveConsent, 'jws' | 'by' | 'recorded'>,
  { instant, salt, mspId }: HeadChange & { readonly mspId: string },
): PatientHead {
  const to = lastInstant(body.provision);
  if (to !== undefined && to < instant) {
    throw invalid('statement.body.provision.period.end', 'must not lie in the past', {
      reason: 'CONSENT_EXPIRED',
    });
  }
  checkCareTeams(head, mspId, body.provision, { base: baseRule(body), path: 'statement.body.provision' });
  const kept = head.consents.filter((entry) => isKept(entry, body, instant));
  refuseUsedHandle(head, body.handle);
  const { consent, version, handle } = body;
  const entry: ActiveConsent = {
    consent,
    version,
    ...evidence,
    handle,
    from: instant,
    ...(to === undefined ? {} : { to }),
  };
  return rewritten({ ...head, consents: [...kept, entry] }, salt);
}

/**
 * Each thing in force has a handle of its own, also the version that is being replaced: revoking the one must not revoke
 * the other.
 */
export function refuseUsedHandle(head: PatientHead, handle: string): void {
  const inForce = [...head.consents, ...(head.prohibitions ?? []), ...(head.delegations ?? [])];
  if (inForce.some((entry) => entry.handle === handle)) {
    throw new VitaledgerError(
      'CONFLICT',
      'Something else in force has this revocation handle; each needs its own',
      { reason: 'HANDLE_IN_USE' },
    );
  }
}

/** Whether an entry stays beside the new consent: it is another one, and its period has not ended. */
function isKept(entry: ActiveConsent, body: ConsentBody, instant: string): boolean {
  const isReplaced = entry.consent === body.consent || entry.consent === body.replaces?.consent;
  if (isReplaced) checkReplacement(entry, body);
  return !isReplaced && (entry.to === undefined || entry.to >= instant);
}

/** A replacement must be newer and must name the version it was signed against. */
function checkReplacement(entry: ActiveConsent, { consent, version, replaces }: ConsentBody): void {
  if (entry.consent === consent && version <= entry.version) {
    throw new VitaledgerError(
      'CONFLICT',
      'This version of the consent, or a later one, is already in force',
      {
        reason: 'VERSION_NOT_NEWER',
      },
    );
  }
  if (replaces?.consent !== entry.consent || replaces.version !== entry.version) {
    throw new VitaledgerError('CONFLICT', 'The statement must name the version in force that it replaces', {
      reason: 'REPLACES_OTHER_VERSION',
    });
  }
}

/**
 * The head after a consent, a prohibition or a delegation is closed: taken out, because its revocation secret is presented.
 *
 * @throws VitaledgerError `NOT_FOUND` if nothing of this id is in force; `PERMISSION_DENIED` if the secret is not its own.
 */
export function closeConsent(head: PatientHead, id: string, secret: string, change: HeadChange): PatientHead {
  const handle = handleOf(secret);
  const { entry, rest } = takeOut(head, id);
  if (entry.handle !== handle) {
    throw new VitaledgerError('PERMISSION_DENIED', 'The secret is not the one of this consent', {
      reason: 'WRONG_SECRET',
    });
  }
  return rewritten(rest, change.salt);
}

/** The last millisecond of the root provision's period. */
function lastInstant(provision: ConsentProvision): string | undefined {
  const end = provision.period?.end;
  const last = end === undefined ? undefined : spanOf(end)?.last;
  return last === undefined ? undefined : new Date(last).toISOString();
}
