import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineContext } from '../engine/engine.js';
import { NetworkError } from '../errors/network-error.js';
import type { Supervisor } from '../supervisor/supervisor.js';

const LOOK_EVERY_MS = 500;
/** A process that ended this often while the network starts will not get better. */
const TOO_OFTEN = 4;

/**
 * Awaits `work`, and looks meanwhile whether the network's processes stay alive: waiting for one that has ended would only
 * end at a deadline, with a message about something else. Throws `PROCESS_FAILED` with the log to read, or the reason of the
 * context's signal. `work` gets a context whose signal is aborted then, so that it does not go on waiting unheard.
 */
export async function whileRunning<T>(
  supervisor: Supervisor,
  context: EngineContext,
  work: (context: EngineContext) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const signal = context.signal ? AbortSignal.any([context.signal, ending.signal]) : ending.signal;
  signal.throwIfAborted();
  const working = work({ ...context, signal });
  const watching = watch(supervisor, signal);
  try {
    return await Promise.race([working, watching]);
  } catch (error) {
    // A sleep that was ended says only that; whoever ended it said why.
    context.signal?.throwIfAborted();
    throw error;
  } finally {
    ending.abort();
    // What lost the race may still fail; it was answered for already.
    working.catch(() => undefined);
    watching.catch(() => undefined);
  }
}

async function watch(supervisor: Supervisor, signal: AbortSignal): Promise<never> {
  const before = new Map((await supervisor.status()).map(({ name, failures }) => [name, failures]));
  for (;;) {
    await sleep(LOOK_EVERY_MS, undefined, { signal });
    for (const { name, state, failures, lastEnd, log } of await supervisor.status()) {
      const often = failures - (before.get(name) ?? 0) >= TOO_OFTEN;
      if (state === 'failed' || (state === 'waiting' && often)) {
        throw new NetworkError(
          'PROCESS_FAILED',
          `${name} ended (${lastEnd ?? 'unknown reason'}). Its log says why: ${log}`,
        );
      }
    }
  }
}
