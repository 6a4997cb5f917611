import { invalid } from '../errors/vitaledger-error.js';
import { isInstant } from '../json/formats.js';

/** The languages that templates speak. */
export type TemplateLanguage = 'en' | 'de';

export const TEMPLATE_LANGUAGES: readonly TemplateLanguage[] = ['en', 'de'];

type Words = Readonly<Record<TemplateLanguage, string>>;

const CLASSES: Readonly<Record<string, Words>> = {
  AllergyIntolerance: { en: 'allergies and intolerances', de: 'Allergien und Unverträglichkeiten' },
  CarePlan: { en: 'care plans', de: 'Behandlungspläne' },
  Condition: { en: 'diagnoses', de: 'Diagnosen' },
  DiagnosticReport: { en: 'reports of examinations', de: 'Befundberichte' },
  DocumentReference: { en: 'documents', de: 'Dokumente' },
  Encounter: { en: 'visits and stays', de: 'Besuche und Aufenthalte' },
  ImagingStudy: { en: 'X-rays and other images', de: 'Röntgen- und andere Bilder' },
  Immunization: { en: 'vaccinations', de: 'Impfungen' },
  MedicationRequest: { en: 'prescriptions', de: 'Verordnungen' },
  MedicationStatement: { en: 'medicines taken', de: 'eingenommene Medikamente' },
  Observation: { en: 'measurements and laboratory results', de: 'Messungen und Laborwerte' },
  Procedure: { en: 'operations and other procedures', de: 'Operationen und andere Eingriffe' },
};

const SENSITIVITIES: Readonly<Record<string, Words>> = {
  ETH: { en: 'alcohol and drugs', de: 'Alkohol und Drogen' },
  GDIS: { en: 'genetic diseases', de: 'Erbkrankheiten' },
  HIV: { en: 'HIV and AIDS', de: 'HIV und AIDS' },
  MH: { en: 'mental health', de: 'seelische Gesundheit' },
  PSYTHPN: { en: 'notes of psychotherapy', de: 'Notizen einer Psychotherapie' },
  SDV: {
    en: 'sexual assault, abuse and domestic violence',
    de: 'sexuelle Übergriffe, Missbrauch und häusliche Gewalt',
  },
  SEX: { en: 'sexuality and reproduction', de: 'Sexualität und Fortpflanzung' },
  STD: { en: 'sexually transmitted diseases', de: 'sexuell übertragbare Krankheiten' },
  SUD: { en: 'substance use disorders', de: 'Suchterkrankungen' },
};

/** FHIR resource types that a template can name in plain words. */
export const TEMPLATE_CLASSES: readonly string[] = Object.keys(CLASSES);

/** Sensitivities (v3-ActCode) that a template can name in plain words. */
export const TEMPLATE_SENSITIVITIES: readonly string[] = Object.keys(SENSITIVITIES);

/** Codes in plain words, as a list. Refuses what has no plain words: nobody should sign a code. */
export function inWords(
  kind: 'classes' | 'sensitivities',
  codes: readonly string[],
  language: TemplateLanguage,
): string {
  const words = kind === 'classes' ? CLASSES : SENSITIVITIES;
  const known = codes.filter((code) => Object.hasOwn(words, code));
  if (codes.length === 0 || known.length < codes.length || new Set(codes).size < codes.length) {
    throw invalid(kind, `must be some of ${Object.keys(words).join(', ')}, each once`);
  }
  return listed(
    known.map((code) => words[code]?.[language] ?? code),
    language,
  );
}

function listed(items: readonly string[], language: TemplateLanguage): string {
  const and = language === 'en' ? ' and ' : ' und ';
  // A semicolon, since some of the words have commas and conjunctions of their own.
  return items.length < 3 ? items.join(`;${and}`) : `${items.slice(0, -1).join('; ')};${and}${items.at(-1)}`;
}

const MONTHS: Readonly<Record<TemplateLanguage, readonly string[]>> = {
  en: 'January February March April May June July August September October November December'.split(' '),
  de: 'Januar Februar März April Mai Juni Juli August September Oktober November Dezember'.split(' '),
};

/** A day in words, without the machine's locale: `31 December 2027`, `31. Dezember 2027`. */
export function dayInWords(date: string, language: TemplateLanguage): string {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  if (!isInstant(`${date}T00:00:00.000Z`)) throw invalid('until', 'must be a day such as 2027-12-31');
  const name = MONTHS[language][Number(month) - 1] ?? month;
  return language === 'en' ? `${Number(day)} ${name} ${year}` : `${Number(day)}. ${name} ${year}`;
}
