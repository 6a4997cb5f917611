import type { ResourceType } from './resource-types.js';

/**
 * What Vitaledger requires of a resource before it becomes a record: the elements with cardinality 1..* in FHIR R4
 * (4.0.1), and the codes that the required binding of `status` allows. `x[a|b]` is a choice element.
 */
export interface ElementRules {
  readonly required: readonly string[];
  readonly statuses?: readonly string[];
  /**
   * The element that says whose record this is. It must be present even where R4 leaves it optional: consent cannot
   * be decided for a record of nobody.
   */
  readonly subject?: string;
}

const EVENT = 'preparation in-progress not-done on-hold stopped completed entered-in-error unknown'.split(
  ' ',
);
const REQUEST = 'draft active on-hold revoked completed entered-in-error unknown'.split(' ');
const FINANCIAL = 'active cancelled draft entered-in-error'.split(' ');
const OBSERVATION = 'registered preliminary final amended corrected cancelled entered-in-error unknown'.split(
  ' ',
);
const DOCUMENT = 'current superseded entered-in-error'.split(' ');
const MEDICATION = 'medication[medicationCodeableConcept|medicationReference]';
const OCCURRENCE = 'occurrence[occurrenceDateTime|occurrenceString]';

function rules(required: string, subject?: string, statuses?: readonly string[] | string): ElementRules {
  return {
    required: required.split(' ').filter((name) => name !== ''),
    ...(subject === undefined ? {} : { subject }),
    ...(statuses === undefined
      ? {}
      : { statuses: typeof statuses === 'string' ? statuses.split(' ') : statuses }),
  };
}

/** The types that hospitals, pharmacies and laboratories exchange most, among them all that Synthea exports. */
export const ELEMENT_RULES: Partial<Readonly<Record<ResourceType, ElementRules>>> = {
  AllergyIntolerance: rules('', 'patient'),
  Appointment: rules(
    'status participant',
    undefined,
    'proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist',
  ),
  CarePlan: rules('status intent', 'subject', REQUEST),
  CareTeam: rules('', 'subject', 'proposed active suspended inactive entered-in-error'),
  Claim: rules('status type use created provider priority insurance', 'patient', FINANCIAL),
  ClaimResponse: rules('status type use created insurer outcome', 'patient', FINANCIAL),
  ClinicalImpression: rules('status', 'subject', EVENT),
  Communication: rules('status', 'subject', EVENT),
  Composition: rules(
    'status type date author title',
    'subject',
    'preliminary final amended entered-in-error',
  ),
  Condition: rules('', 'subject'),
  Consent: rules(
    'status scope category',
    'patient',
    'draft proposed active rejected inactive entered-in-error',
  ),
  Coverage: rules('status payor', 'beneficiary', FINANCIAL),
  Device: rules('', undefined, 'active inactive entered-in-error unknown'),
  DeviceUseStatement: rules(
    'status device',
    'subject',
    'active completed entered-in-error intended stopped on-hold',
  ),
  DiagnosticReport: rules('status code', 'subject', [...OBSERVATION, 'partial', 'appended']),
  DocumentReference: rules('status content', 'subject', DOCUMENT),
  Encounter: rules(
    'status class',
    'subject',
    'planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown',
  ),
  EpisodeOfCare: rules(
    'status',
    'patient',
    'planned waitlist active onhold finished cancelled entered-in-error',
  ),
  ExplanationOfBenefit: rules(
    'status type use created insurer provider outcome insurance',
    'patient',
    FINANCIAL,
  ),
  FamilyMemberHistory: rules(
    'status relationship',
    'patient',
    'partial completed entered-in-error health-unknown',
  ),
  Flag: rules('status code', 'subject', 'active inactive entered-in-error'),
  Goal: rules('lifecycleStatus description', 'subject'),
  ImagingStudy: rules('status', 'subject', 'registered available cancelled entered-in-error unknown'),
  Immunization: rules(`status vaccineCode ${OCCURRENCE}`, 'patient', 'completed entered-in-error not-done'),
  List: rules('status mode', 'subject', 'current retired entered-in-error'),
  Media: rules('status content', 'subject', EVENT),
  Medication: rules('', undefined, 'active inactive entered-in-error'),
  MedicationAdministration: rules(
    `status ${MEDICATION} effective[effectiveDateTime|effectivePeriod]`,
    'subject',
    'in-progress not-done on-hold completed entered-in-error stopped unknown',
  ),
  MedicationDispense: rules(
    `status ${MEDICATION}`,
    'subject',
    'preparation in-progress cancelled on-hold completed entered-in-error stopped declined unknown',
  ),
  MedicationRequest: rules(
    `status intent ${MEDICATION}`,
    'subject',
    'active on-hold cancelled completed entered-in-error stopped draft unknown',
  ),
  MedicationStatement: rules(
    `status ${MEDICATION}`,
    'subject',
    'active completed entered-in-error intended stopped on-hold unknown not-taken',
  ),
  NutritionOrder: rules('status intent dateTime', 'patient', REQUEST),
  Observation: rules('status code', 'subject', OBSERVATION),
  Procedure: rules('status', 'subject', EVENT),
  Provenance: rules('target recorded agent'),
  QuestionnaireResponse: rules('status', 'subject', 'in-progress completed amended entered-in-error stopped'),
  ResearchSubject: rules('status study', 'individual'),
  RiskAssessment: rules('status', 'subject', OBSERVATION),
  ServiceRequest: rules('status intent', 'subject', REQUEST),
  Specimen: rules('', 'subject', 'available unavailable unsatisfactory entered-in-error'),
  SupplyDelivery: rules('', 'patient', 'in-progress completed abandoned entered-in-error'),
  VisionPrescription: rules('status created dateWritten prescriber lensSpecification', 'patient', FINANCIAL),
};

/** Where the types without rules above keep the person, by the R4 patient compartment, in order of precedence. */
const SUBJECT_ELEMENTS = ['subject', 'patient', 'beneficiary', 'individual', 'for', 'candidate'] as const;

/** The names of the elements that may say whose record a resource of this type is. */
export function subjectElements(resourceType: ResourceType): readonly string[] {
  const own = ELEMENT_RULES[resourceType]?.subject;
  return own === undefined ? SUBJECT_ELEMENTS : [own];
}
