import type { Coding, ConsentProvision, ConsentProvisionActor, ConsentProvisionData, Period } from 'fhir/r4';
import type { MedicalActor } from '../consortium/roles.js';
import { SYSTEMS } from '../records/coding.js';
import { spanBetween, spanOf } from '../records/dates.js';
import type { Membership } from './care-team.js';
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

/** The first element by which a provision of a type does not speak of a request; undefined if it does. */
export function requestMismatch(
  provision: ConsentProvision,
  type: RuleType,
  situation: Situation,
): RequestElement | undefined {
  return REQUEST_ELEMENTS.find((element) => !REQUEST_LIMITS[element](provision, situation, type));
}

/** Within an element repetitions are alternatives; an absent element is no limit. */
const REQUEST_LIMITS: Readonly<
  Record<RequestElement, (provision: ConsentProvision, situation: Situation, type: RuleType) => boolean>
> = {
  period: ({ period }, { time }) => period === undefined || isWithin(time, time, period) === 'yes',
  actor: ({ actor }, situation, type) => actor?.some((one) => isActor(one, situation, type)) ?? true,
  action: ({ action }, { request }) =>
    action?.some(({ coding }) => coding?.some(({ code }) => isAction(code, request))) ?? true,
  purpose: ({ purpose }, { request }) =>
    purpose?.some(({ code = '' }) => includesPurpose(code, request.purpose)) ?? true,
};

function isActor(
  { reference }: ConsentProvisionActor,
  { request: { actor }, teams }: Situation,
  type: RuleType,
): boolean {
  const { system = '', value = '' } = reference.identifier ?? {};
  if (system === SYSTEMS.careTeam) return isInTeam(teams?.get(value)?.membership ?? 'none', type);
  return namesOf(system, actor).includes(value);
}

/** By what an actor is named in a system of identifiers. */
function namesOf(system: string, { mspId, subject, role }: MedicalActor): readonly string[] {
  if (system === SYSTEMS.organization) return [mspId];
  if (system === SYSTEMS.person) return [`${mspId}/${subject}`];
  return system === SYSTEMS.role ? [role, `${mspId}/${role}`] : [];
}

/** A permission reaches who is a member now; a denial also who was one, so that changing a team lifts none. */
function isInTeam(membership: Membership, type: RuleType): boolean {
  return membership === 'member' || (type === 'deny' && membership === 'listed');
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

/** Whether one element's limit of the data holds. Within an element repetitions are alternatives. */
export function dataElementMatch(
  element: DataElement,
  provision: ConsentProvision,
  type: RuleType,
  data: DataFacets,
): Tri {
  return provision[element] === undefined ? 'yes' : DATA_LIMITS[element](provision, data, type);
}

const DATA_LIMITS: Readonly<
  Record<DataElement, (provision: ConsentProvision, data: DataFacets, type: RuleType) => Tri>
> = {
  class: ({ class: classes = [] }, data) => any(classes.map((coding) => isOfClass(coding, data))),
  code: ({ code = [] }, data) =>
    hasCode(
      code.flatMap(({ coding = [] }) => coding),
      data,
    ),
  securityLabel: ({ securityLabel = [] }, data, type) =>
    any(securityLabel.map((label) => hasLabel(label, type, data))),
  dataPeriod: ({ dataPeriod = {} }, data) => isDatedWithin(dataPeriod, data),
  data: ({ data: records = [] }, data) => isOneOf(records, data),
};

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
  const period = spanBetween(start, end);
  if (!period || last < period.first || first > period.last) return 'no';
  return first >= period.first && last <= period.last ? 'yes' : 'maybe';
}

function isOneOf(wanted: readonly ConsentProvisionData[], { id }: DataFacets): Tri {
  if (id === undefined) return 'maybe';
  return tri(wanted.some(({ reference }) => reference.identifier?.value === id));
}
