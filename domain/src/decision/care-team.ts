import type { ConsentProvision, ConsentProvisionActor } from 'fhir/r4';
import type { MedicalActor, Role } from '../consortium/roles.js';
import { SYSTEMS } from '../records/coding.js';

/** A person in a care team, for a time. */
export interface CareTeamParticipant {
  /** The person's organization. */
  readonly mspId: string;
  /** The organization's pseudonym for the person. */
  readonly subject: string;
  /** In which role the person takes part; in another one they are no member. */
  readonly role: Role;
  /** When it was said; never dated back. */
  readonly from: string;
  /** The first instant at which they are no member any more. */
  readonly to?: string;
}

/** What a decision takes from a care team (FHIR R4 CareTeam): who is in it, and who was. */
export interface CareTeamTerms {
  readonly team: string;
  /** Number of the change that it stands at, from 1. */
  readonly version: number;
  /** Also those who have left: a denial still reaches them. */
  readonly participants: readonly CareTeamParticipant[];
  /** The first instant at which the team is over. */
  readonly to?: string;
}

/**
 * `member`: now, and in the role in which they ask. `listed`: the team says or said that they belong to it, but no longer, not yet, or in
 * another role.
 */
export type Membership = 'member' | 'listed' | 'none';

/** Of a request's actor, in the teams that rules name; in the receipt. */
export interface ConsideredCareTeam {
  /** `<MSP id of the custodian that keeps it>/<id>`, as consents name it. */
  readonly team: string;
  readonly version: number;
  readonly membership: Membership;
}

/** By the reference that consents name a team by. */
export type Memberships = ReadonlyMap<string, ConsideredCareTeam>;

/** How a consent names a team of a custodian: `<MSP>/<id>`. */
export function careTeamReference(custodian: string, team: string): string {
  return `${custodian}/${team}`;
}

/**
 * What somebody is in each of a custodian's teams for a patient. Where several entries of a person have a team of the same id, who wrote the
 * second could widen what the patient permitted for the first, or lift a denial of it: a member is then who is one in all of them, and listed
 * who is in any.
 */
export function membershipsOf(
  teams: readonly CareTeamTerms[],
  custodian: string,
  actor: MedicalActor,
  instant: string,
): Memberships {
  const memberships = new Map<string, ConsideredCareTeam>();
  for (const terms of teams) {
    const team = careTeamReference(custodian, terms.team);
    const membership = membershipIn(terms, actor, instant);
    const before = memberships.get(team);
    const both = before === undefined || before.membership === membership ? membership : 'listed';
    memberships.set(team, { team, version: before?.version ?? terms.version, membership: both });
  }
  return memberships;
}

function membershipIn(
  { participants, to }: CareTeamTerms,
  { mspId, subject, role }: MedicalActor,
  instant: string,
): Membership {
  const own = participants.filter((one) => one.mspId === mspId && one.subject === subject);
  if (own.length === 0) return 'none';
  const isOver = to !== undefined && instant >= to;
  const isMember = own.some(
    (one) => one.role === role && one.from <= instant && (one.to === undefined || instant < one.to),
  );
  return isMember && !isOver ? 'member' : 'listed';
}

/** The teams that a provision or its exceptions name, each with the JSON path of the actor and the type of the rule that it stands in. */
export function careTeamsNamed(
  { type, actor = [], provision = [] }: ConsentProvision,
  base: 'permit' | 'deny',
  path: string,
): readonly { readonly team: string; readonly path: string; readonly type: 'permit' | 'deny' }[] {
  const own = type ?? base;
  return [
    ...actor.flatMap((one, index) => {
      const team = careTeamOf(one);
      return team === undefined ? [] : [{ team, path: `${path}.actor[${index}]`, type: own }];
    }),
    ...provision.flatMap((nested, index) => careTeamsNamed(nested, own, `${path}.provision[${index}]`)),
  ];
}

function careTeamOf({ reference }: ConsentProvisionActor): string | undefined {
  const { system, value } = reference.identifier ?? {};
  return system === SYSTEMS.careTeam ? value : undefined;
}
