import * as v from 'valibot';
import { invalid } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes } from '../json/shape.js';
import { curieShape, dayShape, diseaseShape, partyShape, someOf } from './data-use.js';

/** What the data are wanted for. A study can have several aims; the terms must permit each. */
export const RESEARCH_AIMS = [
  /** Health, medical or biomedical research. */
  'health',
  /** Population origins or ancestry. */
  'ancestry',
  /** Methods: development of software or algorithms. */
  'methods',
  /** Care of patients, which is no research. */
  'care',
  /** Any other research, such as social science. */
  'other',
] as const;

export type ResearchAim = (typeof RESEARCH_AIMS)[number];

/** DUO conditions that a study fulfils by undertaking to. */
export const UNDERTAKINGS = ['PUB', 'COL', 'RTN', 'MOR'] as const;

export type Undertaking = (typeof UNDERTAKINGS)[number];

/**
 * What a study wants data for. A fact that is absent is unknown: where a term asks for it, a committee must decide. An
 * undertaking or an approval that is absent is not given.
 */
export interface ResearchPurpose {
  readonly aims: readonly ResearchAim[];
  /** MONDO or DOID CURIEs of what the study is about; an empty list if it is about no disease in particular. */
  readonly diseases?: readonly string[];
  /** Whether genotypes are studied, alone or with phenotypes. */
  readonly genetic?: boolean;
  /** Whether the use is for profit. */
  readonly commercial?: boolean;
  /** Whether all institutions that use the data are not for profit. */
  readonly notForProfit?: boolean;
  /** ISO 3166 codes of the places where the data are used. */
  readonly regions?: readonly string[];
  readonly institutions?: readonly string[];
  readonly users?: readonly string[];
  readonly project?: string;
  /** CURIEs of the types of research. */
  readonly types?: readonly string[];
  /** What the study undertakes to do. */
  readonly undertakings: readonly Undertaking[];
  /** The earliest day on which results will be published. */
  readonly publication?: string;
  /** The last day on which the data are used. */
  readonly until?: string;
  /** Approval by an ethics committee: the digest of the document, and the last day on which it holds, if any. */
  readonly ethics?: { readonly digest: string; readonly until?: string };
}

const flag = v.exactOptional(v.boolean());
const entries = (entry: v.GenericSchema<unknown, string>) => v.exactOptional(someOf(entry));
const oneOf = <const T extends readonly string[]>(codes: T) =>
  v.picklist(codes, `must be one of ${codes.join(', ')}`);

/** The shape of {@link ResearchPurpose}. */
export const researchPurposeShape = closed({
  aims: v.pipe(v.array(oneOf(RESEARCH_AIMS)), v.minLength(1, 'must have at least one entry')),
  diseases: v.exactOptional(someOf(diseaseShape, 0)),
  genetic: flag,
  commercial: flag,
  notForProfit: flag,
  regions: entries(shapes.jurisdiction),
  institutions: entries(partyShape),
  users: entries(partyShape),
  project: v.exactOptional(partyShape),
  types: entries(curieShape),
  undertakings: v.array(oneOf(UNDERTAKINGS)),
  publication: v.exactOptional(dayShape),
  until: v.exactOptional(dayShape),
  ethics: v.exactOptional(closed({ digest: shapes.digest, until: v.exactOptional(dayShape) })),
});

/**
 * Checks what a study wants data for.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateResearchPurpose(value: unknown, path = 'purpose'): ResearchPurpose {
  const purpose: ResearchPurpose = checkShape(researchPurposeShape, value, path);
  for (const list of ['aims', 'undertakings'] as const) {
    if (new Set<string>(purpose[list]).size < purpose[list].length) {
      throw invalid(`${path}.${list}`, 'must not repeat an entry');
    }
  }
  return purpose;
}
