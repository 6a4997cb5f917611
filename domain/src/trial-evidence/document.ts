import * as v from 'valibot';
import { invalid } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes, text, wholeNumber } from '../json/shape.js';
import { isTrialDate } from '../trials/trial-date.js';
import { findPersonalData } from '../trials/personal-data.js';

/** What a document of a trial is. The first three are those that ClinicalTrials.gov takes as Prot, SAP and ICF. */
export const TRIAL_DOCUMENT_KINDS = [
  'protocol',
  'statistical-analysis-plan',
  'informed-consent-form',
  'ethics-letter',
  'results-tables',
  'data-set',
] as const;

export type TrialDocumentKind = (typeof TRIAL_DOCUMENT_KINDS)[number];

/** What the registry is told of a document. All of it is public for ever; the content stays where it is. */
export interface TrialDocumentDescription {
  readonly kind: TrialDocumentKind;
  /** 1 to 300 characters, without personal data. */
  readonly title: string;
  /** BCP 47: `en`, `de-CH`. */
  readonly language: string;
  /** Lower case, without parameters: `application/pdf`. */
  readonly mediaType: string;
  /** SHA-256 of the content. */
  readonly digest: string;
  /** Of the content, in bytes. */
  readonly size: number;
  /** The date on the document, as its author gives it: `2026-03` or `2026-03-01`. */
  readonly date?: string;
}

/** One version of a document, as the registry holds it; versions are only ever added. */
export interface TrialDocumentVersion extends TrialDocumentDescription {
  /** The registry's number of the document, the same for all its versions. */
  readonly document: string;
  /** From 1. */
  readonly version: number;
  /** Why there is a new version; absent in the first one. */
  readonly reason?: string;
  /** When it was registered, by the clock of who registered it, which the channel's clock bounds. */
  readonly instant: string;
  /** Number of the clock's last beat then: nothing between this beat and the next one can be told apart. */
  readonly beat: number;
  /** MSP id of who registered it. */
  readonly organization: string;
}

/** 1 EiB: beyond what any file system stores as one file, and exact in a double. */
const MOST_BYTES = 2 ** 53 - 1;
const LANGUAGE = /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?$/;
const MEDIA_TYPE = /^[a-z]{1,32}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

const descriptionShape = closed({
  kind: v.picklist(TRIAL_DOCUMENT_KINDS, `must be one of ${TRIAL_DOCUMENT_KINDS.join(', ')}`),
  title: text(isTitle, 'must be a text of 1 to 300 characters in one line, without outer spaces'),
  language: text(
    (value) => LANGUAGE.test(String(value)),
    'must be a BCP 47 language tag such as en or de-CH',
  ),
  mediaType: text((value) => MEDIA_TYPE.test(String(value)), 'must be a media type such as application/pdf'),
  digest: shapes.digest,
  size: wholeNumber(0, MOST_BYTES),
  date: v.exactOptional(text(isTrialDate, 'must be a date such as 2026-03 or 2026-03-01')),
});

/**
 * Checks what the registry is told of a document.
 *
 * @param path what it is, the head of the JSON path in the error.
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path, also where the title looks like personal data.
 */
export function validateTrialDocument(value: unknown, path = 'document'): TrialDocumentDescription {
  const description: TrialDocumentDescription = checkShape(descriptionShape, value, path);
  if (findPersonalData({ protocolSection: {}, title: description.title }).length > 0) {
    throw invalid(
      `${path}.title`,
      'must hold no personal data (an e-mail address or telephone number): it stays public for ever',
      { reason: 'PERSONAL_DATA' },
    );
  }
  return description;
}

function isTitle(value: unknown): boolean {
  return (
    typeof value === 'string' && value === value.trim() && /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,300}$/u.test(value)
  );
}
