import type { OrganizationKind, Role } from '../consortium/roles.js';
import type { LegalClass } from '../records/origin.js';

/**
 * What a rule of a law does to a request that it matches:
 * - `duty`: it is granted, whatever consents and other rules say: the person's own access, required reports, emergencies;
 * - `bar-emergency`: no emergency opens it, though consent or another rule may;
 * - `prohibit`: it is denied, whatever consents say;
 * - `require-consent`: it is denied unless the patient's consent permits it;
 * - `permit`: it passes where the patient's consents are silent.
 */
export const PACK_EFFECTS = ['duty', 'bar-emergency', 'prohibit', 'require-consent', 'permit'] as const;

export type PackEffect = (typeof PACK_EFFECTS)[number];

/** What must go with a release under a rule. */
export const PACK_OBLIGATIONS = [
  /** An explanation of the consent that it rests on, for the recipient. */
  'explain-consent',
  /** The law's statement that the recipient may not simply pass it on. */
  'redisclosure-notice',
  /** That something is missing because the patient said so. */
  'incomplete-notice',
] as const;

export type PackObligation = (typeof PACK_OBLIGATIONS)[number];

/** What shows that a request is more than its purpose claims. */
export const EVIDENCE = [
  /** The patient signed this very request. */
  'patient',
  /** A person in an emergency role broke the glass: gave a reason, and answers for it in a review. */
  'emergency',
] as const;

export type Evidence = (typeof EVIDENCE)[number];

/** What a patient can opt out of where a law lets them. */
export const OPT_OUTS = ['primary-use', 'secondary-use'] as const;

export type OptOut = (typeof OPT_OUTS)[number];

/** Who asks, as seen from the data: the custodian itself, another, or the organization that made the record. */
export const RECIPIENTS = ['custodian', 'another', 'originator'] as const;

/** When a rule matches: all members must hold; entries of one are alternatives; an absent member is no limit. */
export interface PackConditions {
  /** HL7 v3 PurposeOfUse codes, each with all below it. */
  readonly purposes?: readonly string[];
  readonly recipient?: (typeof RECIPIENTS)[number];
  /** What the recipient's organization is. */
  readonly kinds?: readonly OrganizationKind[];
  /** In which role the recipient acts. */
  readonly roles?: readonly Role[];
  readonly scopes?: readonly ('metadata' | 'content')[];
  /** `none`: the request asks for everything; `records`: it names single records. */
  readonly filter?: 'none' | 'records';
  readonly evidence?: Evidence;
  /** The patient has opted out of one of these. */
  readonly optOuts?: readonly OptOut[];
  /** The record's origin is of one of these classes. */
  readonly legalClasses?: readonly LegalClass[];
  /** FHIR resource types. */
  readonly classes?: readonly string[];
}

/** One rule of a law, as far as a machine can apply it. */
export interface PackRule {
  readonly id: string;
  /** The section: `45 CFR 164.506(c)(2)`. */
  readonly citation: string;
  /** What it says, in plain language. */
  readonly title: string;
  readonly effect: PackEffect;
  readonly when?: PackConditions;
  /** Where any of these matches, the rule does not. */
  readonly unless?: readonly PackConditions[];
  /** For `require-consent`: the consent must name the record's legal class, or the record; one for everything is not enough. */
  readonly specific?: true;
  /** The legal bases that a release under this rule rests on: `GDPR art. 9(2)(h)`. */
  readonly basis?: readonly string[];
  readonly obligations?: readonly PackObligation[];
  /** FHIR dates, both included, UTC: in force from, to. */
  readonly from?: string;
  readonly to?: string;
  /** Only where one of the parties through which the pack applies is here; for national deviations. */
  readonly jurisdictions?: readonly string[];
}

/** A law as data: versioned, adopted by the consortium's votes. */
export interface PolicyPack {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  /** ISO 3166; `US` covers `US-CA`. */
  readonly jurisdictions: readonly string[];
  /** Which of several consents counts: any denial, or the most recent that speaks. Denials, unless told. */
  readonly combining?: 'deny-overrides' | 'most-recent';
  /** What ends guardianship: an age in years, or only a finding that the person is capable. */
  readonly capacity?: { readonly by: 'age' | 'finding'; readonly years?: number; readonly citation: string };
  readonly rules: readonly PackRule[];
}

/** A rule without what only people read. */
export type DecisionPackRule = Omit<PackRule, 'title'>;

/** What a decision needs of an adopted pack. */
export interface DecisionPack extends Pick<PolicyPack, 'id' | 'version' | 'jurisdictions' | 'combining'> {
  /** SHA-256 of the canonical JSON of the whole pack. */
  readonly digest: string;
  /** The consortium asks the patient even where this law would let it not ask: the pack's `permit` rules let nothing pass. */
  readonly consentFirst?: true;
  readonly rules: readonly DecisionPackRule[];
}
