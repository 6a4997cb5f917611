import {
  accompanying,
  canonicalJson,
  decideRecord,
  isWanted,
  metadataOnly,
  type Accompanying,
  type ReceiptDocument,
  type RecordDecision,
  type RecordMetadata,
} from '@vitaledger/domain';
import type { Ledger, PrivateEntry } from '../ledger/ledger.js';
import { DEFAULT_PAGE, page, type Page } from '../ledger/page.js';
import { isSensitive } from './hidden-entries.js';
import type { DecidedEntry } from './person.js';
import { requestedRecords } from './requested-records.js';

/** A page of released records, and what the laws make travel with them. */
export interface ReleasedPage extends Page<object> {
  readonly accompanying: readonly Accompanying[];
}

/** The permitted records among those asked for that were registered no later than the request, entry by entry. */
export async function releasedPage(
  ledger: Ledger,
  receipt: ReceiptDocument,
  entries: readonly DecidedEntry[],
  { pageSize = DEFAULT_PAGE, bookmark: after }: { readonly pageSize?: number; readonly bookmark?: string },
): Promise<ReleasedPage> {
  const { filter, scope } = receipt.request;
  const released = new Map(entries.map(({ head: { patient } }) => [patient, [] as RecordDecision[]]));
  const choose = (record: RecordMetadata): object | undefined => {
    if (record.registered > receipt.instant || !isWanted(record, filter)) return undefined;
    if (isSensitive(record.labels, receipt.by?.hidden)) return undefined;
    const entry = entries.find(({ head: { patient } }) => patient === record.patient);
    const own = entry && decideRecord(entry.deciding, record);
    if (own?.outcome !== 'permit') return undefined;
    released.get(record.patient)?.push(own);
    return scope === 'content' ? record : metadataOnly(record);
  };
  const found = await page(recordsOfPerson(ledger, receipt, entries, after), pageSize, choose);
  const notices = entries.flatMap(({ head: { patient }, decision, deciding }) =>
    accompanying(decision, released.get(patient) ?? [], deciding.consents),
  );
  return { ...found, accompanying: eachOnce(notices) };
}

const ID_DIGITS = 32;

/**
 * The records that are asked for, of one entry of the person after the other. Those of the entry that was asked for are named by
 * their ids, those of the others by the entry's id and theirs.
 */
async function* recordsOfPerson(
  ledger: Ledger,
  { request: { patient: asked, filter } }: ReceiptDocument,
  entries: readonly DecidedEntry[],
  after = '',
): AsyncIterable<PrivateEntry<RecordMetadata>> {
  const begun = after.length > ID_DIGITS ? after.slice(0, ID_DIGITS) : asked;
  const first = entries.findIndex(({ head: { patient } }) => patient === begun);
  if (first < 0 && begun !== asked) return; // no longer merged, or denied since the page before
  for (const { head } of entries.slice(Math.max(first, 0))) {
    const { patient } = head;
    const behind = patient === begun ? after.slice(-ID_DIGITS) : '';
    const prefix = patient === asked ? '' : patient;
    for await (const { name, value } of requestedRecords(ledger, patient, filter, behind || undefined)) {
      yield { name: `${prefix}${name}`, value };
    }
  }
}

function eachOnce(notices: readonly Accompanying[]): readonly Accompanying[] {
  return [...new Map(notices.map((notice) => [canonicalJson(notice), notice])).values()];
}
