import { digestOf } from '@vitaledger/domain';

/**
 * A salt of its own for each value that a transaction writes from one salt sent by the SDK: whoever is shown one value
 * with its salt learns nothing that helps to guess another from its public hash.
 */
export function derivedSalt(
  salt: string,
  value:
    | 'head'
    | 'link'
    | 'statement'
    | 'receipt'
    | 'log'
    | 'version'
    | 'retraction'
    | 'rectification'
    | 'notice'
    | 'review'
    | 'care-team'
    | 'participation'
    | 'participant'
    | 'cohort'
    | 'cohort-budget'
    | 'cohort-pending'
    | 'cohort-threshold',
): string {
  return digestOf(`${value}/${salt}`);
}
