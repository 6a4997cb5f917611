/** An element that is a list, as a member; none where the list is empty, since FHIR has no empty arrays (R4 json.html). */
export function listElement<Name extends string, T>(
  name: Name,
  values: readonly T[] | undefined,
): Partial<Record<Name, T[]>> {
  if (values === undefined || values.length === 0) return {};
  return { [name]: [...values] } as Partial<Record<Name, T[]>>;
}
