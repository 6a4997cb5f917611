import { labelling, type RecordInput, type RecordMetadata, type SensitivityMap } from '@vitaledger/domain';

/** Adds to a record the labels that the consortium's map derives, if there is one. */
export function labeller(
  map: SensitivityMap | undefined,
): (record: RecordInput) => RecordInput & Pick<RecordMetadata, 'labelledBy'> {
  if (!map) return (record) => record;
  const labelsOf = labelling(map);
  const labelledBy = { id: map.id, version: map.version };
  return (record) => ({ ...record, labels: labelsOf(record), labelledBy });
}
