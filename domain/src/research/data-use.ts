import * as v from 'valibot';
import { invalid } from '../errors/vitaledger-error.js';
import { isSubject } from '../json/formats.js';
import { checkShape, closed, shapes, text, wholeNumber } from '../json/shape.js';
import { isTrialDate } from '../trials/trial-date.js';

/** What data may be used for: one DUO data use permission. */
export type DataUsePermission =
  | { readonly code: 'NRES' | 'GRU' | 'HMB' | 'POA' }
  /** `diseases`: MONDO or DOID CURIEs; research about any of them, or what is below one, is meant. */
  | { readonly code: 'DS'; readonly diseases: readonly string[] };

/** A condition on the use: a DUO data use modifier, with the value that the term needs. */
export type DataUseModifier =
  | {
      readonly code:
        'NMDS' | 'GSO' | 'NPUNCU' | 'PUB' | 'COL' | 'IRB' | 'RTN' | 'CC' | 'NPOA' | 'NPU' | 'NCU';
    }
  /** `regions`: ISO 3166 codes; `US` includes `US-CA`. */
  | { readonly code: 'GS'; readonly regions: readonly string[] }
  /** `until`: the first day on which results may be published. */
  | { readonly code: 'MOR'; readonly until: string }
  /** `months` from the day on which the use began. */
  | { readonly code: 'TS'; readonly months: number }
  /** `approved`: users, projects or institutions by the names they have in the study. */
  | { readonly code: 'US' | 'PS' | 'IS'; readonly approved: readonly string[] }
  /** `types`: CURIEs of the types of research, such as OBI or EFO terms. */
  | { readonly code: 'RS'; readonly types: readonly string[] };

/** Data-use terms of a data set or a consent: GA4GH DUO. */
export interface DataUse {
  readonly permission: DataUsePermission;
  /** All of them apply; each code once. */
  readonly modifiers: readonly DataUseModifier[];
}

/** The most values that one term can have. */
export const MAX_TERM_VALUES = 200;

/** A CURIE of the disease ontologies that DUO's disease terms may name. */
export const diseaseShape = text(
  (value) => /^(?:MONDO:\d{7}|DOID:\d{1,7})$/.test(String(value)),
  'must be a disease of MONDO or DOID, such as MONDO:0005148',
);

/** A CURIE of any ontology. */
export const curieShape = text(
  (value) => /^[A-Za-z][A-Za-z0-9.]{0,31}:[A-Za-z0-9_.-]{1,64}$/.test(String(value)),
  'must be a CURIE such as EFO:0000408',
);

/** A user, project or institution, by a name that says nothing about a person. */
export const partyShape = text(
  isSubject,
  'must be an identifier of 1 to 128 letters, digits, dots, dashes, colons or underscores',
);

export const dayShape = text(
  (value) => isTrialDate(value) && value.length === 10,
  'must be a day such as 2026-03-01',
);

/** A list without repetitions, of `least` to {@link MAX_TERM_VALUES} entries. */
export function someOf(entry: v.GenericSchema<unknown, string>, least: 0 | 1 = 1) {
  return v.pipe(
    v.array(entry),
    v.minLength(least, 'must have at least one entry'),
    v.maxLength(MAX_TERM_VALUES, `must have at most ${MAX_TERM_VALUES} entries`),
    v.check((list) => new Set(list).size === list.length, 'must not repeat an entry'),
  );
}

const withoutValue = [
  'NMDS',
  'GSO',
  'NPUNCU',
  'PUB',
  'COL',
  'IRB',
  'RTN',
  'CC',
  'NPOA',
  'NPU',
  'NCU',
] as const;

const permissionShape = v.variant('code', [
  v.strictObject({ code: v.picklist(['NRES', 'GRU', 'HMB', 'POA']) }),
  v.strictObject({ code: v.literal('DS'), diseases: someOf(diseaseShape) }),
]);

const modifierShape = v.variant('code', [
  v.strictObject({ code: v.picklist(withoutValue) }),
  v.strictObject({ code: v.literal('GS'), regions: someOf(shapes.jurisdiction) }),
  v.strictObject({ code: v.literal('MOR'), until: dayShape }),
  v.strictObject({ code: v.literal('TS'), months: wholeNumber(1, 1200) }),
  v.strictObject({ code: v.picklist(['US', 'PS', 'IS']), approved: someOf(partyShape) }),
  v.strictObject({ code: v.literal('RS'), types: someOf(curieShape) }),
]);

/** The shape of {@link DataUse}; {@link checkDataUse} holds the rules that no shape can say. */
export const dataUseShape = closed({
  permission: permissionShape,
  modifiers: v.pipe(v.array(modifierShape), v.maxLength(withoutValue.length + 7, 'must name each code once')),
});

/**
 * Refuses terms that repeat a modifier or contradict each other: what is meant then is for who wrote them to say.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function checkDataUse({ permission, modifiers }: DataUse, path: string): void {
  const codes = modifiers.map(({ code }) => code);
  const repeated = codes.findIndex((code, index) => codes.indexOf(code) < index);
  if (repeated >= 0) throw invalid(`${path}.modifiers[${repeated}].code`, 'must not be named twice');
  if (permission.code === 'NRES' && modifiers.length > 0) {
    throw invalid(`${path}.modifiers`, 'must be empty where the permission is NRES, no restriction');
  }
  if (permission.code === 'POA' && codes.includes('NPOA')) {
    throw invalid(`${path}.modifiers`, 'must not prohibit (NPOA) the only use that is permitted (POA)');
  }
}

/**
 * Checks data-use terms.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateDataUse(value: unknown, path = 'dataUse'): DataUse {
  const dataUse: DataUse = checkShape(dataUseShape, value, path);
  checkDataUse(dataUse, path);
  return dataUse;
}
