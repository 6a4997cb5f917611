import type { ConsentProvision } from 'fhir/r4';
import { includesSensitivity } from '../decision/labels.js';
import { includesPurpose } from '../decision/purposes.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { SYSTEMS } from '../records/coding.js';
import type { DelegatedAct } from '../statements/bodies.js';
import type { ReadSubject, Statement } from '../statements/statement.js';
import { thumbprint } from '../statements/jwk.js';
import type { SigningKey } from '../statements/verify.js';
import type { ActiveDelegation, Delegate, PatientHead } from './head.js';

/**
 * Every key that may sign about this patient: the patient's own, and those of delegates.
 *
 * @param revoked public handles that are revoked: their delegations count no more. Only evaluated functions know them.
 */
export function signersOf(head: PatientHead, revoked?: ReadonlyMap<string, unknown>): readonly SigningKey[] {
  const delegates = (head.delegations ?? []).filter(({ handle }) => !revoked?.has(handle));
  return [...head.keys, ...delegates.map(keyOfDelegate)];
}

function keyOfDelegate({ delegation, jwk, from, to }: ActiveDelegation): SigningKey {
  return { kid: thumbprint(jwk), jwk, use: 'sig', from, ...(to === undefined ? {} : { to }), delegation };
}

/** Who signed in the patient's place, as it is kept beside what they signed; undefined for the patient. */
export function delegateOf(head: PatientHead, signer: SigningKey): Delegate | undefined {
  const found = delegationOf(head, signer);
  if (!found) return undefined;
  const { delegation, relationship, jwk, from, handle, hidden } = found;
  return { delegation, relationship, jwk, from, handle, ...(hidden === undefined ? {} : { hidden }) };
}

/** The key of what a delegate signed, for verifying it again later. */
export function signerOf({ delegation, jwk, from }: Delegate): SigningKey {
  return { kid: thumbprint(jwk), jwk, use: 'sig', from, delegation };
}

/** What is signed, as far as it matters to whether the signer may. */
export interface Intent {
  readonly kind: Statement['kind'];
  /** Of a consent. */
  readonly provision?: ConsentProvision;
  /** Of a read. */
  readonly what?: ReadSubject;
}

/**
 * Checks that the signer may do this for the patient. A delegate: within the acts and purposes of the delegation, and never
 * delegating on, so that there are no chains or cycles of delegation. The patient: not in the guardian's place, as
 * long as there is one.
 *
 * @throws VitaledgerError `PERMISSION_DENIED`.
 */
export function checkMandate(head: PatientHead, signer: SigningKey, intent: Intent, instant: string): void {
  const delegation = delegationOf(head, signer);
  if (delegation) checkDelegate(delegation, intent);
  else checkCapacity(head, intent, instant);
}

function delegationOf({ delegations = [] }: PatientHead, signer: SigningKey): ActiveDelegation | undefined {
  if (signer.delegation === undefined) return undefined;
  const found = delegations.find(({ delegation }) => delegation === signer.delegation);
  if (!found) throw denied('The delegation has ended', 'DELEGATION_ENDED');
  return found;
}

/** The acts of which one is needed; none lets a delegate do it. */
const ACTS: Readonly<Record<Exclude<Statement['kind'], 'read'>, readonly DelegatedAct[]>> = {
  consent: ['consent'],
  restriction: ['consent'],
  objection: ['consent'],
  'opt-out': ['consent'],
  withdrawal: ['consent'],
  link: ['consent'],
  keys: ['recover'],
  delegation: [],
  notification: [],
};

const READS: Readonly<Record<ReadSubject, readonly DelegatedAct[]>> = {
  log: ['log'],
  records: ['records'],
  consents: ['consent', 'log', 'recover'],
  history: ['log'],
  notice: ['log'],
  'notification-key': ['log'],
  // They may tell of services that are hidden from a guardian.
  rectifications: [],
  links: ['log'],
  'care-teams': ['consent', 'log'],
};

function checkDelegate({ acts, purposes }: ActiveDelegation, { kind, what, provision }: Intent): void {
  const needed = kind === 'read' ? READS[what ?? 'log'] : ACTS[kind];
  if (!needed.some((act) => acts.includes(act))) {
    throw denied(
      'The delegation does not cover this; the patient can sign it, or a delegation that does',
      'NOT_DELEGATED',
    );
  }
  if (kind === 'consent' && purposes && !isWithin(provision, purposes)) {
    throw denied('The delegation does not cover every purpose of this consent', 'PURPOSE_NOT_DELEGATED');
  }
}

/** Whether a consent speaks of nothing but these purposes; its exceptions cannot reach beyond its root. */
function isWithin(provision: ConsentProvision | undefined, purposes: readonly string[]): boolean {
  const named = provision?.purpose ?? [];
  return (
    named.length > 0 &&
    named.every(({ code = '' }) => purposes.some((purpose) => includesPurpose(purpose, code)))
  );
}

/**
 * Where a guardian decides, the patient signs alone what the law lets them decide alone: consents that are limited to
 * the sensitivities hidden from the guardian. What only narrows (prohibitions, withdrawing one's own word) stays the patient's.
 */
function checkCapacity(
  { delegations = [] }: PatientHead,
  { kind, provision }: Intent,
  instant: string,
): void {
  if (kind !== 'consent' && kind !== 'delegation') return;
  const guardian = delegations.find(
    ({ relationship, from, to }) =>
      relationship === 'guardian' && from <= instant && (to === undefined || instant < to),
  );
  if (!guardian) return;
  if (kind === 'consent' && provision && isWithinLabels(provision, guardian.hidden ?? [])) return;
  throw denied(
    'A guardian acts for this patient; alone the patient consents to what is limited to the labels of their own decision',
    'GUARDIAN_DECIDES',
  );
}

function isWithinLabels(
  { securityLabel = [], provision = [] }: ConsentProvision,
  hidden: readonly string[],
): boolean {
  const isOwn = securityLabel.every(
    ({ system, code = '' }) =>
      system === SYSTEMS.sensitivity && hidden.some((label) => includesSensitivity(label, code)),
  );
  // An exception of the same type would add data beyond the root's labels.
  return securityLabel.length > 0 && isOwn && provision.every(({ type }) => type === 'deny');
}

function denied(message: string, reason: string): VitaledgerError {
  return new VitaledgerError('PERMISSION_DENIED', message, { reason });
}
