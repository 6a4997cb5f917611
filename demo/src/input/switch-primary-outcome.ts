import type { TrialRecord } from '@vitaledger/domain';

interface Outcomes {
  primaryOutcomes: Record<string, unknown>[];
  secondaryOutcomes?: Record<string, unknown>[];
}

/**
 * The same trial after what trials are often found to do: the first primary outcome has become a secondary one, and the
 * first secondary outcome stands in its place. Where there is no secondary outcome, the time of the primary one moves.
 */
export function switchPrimaryOutcome(record: TrialRecord): TrialRecord {
  const changed = structuredClone(record);
  const outcomes = changed.protocolSection.outcomesModule as Outcomes;
  const { primaryOutcomes, secondaryOutcomes = [] } = outcomes;
  const [primary, ...otherPrimary] = primaryOutcomes;
  const [secondary, ...otherSecondary] = secondaryOutcomes;
  if (primary === undefined) return changed;
  if (secondary === undefined) {
    primary.timeFrame = 'Until the end of the trial';
    return changed;
  }
  outcomes.primaryOutcomes = [secondary, ...otherPrimary];
  outcomes.secondaryOutcomes = [...otherSecondary, primary];
  return changed;
}
