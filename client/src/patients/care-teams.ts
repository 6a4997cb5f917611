import {
  careTeamReference,
  type CareTeam,
  type CareTeamDeclaration,
  type CareTeamVersion,
  type JoiningParticipant,
  type LeavingParticipant,
} from '@vitaledger/domain';
import { AnswerKey } from '../disclosure/answer-key.js';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import { reasonOf, type ChangeOptions } from '../records/correction.js';
import { answer } from '../session/answer.js';
import { newId, newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';

/** A team to be declared. */
export interface DeclaringCareTeam extends Omit<CareTeamDeclaration, 'team' | 'organizations'> {
  /** The patient at one's own organization. */
  readonly patient: string;
  /** MSP ids; one's own organization alone unless told. They never change. */
  readonly organizations?: readonly string[];
}

/** A team, and the version of it that was read. */
export interface NamedCareTeam {
  readonly team: string;
  readonly version: number;
}

export interface DeclaredCareTeam extends NamedCareTeam {
  /** How a consent names it: `<MSP>/<team>`. */
  readonly reference: string;
}

/** Who joins and who leaves. */
export interface CareTeamMoves {
  readonly join?: readonly JoiningParticipant[];
  readonly leave?: readonly LeavingParticipant[];
}

/**
 * Who cares for a patient at one's own organization (FHIR R4 CareTeam). A consent that names a team permits whoever is in it when they ask; it
 * need not change with every shift. The patient is notified of each change and reads them all. {@link fhirCareTeam} makes FHIR R4 of a team.
 */
export class CareTeams {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Declares a team. For registrars and practitioners of the custodian, who cannot put themselves into it.
   *
   * @param options `reason`: why; the patient reads it
   * @returns the team; tell the patient its `reference`, which a consent names
   * @throws VitaledgerError `PERMISSION_DENIED` (`OWN_MEMBERSHIP`), `NOT_FOUND`, `INVALID_ARGUMENT`, `PRECONDITION_FAILED`
   * @example
   * ```typescript
   * const { reference } = await hospital.careTeams.declare(
   *   { patient, name: 'Diabetes team', participants: [{ mspId: 'HospitalMSP', subject, role: 'practitioner' }] },
   *   { reason: 'Admission' },
   * );
   * ```
   */
  async declare(declaring: DeclaringCareTeam, options: ChangeOptions): Promise<DeclaredCareTeam> {
    const custodian = this.#session.mspId;
    const team = newId();
    await this.#submit('declare', { organizations: [custodian], ...declaring, team }, options);
    return { team, version: 1, reference: careTeamReference(custodian, team) };
  }

  /**
   * Lets persons join or leave. Who left stays listed with when, since a denial of the team still reaches them.
   *
   * @returns the team's new version
   * @throws VitaledgerError `CONFLICT` (`OVERTAKEN`: read it again), `PERMISSION_DENIED` (`OWN_MEMBERSHIP`), `NOT_FOUND`, `INVALID_ARGUMENT`,
   *   `PRECONDITION_FAILED` (`CARE_TEAM_ENDED`)
   */
  async change(
    patient: string,
    { team, version }: NamedCareTeam,
    { join, leave }: CareTeamMoves,
    options: ChangeOptions,
  ): Promise<NamedCareTeam> {
    const moves = { ...(join ? { join } : {}), ...(leave ? { leave } : {}) };
    await this.#submit('change', { patient, team, version, ...moves }, options);
    return { team, version: version + 1 };
  }

  /** Ends a team: nobody is permitted anything by it any more. @throws VitaledgerError as {@link change} does. */
  async end(patient: string, { team, version }: NamedCareTeam, options: ChangeOptions): Promise<void> {
    await this.#submit('end', { patient, team, version }, options);
  }

  /** The patient's teams as they stand. For registrars, practitioners and auditors of the custodian. */
  async list(patient: string, options: OperationOptions = {}): Promise<readonly CareTeam[]> {
    const key = await AnswerKey.generate();
    const input = { patient, encryptionKey: key.publicJwk, ...actorOf(this.#session) };
    const call = { function: 'CareTeamContract:list', custodian: this.#session.mspId, input };
    const { jwe } = answer(await this.#session.channel('care').evaluate(call, options)) as { jwe: string };
    return ((await key.open(jwe)) as { careTeams: readonly CareTeam[] }).careTeams;
  }

  /** For the patient, at their signature: every version of every team, with who was in it, who said so, when and why. */
  async *history(
    { custodian, patient }: PatientToken,
    key: PatientKey,
    options: OperationOptions = {},
  ): AsyncGenerator<CareTeamVersion> {
    let bookmark = '';
    do {
      const asked = { custodian, patient, what: 'care-teams' as const };
      const statement = await key.readStatement({ ...asked, ...(bookmark === '' ? {} : { bookmark }) });
      const call = { function: 'CareTeamContract:history', custodian, input: { patient, statement } };
      const jwe = await this.#session.channel('care').evaluate(call, options);
      const page = (await key.decrypt(new TextDecoder().decode(jwe))) as {
        readonly versions: readonly CareTeamVersion[];
        readonly bookmark: string;
      };
      yield* page.versions;
      ({ bookmark } = page);
    } while (bookmark !== '');
  }

  async #submit(name: 'declare' | 'change' | 'end', what: object, options: ChangeOptions): Promise<void> {
    const input = { ...what, ...reasonOf(options), salt: newSalt(), ...actorOf(this.#session) };
    const call = { function: `CareTeamContract:${name}`, custodian: this.#session.mspId, input };
    await this.#session.channel('care').submit(call, { signal: options.signal });
  }
}
