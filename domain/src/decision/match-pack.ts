import type { AccessFilter } from '../access/request.js';
import type { DecisionPackRule, PackConditions } from '../packs/pack.js';
import type { PolicyParties } from './policy.js';
import { includesPurpose } from './purposes.js';
import type { Situation } from './situation.js';
import { all, not, type Tri, tri } from './tri.js';

type Limit = (conditions: PackConditions, situation: Situation, parties: PolicyParties) => Tri;

/** Whether a rule of a pack matches: its `when` holds, and none of its `unless`. */
export function packRuleMatch(
  { when = {}, unless = [] }: DecisionPackRule,
  parties: PolicyParties,
  situation: Situation,
): Tri {
  const holds = (conditions: PackConditions): Tri =>
    all(
      Object.keys(conditions).map((name) =>
        LIMITS[name as keyof PackConditions](conditions, situation, parties),
      ),
    );
  return all([holds(when), ...unless.map((conditions) => not(holds(conditions)))]);
}

const LIMITS: Readonly<Record<keyof PackConditions, Limit>> = {
  purposes: ({ purposes = [] }, { request }) =>
    tri(purposes.some((code) => includesPurpose(code, request.purpose))),
  recipient: ({ recipient }, situation) => RECIPIENT[recipient ?? 'custodian'](situation),
  kinds: ({ kinds = [] }, _situation, { recipient }) =>
    tri(recipient.kinds.some((kind) => kinds.includes(kind))),
  roles: ({ roles = [] }, { request }) => tri(roles.includes(request.actor.role)),
  scopes: ({ scopes = [] }, { request }) => tri(scopes.includes(request.scope)),
  filter: ({ filter }, { request }) =>
    tri(filter === 'none' ? isEverything(request.filter) : request.filter.records !== undefined),
  evidence: ({ evidence }, { request }) => tri(request.evidence === evidence),
  optOuts: ({ optOuts = [] }, _situation, { patient }) =>
    tri((patient.optOuts ?? []).some((one) => optOuts.includes(one))),
  legalClasses: ({ legalClasses = [] }, { data: { origin } }) => {
    if (origin === undefined) return 'maybe';
    return tri(origin !== 'none' && origin.classes.some((one) => legalClasses.includes(one)));
  },
  classes: ({ classes = [] }, { data }) => tri(classes.includes(data.class)),
};

const RECIPIENT: Readonly<Record<NonNullable<PackConditions['recipient']>, (situation: Situation) => Tri>> = {
  custodian: ({ request }) => tri(request.actor.mspId === request.custodian),
  another: ({ request }) => tri(request.actor.mspId !== request.custodian),
  originator: ({ request, data: { origin } }) => {
    if (origin === undefined) return 'maybe';
    // What declares no other origin was made where it is.
    const madeBy = origin === 'none' ? request.custodian : origin.organization;
    return tri(request.actor.mspId === madeBy);
  },
};

/** Dates alone do not tell what is needed: a request is limited by classes, codes or single records. */
function isEverything({ classes, codes, records }: AccessFilter): boolean {
  return classes === undefined && codes === undefined && records === undefined;
}
