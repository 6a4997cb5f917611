import {
  includesSensitivity,
  labelling,
  SYSTEMS,
  type ActiveDelegation,
  type Coding,
  type ConsortiumDocument,
  type LogEntry,
  type PatientHead,
} from '@vitaledger/domain';
import { hiddenConsents } from '../consent/delegate-view.js';
import { adoptedMap } from '../consortium/adopted-map.js';
import { recordKey, statementsOf } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

/**
 * Which entries of the access log a delegate is not shown: those that would tell of what is hidden from them, because the access rested on
 * a consent that the patient gave alone, or asked for codes, labels or records of a hidden sensitivity. Only for evaluated functions.
 */
export async function hiddenEntries(
  ledger: Ledger,
  document: ConsortiumDocument,
  head: PatientHead,
  reader: ActiveDelegation | undefined,
): Promise<(entry: LogEntry) => Promise<boolean>> {
  const { hidden = [] } = reader ?? {};
  if (!reader || hidden.length === 0) return () => Promise.resolve(false);
  const consents = await hiddenConsents(ledger.rangePrivate(statementsOf(head.patient)), reader);
  const map = await adoptedMap(ledger, document);
  const labelsOf = labelling(map ?? { id: 'none', version: 1, title: '', rules: [] });
  return async ({ rules, filter }) => {
    if (rules.some(({ consent }) => consents.has(consent))) return true;
    const { codes = [], labels = [], records = [] } = filter;
    if (isSensitive(labelsOf({ codes, category: [], labels }), hidden)) return true;
    for (const id of records) {
      const record = await ledger.getPrivate(recordKey(head.patient, id));
      if (record && 'labels' in record && isSensitive(record.labels, hidden)) return true;
    }
    return false;
  };
}

/** Whether any of these labels is a sensitivity that is hidden, or stands below one. */
export function isSensitive(labels: readonly Coding[], hidden: readonly string[] = []): boolean {
  return labels.some(
    ({ system, code }) =>
      system === SYSTEMS.sensitivity && hidden.some((label) => includesSensitivity(label, code)),
  );
}
