import { setTimeout as sleep } from 'node:timers/promises';
import type { RetryReason } from './verdict.js';

/** When and how often something is tried again. Refusals by a contract are never repeated. */
export interface RetryPolicy {
  /** Proposals at most, the first one included. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled for each further one, and varied so that rivals do not meet again. */
  readonly firstDelay: number;
  /** Milliseconds; no delay is longer. */
  readonly longestDelay: number;
  /** Told before each repetition; for logs and counters. Nothing in it concerns a person. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
}

/** Something that is tried again. */
export interface RetryEvent {
  /** `Contract:function`. */
  readonly function: string;
  readonly reason: RetryReason;
  /** `proposal`: from the beginning. `submission`, `status`: of the same transaction, whose fate is unknown. */
  readonly what: 'proposal' | 'submission' | 'status';
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** Milliseconds until the next one. */
  readonly delay: number;
  readonly transactionId: string;
}

/** What is repeated unless told otherwise. */
export const defaultRetry: RetryPolicy = { attempts: 6, firstDelay: 60, longestDelay: 3_000 };

/** Milliseconds to wait after the failure of attempt `attempt` (from 1): between half and all of the doubled delay. */
export function delayAfter(attempt: number, policy: RetryPolicy, random: () => number = Math.random): number {
  const full = Math.min(policy.longestDelay, policy.firstDelay * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + 0.5 * random()));
}

/** Announces a repetition and waits for its turn. Rejects when `signal` aborts. */
export async function pause(
  event: Omit<RetryEvent, 'delay'>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<void> {
  const delay = delayAfter(event.attempt, policy);
  policy.onRetry?.({ ...event, delay });
  await sleep(delay, undefined, signal ? { signal } : {});
}
