import * as v from 'valibot';
import {
  type CareTeamParticipant,
  careTeamReference,
  careTeamsNamed,
  type CareTeamTerms,
} from '../decision/care-team.js';
import type { ConsentProvision } from '../decision/decision.js';
import { ROLES, type Role } from '../consortium/roles.js';
import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import { canonicalJson } from '../json/canonical.js';
import { isSubject } from '../json/formats.js';
import { closed, shapes, text } from '../json/shape.js';
import type { Change } from '../records/change.js';
import { splitJws } from '../statements/jws.js';
import { type HeadChange, rewritten } from './head-change.js';
import type { PatientHead } from './head.js';

/**
 * Who cares for a patient, as the custodian keeps it: FHIR R4 CareTeam of one patient. Its organizations stay what they were when it was
 * declared, so that who permits a team knows for good which organizations that can reach; the persons change.
 */
export interface CareTeam extends CareTeamTerms {
  /** As the patient knows it: "Diabetes team". */
  readonly name: string;
  /** MSP ids; FHIR R4 CareTeam.managingOrganization. */
  readonly organizations: readonly string[];
  readonly from: string;
}

/** A team as it stood after one change. Private. */
export interface CareTeamVersion extends CareTeam {
  readonly changed: Change;
  readonly salt: string;
}

/** A person who joins a team. */
export type JoiningParticipant = Pick<CareTeamParticipant, 'mspId' | 'subject' | 'role'> & {
  /** The first instant at which they are no member any more; without an end when absent. */
  readonly until?: string;
};

export type LeavingParticipant = Pick<CareTeamParticipant, 'mspId' | 'subject' | 'role'>;

export interface CareTeamDeclaration extends Pick<CareTeam, 'team' | 'name' | 'organizations'> {
  readonly participants: readonly JoiningParticipant[];
  /** When the team ends. */
  readonly until?: string;
}

export interface CareTeamChange {
  readonly team: string;
  /** The version that was read. */
  readonly version: number;
  readonly join?: readonly JoiningParticipant[];
  readonly leave?: readonly LeavingParticipant[];
}

/** Teams of one patient at one custodian, ended ones that a consent still names included. */
export const MAX_CARE_TEAMS = 16;
/** Persons in one team, those who left included. */
export const MAX_CARE_TEAM_PARTICIPANTS = 100;
const MAX_CARE_TEAM_ORGANIZATIONS = 16;

/** Roles that are no person's. */
const NOT_OF_PERSONS: readonly Role[] = ['service', 'admin'];

const participant = {
  mspId: shapes.mspId,
  subject: text(
    isSubject,
    'must be a pseudonym of 1 to 128 letters, digits, dots, dashes, colons or underscores',
  ),
  role: v.picklist(
    ROLES.filter((role) => !NOT_OF_PERSONS.includes(role)),
    'must be the role of a person',
  ),
};
const participants = <T>(entry: v.GenericSchema<unknown, T>) =>
  v.pipe(
    v.array(entry),
    v.maxLength(MAX_CARE_TEAM_PARTICIPANTS, `must have at most ${MAX_CARE_TEAM_PARTICIPANTS} entries`),
  );
const joining = participants(closed({ ...participant, until: v.exactOptional(shapes.instant) }));
const leaving = participants(closed(participant));

/** Members of an input that declares a team. */
export const careTeamDeclaration = {
  team: shapes.id,
  name: text(
    (value) => /^\S(?:[^\p{Cc}]{0,118}\S)?$/u.test(String(value)),
    'must be 1 to 120 characters on one line, without outer spaces',
  ),
  organizations: v.pipe(
    v.array(shapes.mspId),
    v.minLength(1, 'must have at least one entry'),
    v.maxLength(MAX_CARE_TEAM_ORGANIZATIONS, `must have at most ${MAX_CARE_TEAM_ORGANIZATIONS} entries`),
    v.check((list) => new Set(list).size === list.length, 'must not repeat an entry'),
  ),
  participants: joining,
  until: v.exactOptional(shapes.instant),
};

