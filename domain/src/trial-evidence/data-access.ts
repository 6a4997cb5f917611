import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { invalid } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes } from '../json/shape.js';
import { validateDataUse, type DataUse } from '../research/data-use.js';
import type { DataUseMatch } from '../research/match-data-use.js';
import { validateResearchPurpose, type ResearchPurpose } from '../research/research-purpose.js';
import type { PublicJwk } from '../statements/jwk.js';
import { publicLine, refusePersons } from '../trials/public-line.js';
import type { RegisteredMoment } from './analysis.js';

/** What a trial's data set may be used for, and who decides. Public. */
export interface DataOffer {
  /** GA4GH DUO. */
  readonly terms: DataUse;
  /** MSP id of the data access committee: an ethics organization, not the sponsor. */
  readonly committee: string;
}

/** What a researcher asks a data set for. Public: it names a study and an organization, and nobody. */
export interface DataQuestion {
  readonly title: string;
  readonly purpose: ResearchPurpose;
}

/** What the committee decides. */
export interface DataDecision {
  readonly approved: boolean;
  readonly comment?: string;
  /** The first instant at which an approval no longer holds; at most a year away. */
  readonly until?: string;
}

/** A request with what became of it. */
export interface DataRequest extends DataQuestion, RegisteredMoment {
  readonly request: string;
  readonly trial: string;
  readonly document: string;
  /** Who asked: an organization, and a pseudonym that only it can resolve. */
  readonly requester: MedicalActor;
  /** What the terms say of the purpose, for the committee. */
  readonly match: DataUseMatch;
  readonly decision?: DataDecision &
    RegisteredMoment & {
      readonly organization: string;
      /** By the committee or the sponsor. */
      readonly revoked?: RegisteredMoment & { readonly organization: string; readonly reason: string };
    };
  /** When the requester collected the data set's key, and to which key of their own it was encrypted. */
  readonly collected?: readonly (RegisteredMoment & { readonly encryptionKey: PublicJwk })[];
}

/** Days that an approval holds, at most. */
const MOST_DAYS = 366;
const DAY_MS = 86_400_000;

const offerShape = closed({ terms: v.unknown(), committee: shapes.mspId });
const questionShape = closed({ title: publicLine, purpose: v.unknown() });
const decisionShape = closed({
  approved: v.boolean(),
  comment: v.exactOptional(publicLine),
  until: v.exactOptional(shapes.instant),
});

/** Checks an offer. Throws INVALID_ARGUMENT with the JSON path. */
export function validateDataOffer(value: unknown): DataOffer {
  const { terms, committee } = checkShape(offerShape, value, 'offer');
  return { terms: validateDataUse(terms, 'offer.terms'), committee };
}

/** Checks a request. Throws INVALID_ARGUMENT with the JSON path, also where it names persons: it is public for ever. */
export function validateDataQuestion(value: unknown): DataQuestion {
  const { title, purpose } = checkShape(questionShape, value, 'request');
  const checked: DataQuestion = { title, purpose: validateResearchPurpose(purpose, 'request.purpose') };
  if (checked.purpose.users !== undefined)
    throw invalid('request.purpose.users', 'must be absent: a request is public and names nobody');
  refusePersons(checked, 'request');
  return checked;
}

/**
 * Checks a decision.
 *
 * @param instant of the decision.
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateDataDecision(value: unknown, instant: string): DataDecision {
  const decision: DataDecision = checkShape(decisionShape, value, 'decision');
  if (decision.approved !== (decision.until !== undefined))
    throw invalid('decision.until', 'must be there with an approval, and with nothing else');
  if (decision.until !== undefined) {
    const days = (Date.parse(decision.until) - Date.parse(instant)) / DAY_MS;
    if (days <= 0 || days > MOST_DAYS)
      throw invalid('decision.until', `must lie after the decision, at most ${MOST_DAYS} days`);
  }
  refusePersons(decision, 'decision');
  return decision;
}

/** Where a request stands at an instant. */
export function dataRequestState(
  { decision }: Pick<DataRequest, 'decision'>,
  at: string,
): 'waiting' | 'refused' | 'approved' | 'expired' | 'revoked' {
  if (!decision) return 'waiting';
  if (decision.until === undefined) return 'refused';
  // At once, whatever the sender's clock said: it may be ahead of that of who asks.
  if (decision.revoked) return 'revoked';
  return at < decision.until ? 'approved' : 'expired';
}
