import type { PatientLink, ReferenceType } from '@vitaledger/domain';
import { AnswerKey } from '../disclosure/answer-key.js';
import type { DeliveryReport } from '../consents/delivery.js';
import { relay } from '../consents/relay.js';
import type { LinkTerms, SignedDeclaration } from '../patient/declaration.js';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import { answer } from '../session/answer.js';
import { newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';
import { reasonOf, type ChangeOptions } from './correction.js';

/** What a patient says of themselves, with their key. */
export interface OwnLink extends Omit<LinkTerms, 'unlink'> {
  readonly key: PatientKey;
}

/** A link that was signed, and which custodians have it. */
export interface LinkReport {
  readonly statement: SignedDeclaration;
  readonly delivered: DeliveryReport;
}

export interface LinkOptions extends ChangeOptions {
  /** As FHIR R4 Patient.link.type: `seealso`, unless told, or `refer`: the other entry is the main source. */
  readonly type?: ReferenceType;
}

/**
 * Which entries are of one person: at other custodians, and duplicates at one's own organization. A registrar says so after seeing
 * who it is, or the patient by signature ({@link declare}), as IHE PIXm knows it; each custodian keeps its own links, and nobody else sees them. `fhirPatientLinks` makes FHIR R4
 * Patient.link of them.
 */
export class PatientLinks {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Links a patient to the same person's entry at another custodian. A link gives nobody access.
   *
   * @param options `reason`: how it is known
   * @throws VitaledgerError `PERMISSION_DENIED` unless called by a registrar; `ALREADY_EXISTS`; `NOT_FOUND`
   */
  async link(patient: string, other: PatientToken, options: LinkOptions): Promise<void> {
    const { type = 'seealso' } = options;
    await this.#submit('link', { patient, other: onlyToken(other), type }, options);
  }

  /** Takes a link back. @throws VitaledgerError `NOT_FOUND`, `PERMISSION_DENIED` */
  async unlink(patient: string, other: PatientToken, options: ChangeOptions): Promise<void> {
    await this.#submit('unlink', { patient, other: onlyToken(other) }, options);
  }

  /**
   * Merges a duplicate into the entry that survives. Requests for either then find the records of both, each opened by the consents of
   * its own entry; what the patient forbids in either holds for both. New records go to the surviving one.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` (`REPLACED`, `TOO_MANY_ENTRIES`), `ALREADY_EXISTS`, `NOT_FOUND`, `PERMISSION_DENIED`
   */
  async merge(surviving: string, replaced: string, options: ChangeOptions): Promise<void> {
    await this.#submit('merge', { patient: surviving, replaced }, options);
  }

  /** Takes a merge back: both entries are again what they were. @throws VitaledgerError `NOT_FOUND`, `PERMISSION_DENIED` */
  async unmerge(surviving: string, replaced: string, options: ChangeOptions): Promise<void> {
    await this.#submit('unmerge', { patient: surviving, replaced }, options);
  }

  /**
   * Tells one custodian, by the patient's signature, that the patient is also known to another. Any member's gateway relays it; tell the other one
   * too, if it is to know.
   *
   * @returns where it is in force; deliver it again (`consents.declare`) where it is not
   */
  async declare(link: OwnLink, options: OperationOptions = {}): Promise<LinkReport> {
    return this.#declare(link, options);
  }

  /** Takes back what the patient signed. A refusal (`LINKED_BY_REGISTRAR` where a registrar said it) is in the report. */
  async withdraw(link: Omit<OwnLink, 'type'>, options: OperationOptions = {}): Promise<LinkReport> {
    return this.#declare({ ...link, unlink: true }, options);
  }

  async #declare(
    { key, ...terms }: OwnLink & Pick<LinkTerms, 'unlink'>,
    options: OperationOptions,
  ): Promise<LinkReport> {
    const statement = await key.link(terms);
    const delivered = await relay(
      this.#session,
      'declare',
      { statement, patients: [terms.at], key },
      options,
    );
    return { statement, delivered };
  }

  /** The links that stand; their tokens can be asked of their custodians. For registrars, practitioners and auditors. */
  async list(patient: string, options: OperationOptions = {}): Promise<readonly PatientLink[]> {
    const key = await AnswerKey.generate();
    const input = { patient, encryptionKey: key.publicJwk, ...actorOf(this.#session) };
    const call = { function: 'PatientLinkContract:links', custodian: this.#session.mspId, input };
    const { jwe } = answer(await this.#session.channel('care').evaluate(call, options)) as { jwe: string };
    return ((await key.open(jwe)) as Links).links;
  }

  /** For the patient, at their signature: every link there is or was, with who said so, when and why. */
  async history(
    token: PatientToken,
    key: PatientKey,
    options: OperationOptions = {},
  ): Promise<readonly PatientLink[]> {
    const { custodian, patient } = token;
    const statement = await key.readStatement({ custodian, patient, what: 'links' });
    const call = { function: 'PatientLinkContract:history', custodian, input: { patient, statement } };
    const jwe = await this.#session.channel('care').evaluate(call, options);
    return ((await key.decrypt(new TextDecoder().decode(jwe))) as Links).links;
  }

  async #submit(
    name: 'link' | 'unlink' | 'merge' | 'unmerge',
    what: object,
    options: ChangeOptions,
  ): Promise<void> {
    const input = { ...what, ...reasonOf(options), salt: newSalt(), ...actorOf(this.#session) };
    const call = { function: `PatientLinkContract:${name}`, custodian: this.#session.mspId, input };
    await this.#session.channel('care').submit(call, { signal: options.signal });
  }
}

interface Links {
  readonly links: readonly PatientLink[];
}

function onlyToken({ custodian, patient }: PatientToken): PatientToken {
  return { custodian, patient };
}
