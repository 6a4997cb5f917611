import { invalid } from '../errors/vitaledger-error.js';
import { text } from '../json/shape.js';
import { findPersonalData } from './personal-data.js';

/** A line of text that stays public for ever. */
export const publicLine = text(
  (value) =>
    typeof value === 'string' &&
    value === value.trim() &&
    /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,300}$/u.test(value),
  'must be a text of 1 to 300 characters in one line, without outer spaces',
);

/** Refuses what looks like a person's address or number, anywhere in a value that is to be public. */
export function refusePersons(value: object, path: string): void {
  if (findPersonalData({ protocolSection: {}, value: JSON.stringify(value) }).length === 0) return;
  throw invalid(
    path,
    'must hold no personal data (an e-mail address or telephone number): it stays public for ever',
    { reason: 'PERSONAL_DATA' },
  );
}
