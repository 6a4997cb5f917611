import {
  accompanying,
  decideRecord,
  isWanted,
  metadataOnly,
  type Accompanying,
  type Decision,
  type DecisionInput,
  type ReceiptDocument,
  type RecordDecision,
  type RecordMetadata,
} from '@vitaledger/domain';
import type { Ledger } from '../ledger/ledger.js';
import { DEFAULT_PAGE, page, type Page } from '../ledger/page.js';
import { isSensitive } from './hidden-entries.js';
import { requestedRecords } from './requested-records.js';

/** A page of released records, and what the laws make travel with them. */
export interface ReleasedPage extends Page<object> {
  readonly accompanying: readonly Accompanying[];
}

/** The permitted records among those asked for that were registered no later than the request. */
export async function releasedPage(
  ledger: Ledger,
  receipt: ReceiptDocument,
  deciding: DecisionInput,
  decision: Decision,
  { pageSize = DEFAULT_PAGE, bookmark: after }: { readonly pageSize?: number; readonly bookmark?: string },
): Promise<ReleasedPage> {
  const { patient, filter, scope } = receipt.request;
  const released: RecordDecision[] = [];
  const choose = (record: RecordMetadata): object | undefined => {
    if (record.registered > receipt.instant || !isWanted(record, filter)) return undefined;
    if (isSensitive(record.labels, receipt.by?.hidden)) return undefined;
    const own = decideRecord(deciding, record);
    if (own.outcome !== 'permit') return undefined;
    released.push(own);
    return scope === 'content' ? record : metadataOnly(record);
  };
  const found = await page(requestedRecords(ledger, patient, filter, after), pageSize, choose);
  return { ...found, accompanying: accompanying(decision, released, deciding.consents) };
}
