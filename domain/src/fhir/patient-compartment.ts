import type { FhirResource } from 'fhir/r4';
import { literalReferences, rewriteReferences, withoutVersion } from './references.js';

/** What is a patient's own: the types of the patient compartment (R4 compartmentdefinition-patient.html). */
const PATIENT_COMPARTMENT: ReadonlySet<string> = new Set(
  `
Account AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic BodyStructure CarePlan
CareTeam ChargeItem Claim ClaimResponse ClinicalImpression Communication CommunicationRequest Composition Condition
Consent Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue DeviceRequest
DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference Encounter EnrollmentRequest EpisodeOfCare
ExplanationOfBenefit FamilyMemberHistory Flag Goal ImagingStudy Immunization ImmunizationEvaluation
ImmunizationRecommendation Invoice List MeasureReport Media MedicationAdministration MedicationDispense
MedicationRequest MedicationStatement MolecularSequence NutritionOrder Observation Patient Procedure Provenance
QuestionnaireResponse RelatedPerson RequestGroup ResearchSubject RiskAssessment ServiceRequest Specimen
SupplyDelivery SupplyRequest VisionPrescription`
    .trim()
    .split(/\s+/),
);

const RELATIVE = /^([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;

/** A resource that a reference names, as a server knows it. */
export interface ResourceName {
  readonly type: string;
  readonly id: string;
}

/** The resource that a relative reference (`Encounter/17`) names; undefined for every other reference. */
export function resourceName(reference: string): ResourceName | undefined {
  const [, type = '', id = ''] = RELATIVE.exec(reference) ?? [];
  return type === '' ? undefined : { type, id };
}

/**
 * A copy of `resource` whose references to the patient's other resources name their records. It needs not know which of them are
 * registered: the record of a resource is the same, whenever it comes.
 *
 * @param recordOf the id of the record of a resource of the same patient
 * @param resolve what an entry's `fullUrl` names, where references are such
 */
export function referToRecords<T extends FhirResource>(
  resource: T,
  recordOf: (named: ResourceName) => string,
  resolve: (reference: string) => ResourceName | undefined = () => undefined,
): T {
  const plan = new Map<string, string>();
  for (const { reference } of literalReferences(resource, '')) {
    const named = resolve(reference) ?? resourceName(reference);
    if (named === undefined || !PATIENT_COMPARTMENT.has(named.type)) continue;
    plan.set(withoutVersion(reference), `${named.type}/${recordOf(named)}`);
  }
  return plan.size === 0 ? resource : rewriteReferences(resource, plan);
}
