/** FHIR R4: reading bundles into records, what consent must know of each, and references between them. */
export { bundleSubject, type BundleSubject } from './bundle-subject.js';
export type { BundleFault } from './check-bundle.js';
export { fhirCareTeam } from './care-team.js';
export { type Classification, classify, subjectReference } from './classify.js';
export { type FhirConsent, fromFhirConsent, toFhirConsent } from './consent-resource.js';
export { type JsonFault, locateJsonFault } from './json-fault.js';
export { referToRecords, resourceName, type ResourceName } from './patient-compartment.js';
export { provenanceOf, type ProvenanceSubject } from './provenance.js';
export { type BundleEntry, bundleFaults, readBundle, type RecordBundle } from './read-bundle.js';
export {
  isBundleLocal,
  isConditional,
  literalReferences,
  logicalReferences,
  type LiteralReference,
  planReferences,
  type ReferenceResolver,
  referenceResolver,
  rewriteReferences,
} from './references.js';
export { isResourceType, RESOURCE_TYPES, type ResourceType } from './resource-types.js';