/** Members of an input that changes a team. */
export const careTeamChange = { join: v.exactOptional(joining), leave: v.exactOptional(leaving) };

/** A head with a team that was declared, changed or ended. */
export interface ChangedTeam {
  readonly head: PatientHead;
  readonly team: CareTeam;
}

/**
 * The head with a new team. Teams that are over and that nothing in force names leave the head; their versions stay in their own keys.
 *
 * @throws VitaledgerError `ALREADY_EXISTS`; `INVALID_ARGUMENT`; `PRECONDITION_FAILED` (`TOO_MANY_CARE_TEAMS`, `HEAD_TOO_LARGE`).
 */
export function declareCareTeam(
  head: PatientHead,
  { team: id, name, organizations, participants: joined, until }: CareTeamDeclaration,
  change: HeadChange,
): ChangedTeam {
  const { careTeams = [] } = head;
  if (careTeams.some(({ team }) => team === id)) {
    throw new VitaledgerError('ALREADY_EXISTS', 'There is a care team with this id; make a new random id.', {
      what: 'care-team',
    });
  }
  checkEnd(until, change.instant, 'input.until');
  const empty: CareTeam = {
    team: id,
    version: 1,
    name,
    organizations,
    participants: [],
    from: change.instant,
  };
  const team = {
    ...withJoined(empty, joined, change.instant, 'input.participants'),
    ...(until === undefined ? {} : { to: until }),
  };
  const kept = careTeams.filter((one) => !isOver(one, change.instant) || isNamed(head, one.team));
  if (kept.length >= MAX_CARE_TEAMS) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `A patient has at most ${MAX_CARE_TEAMS} care teams here; end those no longer needed.`,
      { reason: 'TOO_MANY_CARE_TEAMS', limit: MAX_CARE_TEAMS },
    );
  }
  return { head: rewritten({ ...head, careTeams: [...kept, team] }, change.salt), team };
}

/**
 * The head with persons who left a team or joined it. Who left stays listed, with when: a denial of the team still reaches them.
 *
 * @throws VitaledgerError `NOT_FOUND` (team, or a member who is to leave); `CONFLICT` (`OVERTAKEN`); `PRECONDITION_FAILED`
 *   (`CARE_TEAM_ENDED`, `HEAD_TOO_LARGE`); `INVALID_ARGUMENT`.
 */
export function changeCareTeam(
  head: PatientHead,
  { team: id, version, join = [], leave = [] }: CareTeamChange,
  change: HeadChange,
): ChangedTeam {
  const before = teamInForce(head, id, version, change.instant);
  if (join.length + leave.length === 0) throw invalid('input.join', 'is required where nobody leaves');
  const without = leave.reduce((team, one) => withLeft(team, one, change.instant), before);
  const after = withJoined(without, join, change.instant, 'input.join');
  return replaced(head, { ...after, version: version + 1 }, change);
}

/** The head with a team that is over: nobody is a member any more. @throws VitaledgerError as {@link changeCareTeam} does. */
export function endCareTeam(
  head: PatientHead,
  { team: id, version }: Pick<CareTeam, 'team' | 'version'>,
  change: HeadChange,
): ChangedTeam {
  const before = teamInForce(head, id, version, change.instant);
  return replaced(head, { ...before, version: version + 1, to: change.instant }, change);
}

/**
 * Refuses a provision that names a team which this custodian does not know: a rule that reaches nobody is not what the patient meant.
 * A permission may name other custodians' teams beside, for the same consent is delivered to several; it reaches nobody here by them. A
 * denial may not: here it would deny nobody, and the patient could not see that.
 *
 * @param base the root's type where it has none itself.
 * @throws VitaledgerError `INVALID_ARGUMENT` (`UNKNOWN_CARE_TEAM`) with the JSON path.
 */
