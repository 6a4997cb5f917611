import {
  careTeamActor,
  classCoding,
  organizationActor,
  personActor,
  purposeCoding,
  roleActor,
  sensitivityCoding,
  type ConsentProvision,
  type Role,
} from '@vitaledger/domain';

/** Who may: an organization, a role within it or anywhere, one person by the organization's pseudonym, or whoever is in a care team. */
export type Recipient =
  | { readonly organization: string }
  | { readonly organization: string; readonly role: Role }
  | { readonly role: Role }
  | { readonly organization: string; readonly subject: string }
  /** A care team of the patient, by its reference: `<MSP>/<team>`. */
  | { readonly careTeam: string };

/** Who may read what, why, and until when. */
export interface Permission {
  /** Any of these. */
  readonly to: readonly Recipient[];
  /** HL7 v3 PurposeOfUse codes, any of these and what stands below them: `TREAT`, `HRESCH`. */
  readonly purposes: readonly string[];
  /** FHIR resource types, any of these; all when absent. */
  readonly classes?: readonly string[];
  /** FHIR date or dateTime, included; from now on when absent. */
  readonly from?: string;
  /** FHIR date or dateTime, included; without an end when absent. */
  readonly until?: string;
  /** What stays closed all the same. */
  readonly except?: Exception;
}

/** What a permission leaves closed. */
export interface Exception {
  /** FHIR resource types. */
  readonly classes?: readonly string[];
  /** Sensitivities (v3-ActCode): `PSY`, `HIV`, `SUD`. */
  readonly sensitivities?: readonly string[];
}

/**
 * The FHIR R4 `Consent.provision` of a common permission. What it cannot say (nested exceptions, codes, single records) is
 * written as a provision itself.
 *
 * @example
 * ```typescript
 * permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'], classes: ['Condition', 'Observation'],
 *   until: '2027-01-01', except: { sensitivities: ['PSY'] } });
 * ```
 */
export function permission(terms: Permission): ConsentProvision {
  return {
    type: 'permit',
    ...periodOf(terms),
    actor: terms.to.map(actorOf),
    purpose: terms.purposes.map(purposeCoding),
    ...(terms.classes === undefined ? {} : { class: terms.classes.map(classCoding) }),
    ...(terms.except === undefined ? {} : { provision: exceptionsOf(terms.except) }),
  };
}

function actorOf(recipient: Recipient): ReturnType<typeof organizationActor> {
  if ('careTeam' in recipient) {
    const [custodian = '', team = ''] = recipient.careTeam.split('/');
    return careTeamActor(custodian, team);
  }
  if ('subject' in recipient) {
    return personActor(recipient.organization, recipient.subject);
  }
  if ('role' in recipient) {
    return roleActor(recipient.role, 'organization' in recipient ? recipient.organization : undefined);
  }
  return organizationActor(recipient.organization);
}

function periodOf({ from, until }: Permission): Pick<ConsentProvision, 'period'> {
  if (from === undefined && until === undefined) {
    return {};
  }
  return {
    period: {
      ...(from === undefined ? {} : { start: from }),
      ...(until === undefined ? {} : { end: until }),
    },
  };
}

/** One exception each, since the elements of one provision would have to match together. */
function exceptionsOf({ classes, sensitivities }: Exception): ConsentProvision[] {
  return [
    ...(classes === undefined ? [] : [{ type: 'deny' as const, class: classes.map(classCoding) }]),
    ...(sensitivities === undefined
      ? []
      : [{ type: 'deny' as const, securityLabel: sensitivities.map(sensitivityCoding) }]),
  ];
}
