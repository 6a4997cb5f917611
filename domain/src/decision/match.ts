import type { Coding, ConsentProvision, ConsentProvisionActor, ConsentProvisionData, Period } from 'fhir/r4';
import type { MedicalActor } from '../consortium/roles.js';
import { SYSTEMS } from '../records/coding.js';
import { spanOf } from '../records/dates.js';
import type { DecisionRequest, RuleType } from './decision.js';
import { confidentialityRank, includesSensitivity, UNLABELLED_CONFIDENTIALITY } from './labels.js';
import { includesPurpose } from './purposes.js';
import type { DataFacets, Situation } from './situation.js';
import { all, any, type Tri, tri } from './tri.js';

/** Elements that limit who may do what, why and when: known as soon as a request is made. */
export const REQUEST_ELEMENTS = ['period', 'actor', 'action', 'purpose'] as const;
/** Elements that limit the data: some are known only of a record. */
export const DATA_ELEMENTS = ['class', 'code', 'securityLabel', 'dataPeriod', 'data'] as const;

export type RequestElement = (typeof REQUEST_ELEMENTS)[number];
export type DataElement = (typeof DATA_ELEMENTS)[number];

/** The first element by which a provision does not speak of a request; undefined if it does. */
export function requestMismatch(
  provision: ConsentProvision,
  situation: Situation,
): RequestElement | undefined {
  return REQUEST_ELEMENTS.find((element) => !requestMatches(element, provision, situation));
}

/** Within an element repetitions are alternatives; an absent element is no limit. */
function requestMatches(
  element: RequestElement,
  { period, actor, action, purpose }: ConsentProvision,
  { request, time }: Situation,
): boolean {
  switch (element) {
    case 'period':
      return period === undefined || isWithin(time, time, period) === 'yes';
    case 'actor':
      return actor?.some((one) => isActor(one, request.actor)) ?? true;
    case 'action':
      return action?.some((concept) => concept.coding?.some(({ code }) => isAction(code, request))) ?? true;
    case 'purpose':
      return purpose?.some(({ code }) => includesPurpose(code ?? '', request.purpose)) ?? true;
  }
}

function isActor({ reference }: ConsentProvisionActor, { mspId, subject, role }: MedicalActor): boolean {
  const { system, value } = reference.identifier ?? {};
  switch (system) {
    case SYSTEMS.organization:
      return value === mspId;
    case SYSTEMS.person:
      return value === `${mspId}/${subject}`;
    case SYSTEMS.role:
      return value === role || value === `${mspId}/${role}`;
    default:
      return false;
  }
}

/** Reading is access and use; from another organization than the custodian it is disclosure too. */
function isAction(code: string | undefined, { actor, custodian }: DecisionRequest): boolean {
  if (code === 'disclose') return actor.mspId !== custodian;
  return code === 'access' || code === 'use';
}

/** Whether a provision's limits of the data hold: different elements must all hold. */
export function dataMatch(provision: ConsentProvision, type: RuleType, data: DataFacets): Tri {
  return all(DATA_ELEMENTS.map((element) => dataElementMatch(element, provision, type, data)));
}

/** Whether one element's limit of the data holds. */
export function dataElementMatch(
  element: DataElement,
  provision: ConsentProvision,
  type: RuleType,
  data: DataFacets,
): Tri {
  if (provision[element] === undefined) return 'yes';
  switch (element) {
    case 'class':
      return any((provision.class ?? []).map((coding) => isOfClass(coding, data)));
    case 'code':
      return hasCode(
        (provision.code ?? []).flatMap(({ coding }) => coding ?? []),
        data,
      );
    case 'securityLabel':
      return any((provision.securityLabel ?? []).map((label) => hasLabel(label, type, data)));
    case 'dataPeriod':
      return isDatedWithin(provision.dataPeriod ?? {}, data);
    case 'data':
      return isOneOf(provision.data ?? [], data);
  }
}

function isOfClass({ system, code }: Coding, data: DataFacets): Tri {
  if (system === SYSTEMS.resourceType) return tri(code === data.class);
  return data.mediaType === undefined ? 'maybe' : tri(code === data.mediaType);
}

function hasCode(wanted: readonly Coding[], { codes }: DataFacets): Tri {
  if (codes === undefined) return 'maybe';
  return tri(
    wanted.some(({ system, code }) => codes.some((own) => own.system === system && own.code === code)),
  );
}

function hasLabel({ system, code = '' }: Coding, type: RuleType, { labels }: DataFacets): Tri {
  if (labels === undefined) return 'maybe';
  const own = labels.filter((label) => label.system === system).map((label) => label.code);
  if (system === SYSTEMS.confidentiality) return tri(isConfidential(own, code, type));
  return tri(own.some((label) => includesSensitivity(code, label)));
}

/**
 * A confidentiality is a mark on a scale: to permit R is to permit up to R (FHIR R4 Consent.provision.securityLabel:
 * "R or lower"), to deny R is to deny from R on. A record counts by its highest label.
 */
function isConfidential(own: readonly string[], mark: string, type: RuleType): boolean {
  const ranks = own.map(confidentialityRank).filter((rank) => rank >= 0);
  const rank = ranks.length > 0 ? Math.max(...ranks) : confidentialityRank(UNLABELLED_CONFIDENTIALITY);
  return type === 'permit' ? rank <= confidentialityRank(mark) : rank >= confidentialityRank(mark);
}

function isDatedWithin(period: Period, { date }: DataFacets): Tri {
  const own = date === undefined ? undefined : spanOf(date);
  return own ? isWithin(own.first, own.last, period) : 'maybe';
}

/** Maybe, where a date is less precise than the period's ends and reaches over one of them. */
function isWithin(first: number, last: number, { start, end }: Period): Tri {
  const from = start === undefined ? -Infinity : (spanOf(start)?.first ?? Infinity);
  const to = end === undefined ? Infinity : (spanOf(end)?.last ?? -Infinity);
  if (last < from || first > to) return 'no';
  return first >= from && last <= to ? 'yes' : 'maybe';
}

function isOneOf(wanted: readonly ConsentProvisionData[], { id }: DataFacets): Tri {
  if (id === undefined) return 'maybe';
  return tri(wanted.some(({ reference }) => reference.identifier?.value === id));
}
