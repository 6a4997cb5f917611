import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import { VitaledgerError } from '@vitaledger/domain';
import type { Call } from './call.js';
import type { CommitStatus, Ledger, LedgerProposal } from './ledger.js';
import { delayAfter, type RetryEvent, type RetryPolicy } from './retry.js';
import { TransactionError } from './transaction-error.js';
import { Transactions } from './transactions.js';

const call: Call = { function: 'RecordContract:enrol', custodian: 'HospitalMSP', input: { name: 'Anna' } };
const valid: CommitStatus = { code: 0, block: 5n };
const unavailable = Object.assign(new Error('14 UNAVAILABLE: gone'), { code: status.UNAVAILABLE });
const deadline = Object.assign(new Error('4 DEADLINE_EXCEEDED: late'), { code: status.DEADLINE_EXCEEDED });
const invalidArgument = Object.assign(new Error('3 INVALID_ARGUMENT: bad'), {
  code: status.INVALID_ARGUMENT,
});
const refusal = new VitaledgerError('NOT_FOUND', 'There is no such patient');

type Outcome<T> = T | Error;

/** What happens in each step, one entry for each time that it is taken; the last one goes on. */
interface Plan {
  readonly evaluate?: readonly Outcome<string>[];
  readonly endorse?: readonly Outcome<string>[];
  readonly submit?: readonly Outcome<'ok'>[];
  readonly status?: readonly Outcome<CommitStatus>[];
}

