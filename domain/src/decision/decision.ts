import type { CodeableConcept, Coding, ConsentProvision, ConsentProvisionData, Period } from 'fhir/r4';
import type { AccessFilter, AccessScope } from '../access/request.js';
import type { MedicalActor } from '../consortium/roles.js';
import type { Coding as RecordCoding } from '../records/coding.js';
import type { Evidence, OptOut } from '../packs/pack.js';
import type { RecordOrigin } from '../records/origin.js';
import type { ProhibitionKind } from '../statements/bodies.js';
import type { ConsideredStudy, StudyTerms, StudyUse } from '../research/study-use.js';
import type { ConsentBody } from '../statements/statement.js';
import type { CareTeamTerms, ConsideredCareTeam } from './care-team.js';
import type { DecisionPolicy, PolicyInput, PolicyRule } from './policy.js';

/** Name and version of the semantics; a change of any answer changes it. */
export const DECISION_ENGINE = 'vitaledger/decision/1';
/** The same with policy packs: where none is adopted, version 1 answers, and its receipts stay as they are. */
export const POLICY_ENGINE = 'vitaledger/decision/2';

export type RuleType = 'permit' | 'deny';

/** What a decision takes from a consent that the patient signed. */
export interface ConsentTerms
  extends
    Pick<ConsentBody, 'consent' | 'version' | 'provision' | 'policyRule' | 'dataUse' | 'recontact' | 'trial'>,
    ConsentOrigin {
  /** When it was signed; only packs whose `combining` is `most-recent` ask. */
  readonly issued?: string;
}

/** How a consent came about, where the patient did not sign it; the receipt says so. */
export interface ConsentOrigin {
  /** A registrar recorded it, from a paper or a spoken word; `document` is the digest of what it rests on. */
  readonly recorded?: { readonly form: string; readonly document: string };
  /** A delegate signed it. */
  readonly delegation?: { readonly id: string; readonly relationship: 'proxy' | 'guardian' };
  /** Sensitivities (v3-ActCode) of which it says nothing, because the delegate must not decide about them. */
  readonly withheld?: readonly string[];
}

/** What the patient forbids, whatever consents say: a `deny` without exceptions. */
export interface ProhibitionTerms {
  readonly prohibition: string;
  readonly kind: ProhibitionKind;
  readonly provision: ConsentProvision;
  /** What an opt-out is of. */
  readonly optOut?: OptOut;
}

/** What is asked, of whom, by whom. */
export interface DecisionRequest {
  /** MSP id of the custodian that is asked. */
  readonly custodian: string;
  readonly actor: MedicalActor;
  readonly scope: AccessScope;
  /** HL7 v3 PurposeOfUse code. */
  readonly purpose: string;
  readonly filter: AccessFilter;
  /** What shows that it is more than its purpose claims. */
  readonly evidence?: Evidence;
  /** The study that it is for: the ledger's number. */
  readonly study?: string;
}

/** What applies to data that no consent speaks of. */
export interface DecisionDefaults {
  readonly outcome: RuleType;
}

export interface DecisionInput {
  readonly consents: readonly ConsentTerms[];
  readonly prohibitions?: readonly ProhibitionTerms[];
  /** Consents of other entries of the same person, merged with this one: only what they deny counts, as a prohibition does. */
  readonly denials?: readonly ConsentTerms[];
  readonly request: DecisionRequest;
  /** ISO 8601 UTC with milliseconds. */
  readonly instant: string;
  /** Default: deny. */
  readonly defaults?: DecisionDefaults;
  /** The laws that apply; none if absent. */
  readonly policy?: PolicyInput;
  /** The study that `study` of the request names. */
  readonly study?: StudyTerms;
  /** The care teams that the custodian keeps for the patient. */
  readonly careTeams?: readonly CareTeamTerms[];
}

/** What is known of a record when each record is decided. */
export interface RecordFacets {
  readonly id: string;
  readonly class: string;
  readonly category: readonly RecordCoding[];
  readonly codes: readonly RecordCoding[];
  readonly date?: string;
  readonly labels: readonly RecordCoding[];
  readonly mediaType: string;
  readonly origin?: RecordOrigin;
}

