/*
 * Code systems under each URI that FHIR systems use for them. OIDs: HL7 OID registry; URIs: FHIR R4 "Using Codes" and
 * HL7 Terminology. Keeping an alias here keeps a sensitive code from passing unlabelled under another name.
 */

export const LOINC = ['http://loinc.org', 'urn:oid:2.16.840.1.113883.6.1'] as const;

export const SNOMED_CT = ['http://snomed.info/sct', 'urn:oid:2.16.840.1.113883.6.96'] as const;

export const RXNORM = [
  'http://www.nlm.nih.gov/research/umls/rxnorm',
  'urn:oid:2.16.840.1.113883.6.88',
] as const;

export const ICD_10 = [
  'http://hl7.org/fhir/sid/icd-10',
  'http://hl7.org/fhir/sid/icd-10-cm',
  'http://hl7.org/fhir/sid/icd-10-de',
  'http://fhir.de/CodeSystem/bfarm/icd-10-gm',
  'urn:oid:2.16.840.1.113883.6.3',
  'urn:oid:2.16.840.1.113883.6.90',
] as const;

/** Only where the code means this in the American clinical modification. */
export const ICD_10_CM = ['http://hl7.org/fhir/sid/icd-10-cm', 'urn:oid:2.16.840.1.113883.6.90'] as const;
