import {
  forbiddenBy,
  parseJson,
  splitJws,
  validateStatement,
  VitaledgerError,
  type ActiveConsent,
  type ActiveDelegation,
  type ActiveProhibition,
  type CareTeam,
  type ChainState,
  type ConsentBody,
  type ConsentTerms,
  type MergedEntry,
  type PatientKeyEntry,
  type Statement,
  type WhatIf,
} from '@vitaledger/domain';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import type { OperationOptions, Session } from '../session/session.js';

/** What a custodian holds of a patient's decisions, and where the chain of statements stands. */
export interface HeldConsents extends ChainState {
  readonly consents: readonly ActiveConsent[];
  /** Restrictions, objections and opt-outs. */
  readonly prohibitions?: readonly ActiveProhibition[];
  readonly delegations?: readonly ActiveDelegation[];
  /** Other entries of the same person there: what is forbidden in one holds for all. */
  readonly merged?: readonly MergedEntry[];
  /** The patient's care teams there, which consents may name. */
  readonly careTeams?: readonly CareTeam[];
  readonly keys?: readonly PatientKeyEntry[];
}

/** Asks a custodian, by the signed request of the patient or a delegate, and brings the key's memory of the chain up to date. */
export async function readHeld(
  session: Session,
  token: PatientToken,
  key: PatientKey,
  options: OperationOptions,
): Promise<HeldConsents> {
  const { custodian, patient } = token;
  const statement = await key.readStatement({ ...token, what: 'consents' });
  const call = { function: 'ConsentContract:list', custodian, input: { patient, statement } };
  const jwe = await session.channel('care').evaluate(call, options);
  const held = (await key.decrypt(new TextDecoder().decode(jwe))) as HeldConsents;
  key.heard(token, { sequence: held.sequence, previous: held.previous });
  return held;
}

/**
 * The terms of what a custodian holds, for {@link explain}: what would change if something else were granted or revoked.
 *
 * @example
 * ```typescript
 * const now = termsInForce(await ledger.consents.list(token, key));
 * const planned = [{ consent: 'new', version: 1, provision }];
 * const [answer] = explain({ ...now, planned, questions, instant: new Date().toISOString() });
 * ```
 */
export function termsInForce(
  held: HeldConsents,
): Pick<WhatIf, 'consents' | 'careTeams'> & Required<Pick<WhatIf, 'prohibitions'>> {
  return {
    ...(held.careTeams ? { careTeams: held.careTeams } : {}),
    consents: held.consents.map(({ jws, by, recorded }): ConsentTerms => {
      const body = recorded?.body ?? consentOf(jws);
      return {
        ...body,
        ...(recorded ? { recorded: recorded.source } : {}),
        ...(by ? { delegation: { id: by.delegation, relationship: by.relationship } } : {}),
        ...(by?.hidden ? { withheld: by.hidden } : {}),
      };
    }),
    prohibitions: (held.prohibitions ?? []).map(({ jws }) => {
      const { kind, body } = payloadOf(jws);
      if (kind !== 'restriction' && kind !== 'objection' && kind !== 'opt-out') throw unreadable();
      return { prohibition: body.prohibition, kind, provision: forbiddenBy(kind, body) };
    }),
  };
}

function consentOf(jws: string | undefined): ConsentBody {
  const { kind, body } = payloadOf(jws);
  if (kind !== 'consent') throw unreadable();
  return body;
}

function payloadOf(jws = ''): Statement {
  return validateStatement(parseJson(splitJws(jws).payload, 'statement'));
}

function unreadable(): VitaledgerError {
  return new VitaledgerError('INTEGRITY', 'The custodian holds a statement of another kind than it says');
}
