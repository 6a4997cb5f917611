import type { CodeableConcept, FhirResource, Observation } from 'fhir/r4';

/** Elements that say when and what, of the types that are shown. */
interface Described {
  readonly onsetDateTime?: string;
  readonly effectiveDateTime?: string;
  readonly authoredOn?: string;
  readonly recordedDate?: string;
  readonly code?: CodeableConcept;
  readonly medicationCodeableConcept?: CodeableConcept;
  readonly vaccineCode?: CodeableConcept;
}

/** One line about a FHIR resource, as a person would say it: `2024-03-01 Essential hypertension`. */
export function resourceLine(resource: FhirResource): string {
  const value = resource.resourceType === 'Observation' ? valueOf(resource) : '';
  return [resourceDate(resource), `${nameOf(resource)}${value === '' ? '' : `: ${value}`}`]
    .filter((part) => part !== '')
    .join(' ');
}

/** The day that it is about; empty when it does not say. */
export function resourceDate(resource: FhirResource): string {
  const { onsetDateTime, effectiveDateTime, authoredOn, recordedDate } = resource as Described;
  return (onsetDateTime ?? effectiveDateTime ?? authoredOn ?? recordedDate ?? '').slice(0, 10);
}

function nameOf(resource: FhirResource): string {
  const { code, medicationCodeableConcept, vaccineCode } = resource as Described;
  const concept = code ?? medicationCodeableConcept ?? vaccineCode;
  return concept?.text ?? concept?.coding?.[0]?.display ?? resource.resourceType;
}

function valueOf({ valueQuantity, valueCodeableConcept, component = [] }: Observation): string {
  if (valueCodeableConcept) return valueCodeableConcept.text ?? '';
  const parts = [valueQuantity, ...component.map((part) => part.valueQuantity)].flatMap((quantity) =>
    quantity?.value === undefined ? [] : [{ value: rounded(quantity.value), unit: quantity.unit ?? '' }],
  );
  return `${parts.map(({ value }) => value).join(' / ')} ${parts[0]?.unit ?? ''}`.trim();
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
