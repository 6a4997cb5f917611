import * as v from 'valibot';
import { closed, shapes } from '../json/shape.js';

/**
 * Classes of records that a law treats by where they come from, whatever their codes say:
 * - `part2-program`: record of a substance use disorder program (42 CFR 2.11 "Records");
 * - `sud-counseling-notes`: such a clinician's notes of counseling, kept apart (42 CFR 2.11);
 * - `psychotherapy-notes`: a mental health professional's notes of counseling, kept apart (45 CFR 164.501);
 * - `minor-consented-service`: care to which a minor lawfully consented alone (45 CFR 164.502(g)(3)).
 */
export const LEGAL_CLASSES = [
  'part2-program',
  'sud-counseling-notes',
  'psychotherapy-notes',
  'minor-consented-service',
] as const;

export type LegalClass = (typeof LEGAL_CLASSES)[number];

/** Where a record comes from, as its author declares it. A law's special classes follow from this, never from codes alone. */
export interface RecordOrigin {
  /** MSP id of the organization that made it: stays the same when the record moves to another custodian. */
  readonly organization: string;
  readonly classes: readonly LegalClass[];
}

export const legalClass = v.picklist(LEGAL_CLASSES, `must be one of ${LEGAL_CLASSES.join(', ')}`);

export const originShape = closed({
  organization: shapes.mspId,
  classes: v.pipe(
    v.array(legalClass),
    v.minLength(1, 'must name at least one legal class, or leave out the origin'),
    v.check((classes) => new Set(classes).size === classes.length, 'must name each legal class once'),
  ),
});
