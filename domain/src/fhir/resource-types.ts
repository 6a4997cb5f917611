import type { FhirResource } from 'fhir/r4';

/**
 * The resource types of FHIR R4 (4.0.1) that can be instantiated
 * (https://hl7.org/fhir/R4/resourcelist.html, without the abstract Resource and DomainResource).
 */
const NAMES = `
Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem
ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest
CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement
DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest
EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit
FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List
Location Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction
MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder
Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation
Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole
Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition
ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule
SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription
Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities
TestReport TestScript ValueSet VerificationResult VisionPrescription`;

export type ResourceType = FhirResource['resourceType'];

/** Every R4 resource type, in alphabetical order. */
export const RESOURCE_TYPES: readonly ResourceType[] = NAMES.trim().split(/\s+/) as ResourceType[];

const KNOWN: ReadonlySet<string> = new Set(RESOURCE_TYPES);

/** Types that carry other resources or the outcome of a request; they are not records of a patient's care. */
export const NOT_RECORDS: ReadonlySet<string> = new Set(['Bundle', 'Parameters', 'OperationOutcome']);

export function isResourceType(name: unknown): name is ResourceType {
  return typeof name === 'string' && KNOWN.has(name);
}

/** The type that differs from `name` only in upper and lower case, for a hint in an error. */
export function resourceTypeIgnoringCase(name: unknown): ResourceType | undefined {
  if (typeof name !== 'string') return undefined;
  const lower = name.toLowerCase();
  return RESOURCE_TYPES.find((type) => type.toLowerCase() === lower);
}
