import type { ClockSubject, DatedEvent } from './clock-facts.js';
import type { Period } from './legal-dates.js';

/** Why a regulation applies to a trial or not. */
export interface ApplicabilityReason {
  readonly text: string;
  readonly citation: string;
}

/** Whether a regulation applies; undetermined when the record lacks what decides it. */
export interface Applicability {
  readonly verdict: 'applicable' | 'not-applicable' | 'undetermined';
  readonly reasons: readonly ApplicabilityReason[];
}

/** What a clock counts from. */
export type ClockTrigger = DatedEvent | 'verification' | 'device-clearance';

/** What stops a clock. */
export type ClockDuty =
  'registration' | 'statement' | 'results' | 'all-results' | 'verification' | 'device-statement';

/** One duty with its time limit. */
export interface ClockRule {
  /** Stable, unique over all packs. */
  readonly id: string;
  readonly title: string;
  readonly citation: string;
  readonly from: ClockTrigger;
  /** The limit is the same day `within` later. */
  readonly within: Period;
  /** Where it is shorter for a part of the trials: the limit, and who they are. */
  readonly sooner?: { readonly within: Period; readonly when: 'paediatric'; readonly citation: string };
  readonly duty: ClockDuty;
  /** Whether certificates of delay, extensions and waivers move or end it. */
  readonly delayable?: true;
  /** Never due before that other clock of the pack, and delayed or waived with it; only where its own event lies later than that one's. */
  readonly notBefore?: string;
  /** Why this registry's word on the duty is not enough: it is fulfilled elsewhere. */
  readonly elsewhere?: string;
  /** Why the record alone cannot tell that this duty exists, for some trials. */
  readonly doubt?: { readonly primaryCompletionBefore: string; readonly text: string };
}

/** A regulation's clocks: data, versioned by the day on which this wording took effect. */
export interface ClockPack {
  readonly id: string;
  readonly version: string;
  /** ISO 3166 code, `EU`, or `international`. */
  readonly jurisdiction: string;
  readonly source: string;
  readonly applicability: (subject: ClockSubject) => Applicability;
  readonly clocks: readonly ClockRule[];
}
