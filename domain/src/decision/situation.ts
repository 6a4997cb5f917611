import { type Coding, SYSTEMS } from '../records/coding.js';
import type { RecordOrigin } from '../records/origin.js';
import type { Memberships } from './care-team.js';
import type { DecisionRequest, RecordFacets } from './decision.js';

/** Stands for every class that no rule and no request names. */
export const OTHER_CLASSES = '*';

/** What is known of the data asked for; an absent member is not known. */
export interface DataFacets {
  readonly class: string;
  readonly id?: string;
  readonly codes?: readonly Coding[];
  readonly labels?: readonly Coding[];
  readonly date?: string;
  readonly mediaType?: string;
  /** `none`: it declares none. */
  readonly origin?: RecordOrigin | 'none';
}

/** Everything a rule can be matched against. */
export interface Situation {
  readonly request: DecisionRequest;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly data: DataFacets;
  /** What the request's actor is in the care teams that the custodian keeps. */
  readonly teams?: Memberships;
}

/** All of a record's facets are known, save a date it does not have: that stays unknown, never "outside". */
export function facetsOf(record: RecordFacets): DataFacets {
  const { id, class: resourceType, category, labels, date, mediaType, origin } = record;
  const codes = [...record.codes, ...category, ...legalClassesOf(origin)];
  const facets = { id, class: resourceType, codes, labels, mediaType, origin: origin ?? ('none' as const) };
  return date === undefined ? facets : { ...facets, date };
}

/** A consent can name a legal class as it names any other code. */
function legalClassesOf(origin: RecordOrigin | undefined): readonly Coding[] {
  return (origin?.classes ?? []).map((code) => ({ system: SYSTEMS.legalClass, code }));
}
