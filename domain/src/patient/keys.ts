import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import type { KeysBody } from '../statements/bodies.js';
import { thumbprint } from '../statements/jwk.js';
import { kidOf } from '../statements/jws.js';
import { MAX_KEYS } from './enrolment.js';
import type { PatientHead, PatientKeyEntry } from './head.js';

/**
 * The head with other keys: the new ones valid from `instant` on, the retired ones until then. A retired key stays as long as
 * something in force was signed with it, so that consents outlive it.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` for a key that is or was here, a retired one that is not in use, or if no signing key were left.
 */
export function changeKeys(
  head: PatientHead,
  { add, retire }: KeysBody,
  origin: Exclude<PatientKeyEntry['origin'], undefined>,
  instant: string,
): PatientHead {
  const current = head.keys.filter(({ to }) => to === undefined).map(({ kid }) => kid);
  const leaving = retire === 'all' ? current : retire;
  if (!leaving.every((kid) => current.includes(kid))) {
    throw invalid('statement.body.retire', 'must name keys that are in use here');
  }
  const added = add.map(({ jwk, use }): PatientKeyEntry => ({
    kid: thumbprint(jwk),
    jwk,
    use,
    from: instant,
    origin,
  }));
  refuseKnown(head, added);
  const keys = [
    ...head.keys.map((key) => (leaving.includes(key.kid) ? { ...key, to: instant } : key)),
    ...added,
  ].filter((key) => key.to === undefined || isNeeded(head, key));
  if (!keys.some(({ use, to }) => use === 'sig' && to === undefined)) {
    throw invalid(
      'statement.body.add',
      'must leave a key of use sig: without one the patient can sign nothing',
    );
  }
  if (keys.length > MAX_KEYS) {
    throw new VitaledgerError('PRECONDITION_FAILED', `A patient has at most ${MAX_KEYS} keys; retire some`, {
      reason: 'TOO_MANY_KEYS',
    });
  }
  return { ...head, keys };
}

/** A key that was here before, or is a delegate's, does not come (back) as the patient's. */
function refuseKnown({ keys, delegations = [] }: PatientHead, added: readonly PatientKeyEntry[]): void {
  const known = [...keys.map(({ kid }) => kid), ...delegations.map(({ jwk }) => thumbprint(jwk))];
  const kids = added.map(({ kid }) => kid);
  if (new Set(kids).size !== kids.length || kids.some((kid) => known.includes(kid))) {
    throw invalid('statement.body.add', 'must be keys that are not known here yet, each once');
  }
}

function isNeeded({ consents, prohibitions = [] }: PatientHead, { kid }: PatientKeyEntry): boolean {
  return [...consents, ...prohibitions].some(({ jws }) => jws !== undefined && kidOf(jws) === kid);
}