export function checkCareTeams(
  { careTeams = [] }: PatientHead,
  mspId: string,
  provision: ConsentProvision,
  { base, path }: { readonly base: 'permit' | 'deny'; readonly path: string },
): void {
  const known = careTeams.map(({ team }) => careTeamReference(mspId, team));
  for (const { team, path: at, type } of careTeamsNamed(provision, base, path)) {
    const isElsewhere = !team.startsWith(`${mspId}/`);
    if (known.includes(team) || (isElsewhere && type === 'permit')) continue;
    throw invalid(
      at,
      isElsewhere
        ? 'must be a care team that this custodian keeps: in a denial another custodian’s team would deny nobody here'
        : 'must be a care team that this custodian keeps for the patient',
      { reason: 'UNKNOWN_CARE_TEAM' },
    );
  }
}

function teamInForce(
  { careTeams = [] }: PatientHead,
  id: string,
  version: number,
  instant: string,
): CareTeam {
  const team = careTeams.find((one) => one.team === id);
  if (!team) {
    throw new VitaledgerError('NOT_FOUND', 'This patient has no such care team here.', { what: 'care-team' });
  }
  if (team.version !== version) {
    throw new VitaledgerError('CONFLICT', 'The care team was changed meanwhile; read it again.', {
      reason: 'OVERTAKEN',
    });
  }
  if (isOver(team, instant)) {
    throw new VitaledgerError('PRECONDITION_FAILED', 'This care team is over; declare another one.', {
      reason: 'CARE_TEAM_ENDED',
    });
  }
  return team;
}

function withJoined(
  team: CareTeam,
  joined: readonly JoiningParticipant[],
  instant: string,
  path: string,
): CareTeam {
  const all = [...team.participants];
  joined.forEach((one, index) => {
    const { until, ...person } = one;
    if (!team.organizations.includes(person.mspId)) {
      throw invalid(
        `${path}[${index}].mspId`,
        "must be one of the team's organizations, which do not change",
      );
    }
    checkEnd(until, instant, `${path}[${index}].until`);
    if (all.some((other) => isSame(other, person) && isMember(other, instant))) {
      throw invalid(`${path}[${index}]`, 'must be somebody who is not in the team in this role already');
    }
    all.push({ ...person, from: instant, ...(until === undefined ? {} : { to: until }) });
  });
  if (all.length > MAX_CARE_TEAM_PARTICIPANTS) {
    throw invalid(
      path,
      `must leave the team with at most ${MAX_CARE_TEAM_PARTICIPANTS} persons, those who left included; declare another team`,
    );
  }
  return { ...team, participants: all };
}

function withLeft(team: CareTeam, person: LeavingParticipant, instant: string): CareTeam {
  const at = team.participants.findIndex((one) => isSame(one, person) && isMember(one, instant));
  const member = team.participants[at];
  if (!member) {
    throw new VitaledgerError('NOT_FOUND', 'Who is to leave is not in the team in this role.', {
      what: 'participant',
    });
  }
  return { ...team, participants: team.participants.with(at, { ...member, to: instant }) };
}

function replaced(head: PatientHead, team: CareTeam, { salt }: HeadChange): ChangedTeam {
  const careTeams = (head.careTeams ?? []).map((one) => (one.team === team.team ? team : one));
  return { head: rewritten({ ...head, careTeams }, salt), team };
}

function isSame(one: LeavingParticipant, other: LeavingParticipant): boolean {
  return one.mspId === other.mspId && one.subject === other.subject && one.role === other.role;
}

function isMember({ to }: CareTeamParticipant, instant: string): boolean {
  return to === undefined || instant < to;
}

function isOver({ to }: CareTeam, instant: string): boolean {
  return to !== undefined && instant >= to;
}

function checkEnd(until: string | undefined, instant: string, path: string): void {
  if (until !== undefined && until <= instant) throw invalid(path, 'must lie in the future');
}

/** Whether what is in force names a team. Its id is random, so that wherever it stands it is meant. */
function isNamed({ consents, prohibitions = [] }: PatientHead, team: string): boolean {
  const says = ({ jws, recorded }: { readonly jws?: string; readonly recorded?: object }): string =>
    jws === undefined ? canonicalJson(recorded ?? {}) : splitJws(jws).payload;
  return [...consents, ...prohibitions].some((entry) => says(entry).includes(team));
}