class PlannedLedger implements Ledger {
  readonly steps: string[] = [];
  readonly #plan: Plan;
  readonly #taken = { evaluate: 0, endorse: 0, submit: 0, status: 0 };
  #proposals = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  propose(): LedgerProposal {
    const transactionId = `tx${++this.#proposals}`;
    this.steps.push(`propose ${transactionId}`);
    return {
      transactionId,
      evaluate: async () => Buffer.from(await this.#take('evaluate', 'answer')),
      endorse: async () => {
        const result = Buffer.from(await this.#take('endorse', 'result'));
        return {
          result,
          envelope: Buffer.from(`envelope of ${transactionId}`),
          submit: async () => {
            await this.#take('submit', 'ok', transactionId);
          },
          status: () => this.#take('status', valid, transactionId),
        };
      },
    };
  }

  useAnotherPeer(): void {
    this.steps.push('another peer');
  }

  #take<T>(step: keyof Plan, unplanned: T, of = ''): Promise<T> {
    const outcomes = (this.#plan[step] ?? [unplanned]) as readonly Outcome<T>[];
    const outcome = outcomes[Math.min(this.#taken[step]++, outcomes.length - 1)] as Outcome<T>;
    this.steps.push(`${step}${of && ` ${of}`}`);
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  }
}

function transactions(
  plan: Plan,
  policy: Partial<RetryPolicy> = {},
): { ledger: PlannedLedger; transactions: Transactions } {
  const ledger = new PlannedLedger(plan);
  return {
    ledger,
    transactions: new Transactions(ledger, { attempts: 4, firstDelay: 1, longestDelay: 2, ...policy }),
  };
}

async function failure(work: Promise<unknown>): Promise<TransactionError> {
  const error: unknown = await work.then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TransactionError, String(error));
  return error;
}

describe('a submitted transaction', () => {
  it('returns result, block and id when all goes well', async () => {
    const { ledger, transactions: tx } = transactions({});
    const committed = await tx.submit(call);
    assert.deepEqual(
      { ...committed, result: Buffer.from(committed.result).toString() },
      {
        transactionId: 'tx1',
        result: 'result',
        block: 5n,
        attempts: 1,
      },
    );
    assert.deepEqual(ledger.steps, ['propose tx1', 'endorse', 'submit tx1', 'status tx1']);
  });

  it('is proposed anew when another transaction changed what it read', async () => {
    const events: RetryEvent[] = [];
    const { ledger, transactions: tx } = transactions(
      { status: [{ code: 11, block: 1n }, { code: 12, block: 2n }, valid] },
      { onRetry: (event) => events.push(event) },
    );
    const committed = await tx.submit(call);
    assert.equal(committed.transactionId, 'tx3');
    assert.equal(committed.attempts, 3);
    assert.equal(ledger.steps.filter((step) => step.startsWith('propose')).length, 3);
    assert.deepEqual(
      events.map(({ reason, what, attempt }) => [reason, what, attempt]),
      [
        ['CONFLICT', 'proposal', 1],
        ['CONFLICT', 'proposal', 2],
      ],
    );
  });

  it('gives up as CONFLICT after the last attempt', async () => {
    const { transactions: tx } = transactions({ status: [{ code: 11, block: 1n }] });
    const error = await failure(tx.submit(call));
    assert.deepEqual(
      [error.code, error.phase, error.fate, error.attempts],
      ['CONFLICT', 'commit', 'failed', 4],
    );
  });

  it('is not repeated when the contract refuses, and says so with its own words', async () => {
    const { ledger, transactions: tx } = transactions({
      endorse: [new Error(`chaincode response 500, ${refusal.toWire()}`)],
    });
    const error = await failure(tx.submit(call));
    assert.deepEqual(
      [error.code, error.message, error.phase, error.fate],
      ['NOT_FOUND', refusal.message, 'endorse', 'failed'],
    );
    assert.equal(error.transactionId, 'tx1');
    assert.deepEqual(ledger.steps, ['propose tx1', 'endorse']);
  });

  it('is proposed anew through another peer when nobody endorses', async () => {
    const { ledger, transactions: tx } = transactions({ endorse: [unavailable, 'result'] });
    assert.equal((await tx.submit(call)).transactionId, 'tx2');
    assert.deepEqual(ledger.steps.slice(0, 4), ['propose tx1', 'endorse', 'another peer', 'propose tx2']);
  });

  it('is itself submitted again, never proposed anew, when it is unknown whether it was accepted', async () => {
    const { ledger, transactions: tx } = transactions({ submit: [unavailable, deadline, 'ok'] });
    assert.equal((await tx.submit(call)).transactionId, 'tx1');
    assert.deepEqual(
      ledger.steps.filter((step) => step !== 'another peer'),
      ['propose tx1', 'endorse', 'submit tx1', 'submit tx1', 'submit tx1', 'status tx1'],
    );
  });

  it('is looked up when no submission was confirmed', async () => {
    const { transactions: tx } = transactions({ submit: [unavailable] });
    assert.equal((await tx.submit(call)).transactionId, 'tx1');
  });

  it('has failed when the ordering service refused it at once', async () => {
    const { ledger, transactions: tx } = transactions({ submit: [invalidArgument] });
    const error = await failure(tx.submit(call));
    assert.deepEqual([error.phase, error.fate], ['submit', 'failed']);
    assert.equal(ledger.steps.includes('status tx1'), false);
  });

  it('has an unknown fate, and is not proposed anew, when its status cannot be learned', async () => {
    const { ledger, transactions: tx } = transactions({ status: [unavailable] });
    const error = await failure(tx.submit(call));
    assert.deepEqual([error.code, error.phase, error.fate], ['UNAVAILABLE', 'commit', 'unknown']);
    assert.equal(error.details.reason, 'FATE_UNKNOWN');
    assert.match(error.message, /tx1/);
    assert.equal(ledger.steps.filter((step) => step.startsWith('propose')).length, 1);
    assert.equal(ledger.steps.filter((step) => step.startsWith('status')).length, 4);
  });

  it('is not waited for again once its deadline has passed', async () => {
    const { ledger, transactions: tx } = transactions({ status: [deadline] });
    assert.equal((await failure(tx.submit(call))).fate, 'unknown');
    assert.equal(ledger.steps.filter((step) => step.startsWith('status')).length, 1);
  });

  it('looks the first status up when a second submission was told to be a duplicate', async () => {
    const { transactions: tx } = transactions({
      submit: [unavailable, 'ok'],
      status: [{ code: 9, block: 6n }, valid],
    });
    assert.equal((await tx.submit(call)).block, 5n);
    const { transactions: never } = transactions({ status: [{ code: 9, block: 6n }] });
    assert.equal((await failure(never.submit(call))).fate, 'unknown');
  });

  it('stops repeating when it is aborted', async () => {
    const abort = new AbortController();
    const { ledger, transactions: tx } = transactions(
      { status: [{ code: 11, block: 1n }] },
      {
        attempts: 100,
        firstDelay: 10_000,
        longestDelay: 10_000,
        onRetry: () =>
          setTimeout(() => {
            abort.abort();
          }, 5),
      },
    );
    await assert.rejects(tx.submit(call, { signal: abort.signal }), { name: 'AbortError' });
    assert.equal(ledger.steps.filter((step) => step.startsWith('propose')).length, 1);
  });

  it('tells nothing of its input in any failure', async () => {
    for (const plan of [
      { endorse: [unavailable] },
      { submit: [invalidArgument] },
      { status: [unavailable] },
    ]) {
      const error = await failure(transactions(plan).transactions.submit(call));
      assert.doesNotMatch(`${error.message} ${JSON.stringify(error)} ${error.stack ?? ''}`, /Anna/);
    }
  });
});

describe('an evaluated function', () => {
  it('is repeated when no peer answers, and not when the contract refuses', async () => {
    const { transactions: tx } = transactions({ evaluate: [unavailable, 'answer'] });
    assert.equal(Buffer.from(await tx.evaluate(call)).toString(), 'answer');
    const { ledger, transactions: refused } = transactions({ evaluate: [refusal] });
    assert.equal((await failure(refused.evaluate(call))).phase, 'evaluate');
    assert.equal(ledger.steps.length, 2);
  });

  it('waits for what another peer has just committed only when told to', async () => {
    const { transactions: tx } = transactions({ evaluate: [refusal, refusal, 'answer'] });
    assert.equal(Buffer.from(await tx.evaluate(call, { needsRecentState: true })).toString(), 'answer');
    const { transactions: never } = transactions({ evaluate: [refusal] });
    assert.equal((await failure(never.evaluate(call, { needsRecentState: true }))).code, 'NOT_FOUND');
  });
});

describe('delays', () => {
  it('double up to the longest, and vary between half and all of it', () => {
    const policy = { attempts: 9, firstDelay: 100, longestDelay: 1_000 };
    assert.deepEqual(
      [1, 2, 3, 4, 5, 9].map((attempt) => delayAfter(attempt, policy, () => 1)),
      [100, 200, 400, 800, 1_000, 1_000],
    );
    assert.deepEqual(
      [1, 5].map((attempt) => delayAfter(attempt, policy, () => 0)),
      [50, 500],
    );
  });
});
