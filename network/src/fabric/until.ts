import { setTimeout as sleep } from 'node:timers/promises';

/** What one attempt said: done with a value, or not yet and why. */
export type Attempt<T> =
  { readonly done: true; readonly value: T } | { readonly done: false; readonly reason: string };

export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';

  constructor(readonly reason: string) {
    super(reason);
  }
}

/**
 * Repeats an attempt until it is done.
 *
 * @param deadline in milliseconds since the epoch.
 * @param signal ends the waiting with its reason.
 * @throws DeadlinePassed with the reason of the last attempt.
 */
export async function until<T>(
  attempt: () => Promise<Attempt<T>>,
  deadline: number,
  pauseMs = 100,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const outcome = await attempt();
    if (outcome.done) {
      return outcome.value;
    }
    if (Date.now() + pauseMs >= deadline) {
      throw new DeadlinePassed(outcome.reason);
    }
    await sleep(pauseMs, undefined, { signal });
  }
}
