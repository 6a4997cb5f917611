import { VitaledgerError } from '../errors/vitaledger-error.js';
import type { WithdrawalBody } from '../statements/bodies.js';
import type { ActiveConsent, ActiveDelegation, ActiveProhibition, PatientHead } from './head.js';

type Entry = ActiveConsent | ActiveProhibition | ActiveDelegation;

/** What is in force under an id, and the head without it. */
export interface TakenOut {
  readonly what: WithdrawalBody['withdraws'];
  readonly entry: Entry;
  readonly rest: PatientHead;
}

/**
 * Takes a consent, a prohibition or a delegation out of a head.
 *
 * @param what of which kind it must be; of any if absent.
 * @throws VitaledgerError `NOT_FOUND` if there is none.
 */
export function takeOut(head: PatientHead, id: string, what?: WithdrawalBody['withdraws']): TakenOut {
  const { consents, prohibitions = [], delegations = [] } = head;
  const found = [
    ...consents.map((entry): TakenOut => {
      const rest = { ...head, consents: consents.filter((other) => other !== entry) };
      return { what: 'consent', entry, rest };
    }),
    ...prohibitions.map((entry): TakenOut => {
      const rest = { ...head, prohibitions: prohibitions.filter((other) => other !== entry) };
      return { what: 'prohibition', entry, rest };
    }),
    ...delegations.map((entry): TakenOut => {
      const rest = { ...head, delegations: delegations.filter((other) => other !== entry) };
      return { what: 'delegation', entry, rest };
    }),
  ].find(({ entry, what: kind }) => idOf(entry) === id && (what === undefined || what === kind));
  if (!found) {
    throw new VitaledgerError('NOT_FOUND', 'No such consent is in force for this patient here', {
      what: what ?? 'consent',
    });
  }
  return found;
}

function idOf(entry: Entry): string {
  if ('consent' in entry) return entry.consent;
  return 'prohibition' in entry ? entry.prohibition : entry.delegation;
}
