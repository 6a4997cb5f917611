import { isDigest } from '../json/index.js';
import { isTrialDate } from './trial-date.js';
import { isMembers, objectsAt, textAt, type TrialRecord, valueAt } from './trial-record.js';

/** Reports a fault at a dotted path of the record. */
export type ItemReport = (path: string, rule: string) => void;

/** One thing that a data item asks of a record. */
export type ItemCheck = (record: TrialRecord, report: ItemReport) => void;

/** There is text. */
export function requiredText(path: string): ItemCheck {
  return (record, report) => {
    if (textAt(record, path) === undefined) report(path, 'is required');
  };
}

/** One of the codes that ClinicalTrials.gov defines for the field. */
export function requiredCode(path: string, codes: readonly string[]): ItemCheck {
  return (record, report) => {
    const value = valueAt(record, path);
    if (value === undefined) report(path, 'is required');
    else if (typeof value !== 'string' || !codes.includes(value))
      report(path, `must be one of ${codes.join(', ')}`);
  };
}

/** If there is a value, it has the form of `pattern`, which `rule` describes. */
export function optionalPattern(path: string, pattern: RegExp, rule: string): ItemCheck {
  return (record, report) => {
    const value = valueAt(record, path);
    if (value !== undefined && !(typeof value === 'string' && pattern.test(value))) report(path, rule);
  };
}

/** A date `2019-02` or `2019-02-28`. */
export function requiredDate(path: string): ItemCheck {
  return (record, report) => {
    if (valueAt(record, path) === undefined) report(path, 'is required');
    else optionalDate(path)(record, report);
  };
}

/** If there is a date, it is one. */
export function optionalDate(path: string): ItemCheck {
  return (record, report) => {
    const value = valueAt(record, path);
    if (value !== undefined && !isTrialDate(value))
      report(path, 'must be a date such as 2019-02 or 2019-02-28');
  };
}

/** A whole number of at least 0. */
export function requiredCount(path: string): ItemCheck {
  return (record, report) => {
    const value = valueAt(record, path);
    if (value === undefined) report(path, 'is required');
    else if (!Number.isSafeInteger(value) || Number(value) < 0)
      report(path, 'must be a whole number, 0 or more');
  };
}

/** An array of texts, with at least one. */
export function requiredTexts(path: string): ItemCheck {
  return (record, report) => {
    const values = valueAt(record, path);
    if (!Array.isArray(values) || values.length === 0) {
      report(path, 'must list at least one');
      return;
    }
    values.forEach((value: unknown, index) => {
      if (typeof value !== 'string' || value.trim() === '') report(`${path}[${index}]`, 'must be text');
    });
  };
}

/** An array of objects whose `members` are texts; `least` is how many there must be. */
export function objectsWith(path: string, members: readonly string[], least: 0 | 1): ItemCheck {
  return (record, report) => {
    const values = valueAt(record, path);
    if (values === undefined && least === 0) return;
    if (!Array.isArray(values) || values.length < least) {
      report(path, least === 0 ? 'must be an array' : 'must list at least one');
      return;
    }
    values.forEach((value: unknown, index) => {
      checkMembers(value, members, `${path}[${index}]`, report);
    });
  };
}

function checkMembers(value: unknown, members: readonly string[], path: string, report: ItemReport): void {
  if (!isMembers(value)) {
    report(path, 'must be an object');
    return;
  }
  for (const member of members) {
    if (textAt(value, member) === undefined) report(`${path}.${member}`, 'is required');
  }
}

/** A sponsor's name. A person who sponsors (class INDIV) may be replaced by the digest of the name. */
export function sponsorName(path: string): ItemCheck {
  return (record, report) => {
    const isRedacted =
      valueAt(record, `${path}.class`) === 'INDIV' && isDigest(valueAt(record, `${path}.digest`));
    if (!isRedacted) requiredText(`${path}.name`)(record, report);
  };
}

/** At least one of several places holds somebody to ask, in clear or as a digest. */
export function contactAt(places: readonly string[]): ItemCheck {
  return (record, report) => {
    if (!places.some((place) => hasContact(record, place))) {
      report(places[0] ?? '', 'is required while the trial recruits or is about to');
    }
  };
}

function hasContact(record: TrialRecord, place: string): boolean {
  const [list = place, inner] = place.split('[].');
  if (inner !== undefined) return objectsAt(record, list).some(({ value }) => isContactList(value[inner]));
  const value = valueAt(record, list);
  return isContactList(Array.isArray(value) ? value : [value]);
}

function isContactList(value: unknown): boolean {
  return Array.isArray(value) && value.some((contact) => isMembers(contact) && namesSomebody(contact));
}

function namesSomebody(contact: object): boolean {
  const named = ['name', 'investigatorFullName', 'oldNameTitle', 'title', 'email', 'phone'];
  return (
    named.some((member) => textAt(contact, member) !== undefined) || isDigest(valueAt(contact, 'digest'))
  );
}

/** Applies `check` only to records for which `condition` holds. */
export function when(condition: (record: TrialRecord) => boolean, check: ItemCheck): ItemCheck {
  return (record, report) => {
    if (condition(record)) check(record, report);
  };
}