/** A provision that the answer rests on. */
export interface DecisionRule {
  /** The consent's id, or the prohibition's. */
  readonly consent: string;
  readonly version: number;
  /** From the consent's root: `provision`, `provision.provision[0]`; of a prohibition `restriction`, `objection` or `opt-out`. */
  readonly path: string;
  readonly type: RuleType;
  /** False where it depends on the record whether the rule matches. */
  readonly certain: boolean;
}

/** Limits of a provision that only the record can tell. */
export interface RecordLimits {
  readonly path: string;
  /** Present where these must not match. */
  readonly not?: true;
  readonly class?: readonly Coding[];
  readonly code?: readonly CodeableConcept[];
  readonly securityLabel?: readonly Coding[];
  readonly dataPeriod?: Period;
  readonly data?: readonly ConsentProvisionData[];
}

/** What will be done record by record, under a rule that depends on the record. */
export interface Obligation {
  /** `withhold` what a deny rule matches; `release-only` what a permit rule matches. */
  readonly effect: 'withhold' | 'release-only';
  readonly consent: string;
  readonly version: number;
  readonly path: string;
  /** All of these must match. */
  readonly where: readonly RecordLimits[];
}

export type DecisionReason =
  /** Consent rules say so. */
  | 'RULES'
  /** The patient restricted processing (GDPR art. 18), objected to it (art. 21), or opted out of secondary use (EHDS art. 71). */
  | 'RESTRICTION'
  | 'OBJECTION'
  | 'OPT_OUT'
  /** The patient has no consent in force here, so the default applies. */
  | 'NO_CONSENT'
  /** There are consents, but none speaks of this, so the default applies. */
  | 'NO_CONSENT_APPLIES'
  /** A law says so: a duty, a prohibition, or a permission where consents are silent. */
  | 'POLICY';

/** The answer for one record class. */
export interface ClassDecision {
  readonly outcome: 'permit' | 'deny' | 'permit-with-obligations';
  readonly reason: DecisionReason;
  /** Indexes into {@link Decision.rules}. */
  readonly rules: readonly number[];
  readonly obligations: readonly Obligation[];
  /** Indexes into the rules of {@link Decision.policy}. */
  readonly policies?: readonly number[];
}

/** Whether a consent's root speaks of the request at all, and if not, the element that does not match. */
export interface ConsideredConsent extends Omit<ConsentOrigin, 'withheld'> {
  readonly consent: string;
  readonly version: number;
  readonly applies: boolean;
  readonly mismatch?: 'period' | 'actor' | 'action' | 'purpose' | 'dataUse';
  /** What its data-use terms say of the study, where it has terms and the rest of its root matches. */
  readonly dataUse?: StudyUse;
  /** It was given in another entry of the same person, so that only what it denies counts here. */
  readonly merged?: true;
}

/** Whether a prohibition speaks of the request, whatever the data. */
export interface ConsideredProhibition {
  readonly prohibition: string;
  readonly kind: ProhibitionKind;
  readonly applies: boolean;
}

/** The answer to a request, before any record is looked at. Same input, same canonical JSON. */
export interface Decision {
  readonly engine: typeof DECISION_ENGINE | typeof POLICY_ENGINE;
  readonly instant: string;
  readonly request: DecisionRequest;
  readonly defaults: DecisionDefaults;
  /** `permit` if any class is permitted, with or without obligations. */
  readonly outcome: RuleType;
  /** By resource type. `*` stands for every type not listed, when the request names none. */
  readonly classes: Readonly<Record<string, ClassDecision>>;
  readonly rules: readonly DecisionRule[];
  readonly consents: readonly ConsideredConsent[];
  /** Absent if there are none. */
  readonly prohibitions?: readonly ConsideredProhibition[];
  /** What the requester is in the care teams that any of these name; absent if they name none that the custodian keeps. */
  readonly careTeams?: readonly ConsideredCareTeam[];
  /** The laws it rests on; absent where the consortium has adopted none. */
  readonly policy?: DecisionPolicy;
  /** The study that it is for. */
  readonly study?: ConsideredStudy;
}

/** The answer for one record. */
export interface RecordDecision {
  readonly outcome: RuleType;
  readonly reason: DecisionReason;
  readonly rules: readonly DecisionRule[];
  /** Rules of policy packs; absent where the consortium has adopted none. */
  readonly policies?: readonly PolicyRule[];
}

export type { ConsentProvision };
