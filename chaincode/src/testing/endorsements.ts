/**
 * A program: endorses the calls of a job, which it reads from its standard input, each on the same state, and prints of
 * each a line with result, event and read-write set.
 */
import './another-machine.js';
import { TransactionContext } from '../contract/transaction-context.js';
import type { Caller } from '../authorization/caller.js';
import { target } from './every-call.js';
import { MemoryChannel, type Snapshot } from './memory-channel.js';

export interface Endorsement {
  readonly name: string;
  readonly as: Caller;
  /** The organizations whose peers execute: one for each machine. */
  readonly at: readonly [string, string];
  readonly timestamp: string;
  readonly transactionId: string;
  readonly input?: unknown;
  readonly args?: readonly string[];
}

export interface Job {
  readonly state: Snapshot;
  readonly calls: readonly Endorsement[];
}

/** Which of the two machines this is, and how far its own clock, which contracts may ask for beats, is off. */
const machine = Number(process.env.MACHINE_NUMBER) === 0 ? 0 : 1;
const OFF_MS = [-20_000, 20_000] as const;

async function endorse(channel: MemoryChannel, call: Endorsement): Promise<string> {
  const { name, as, timestamp, transactionId, input, args = [] } = call;
  const transaction = channel.begin({ custodian: call.at[machine], timestamp, transactionId, input });
  const peerTime = new Date(Date.parse(timestamp) + OFF_MS[machine]).toISOString();
  const context = new TransactionContext({ ledger: transaction, caller: as, wallClock: () => peerTime });
  const [contract, method] = target(name);
  const run = contract.aroundTransaction.bind(contract) as unknown as (
    context: TransactionContext,
    name: string,
    values: readonly string[],
  ) => Promise<string>;
  const result = await run(context, method, args);
  return JSON.stringify({ name, result, event: transaction.announced, ...transaction.readWriteSet() });
}

async function main(): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const { state, calls } = JSON.parse(Buffer.concat(chunks).toString()) as Job;
  const channel = MemoryChannel.of(state);
  for (const call of calls) console.log(await endorse(channel, call));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
