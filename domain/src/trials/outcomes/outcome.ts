import { pointerTo } from '../json-pointer.js';
import { objectsAt, textAt, type TrialRecord } from '../trial-record.js';

/** How much weight the trial gives an outcome; `post-hoc` only in results. */
export type OutcomeRank = 'primary' | 'secondary' | 'other' | 'post-hoc';

/** An outcome as a record states it. */
export interface Outcome {
  readonly rank: OutcomeRank;
  readonly measure: string;
  readonly description?: string;
  readonly timeFrame?: string;
  /** JSON Pointer (RFC 6901) of the outcome in its record. */
  readonly pointer: string;
}

const REGISTERED: readonly (readonly [list: string, rank: OutcomeRank])[] = [
  ['primaryOutcomes', 'primary'],
  ['secondaryOutcomes', 'secondary'],
  ['otherOutcomes', 'other'],
];

const REPORTED: Readonly<Record<string, OutcomeRank>> = {
  PRIMARY: 'primary',
  SECONDARY: 'secondary',
  OTHER_PRE_SPECIFIED: 'other',
  POST_HOC: 'post-hoc',
};

/** The outcomes that a record announces (`outcomesModule`; WHO items 19 and 20). */
export function registeredOutcomes(record: TrialRecord): readonly Outcome[] {
  return REGISTERED.flatMap(([list, rank]) =>
    outcomesAt(record, ['protocolSection', 'outcomesModule', list], 'measure', () => rank),
  );
}

/** The outcomes that the results report (`resultsSection.outcomeMeasuresModule`); none while there are no results. */
export function reportedOutcomes(record: TrialRecord): readonly Outcome[] {
  const path = ['resultsSection', 'outcomeMeasuresModule', 'outcomeMeasures'];
  return outcomesAt(record, path, 'title', (outcome) => REPORTED[textAt(outcome, 'type') ?? '']);
}

function outcomesAt(
  record: TrialRecord,
  path: readonly string[],
  nameMember: string,
  rankOf: (outcome: object) => OutcomeRank | undefined,
): Outcome[] {
  const list = path.reduce<string>(pointerTo, '');
  return objectsAt(record, path.join('.')).flatMap(({ index, value }): Outcome[] => {
    const measure = textAt(value, nameMember);
    const rank = rankOf(value);
    if (measure === undefined || rank === undefined) return [];
    const description = textAt(value, 'description');
    const timeFrame = textAt(value, 'timeFrame');
    return [
      {
        rank,
        measure,
        ...(description === undefined ? {} : { description }),
        ...(timeFrame === undefined ? {} : { timeFrame }),
        pointer: pointerTo(list, index),
      },
    ];
  });
}
