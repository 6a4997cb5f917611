import assert from 'node:assert/strict';
import type { EngineContext } from '../engine/engine.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import { whileRunning } from './while-running.js';

const context = (signal?: AbortSignal) => ({ ...(signal ? { signal } : {}) }) as EngineContext;
const supervisorOf = (state: string) =>
  ({
    status: () =>
      Promise.resolve([{ name: 'peer0', state, failures: 0, lastEnd: 'exit code 1', log: 'peer0.log' }]),
  }) as unknown as Supervisor;

/** Waits as the engines do: for ever, unless its context says that nobody waits any more. */
function waiting(ended: (reason: unknown) => void) {
  return ({ signal }: EngineContext) =>
    new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => {
        ended(signal.reason);
        reject(signal.reason as Error);
      });
    });
}

describe('work while the processes of a network run', () => {
  it('gives the answer of the work', async () => {
    assert.equal(
      await whileRunning(supervisorOf('running'), context(), () => Promise.resolve('done')),
      'done',
    );
  });

  it('ends the waiting of the work when a process has failed, so that no program is kept alive by it', async () => {
    let ended = 0;
    await assert.rejects(
      whileRunning(
        supervisorOf('failed'),
        context(),
        waiting(() => (ended += 1)),
      ),
      { code: 'PROCESS_FAILED', message: /peer0 ended \(exit code 1\).*peer0\.log/ },
    );
    assert.equal(ended, 1);
  });

  it('ends with the reason of its caller’s signal', async () => {
    const caller = new AbortController();
    const reason = new Error('no longer wanted');
    const result = whileRunning(
      supervisorOf('running'),
      context(caller.signal),
      waiting(() => undefined),
    );
    caller.abort(reason);
    await assert.rejects(result, reason);
  });

  it('does not begin for a caller that has given up', async () => {
    const reason = new Error('given up before');
    let begun = false;
    const work = () => {
      begun = true;
      return Promise.resolve();
    };
    await assert.rejects(
      whileRunning(supervisorOf('running'), context(AbortSignal.abort(reason)), work),
      reason,
    );
    assert(!begun);
  });
});
