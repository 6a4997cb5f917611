import { invalid } from '../errors/vitaledger-error.js';
import { isSameCoding } from '../records/coding.js';
import { spanBetween, spanOf } from '../records/dates.js';
import type { RecordInput } from '../records/record.js';
import type { AccessFilter } from './request.js';

/** Refuses a filter whose dates run backwards. */
export function checkFilter(filter: AccessFilter, path: string): void {
  const span = spanBetween(filter.from, filter.to);
  if (!span || span.first > span.last) throw invalid(`${path}.to`, 'must not be before from');
}

/**
 * Whether a record is among those asked for. A code is wanted if the record has it among its codes or categories; a
 * record without a date is not within any dates.
 */
export function isWanted(record: Omit<RecordInput, 'keyShare'>, filter: AccessFilter): boolean {
  const { classes, codes, records } = filter;
  return (
    (classes === undefined || classes.includes(record.class)) &&
    (records === undefined || records.includes(record.id)) &&
    (codes === undefined ||
      codes.some((code) => [...record.codes, ...record.category].some((own) => isSameCoding(own, code)))) &&
    isWithinDates(record.date, filter)
  );
}

function isWithinDates(date: string | undefined, { from, to }: AccessFilter): boolean {
  if (from === undefined && to === undefined) return true;
  const own = date === undefined ? undefined : spanOf(date);
  const limits = spanBetween(from, to);
  return own !== undefined && limits !== undefined && own.last >= limits.first && own.first <= limits.last;
}
