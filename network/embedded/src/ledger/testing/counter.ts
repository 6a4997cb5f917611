import type { CommittedBlock } from '../ledger.js';
import { bytes, type TestChannel } from './test-channel.js';

/** Commits so many blocks as one group. Each moves a counter, with a copy in private data. */
export async function commitNext(channel: TestChannel, count: number): Promise<readonly CommittedBlock[]> {
  const number = Number(channel.ledger.height);
  const group = [];
  for (let block = number; block < number + count; block++) {
    group.push([
      await channel.propose(
        (simulator) => {
          simulator.putState('cc', 'counter', bytes(String(block)));
          simulator.putState('cc', `block ${block}`, Buffer.alloc(1000, block));
          simulator.putPrivateData('cc', 'c', 'counter', bytes(String(block)));
        },
        { id: `transaction ${block}` },
      ),
    ]);
  }
  return channel.commitGroup(group);
}
