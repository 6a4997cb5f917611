import { commitNext } from './counter.js';
import { MEMBERS, TestChannel } from './test-channel.js';

/**
 * A process to be killed: commits groups of blocks into the directory it is given, and writes the number of each block
 * that was acknowledged to standard output.
 */
async function main(directory: string): Promise<never> {
  const channel = await TestChannel.open({ directory });
  channel.collections.set('cc/c', MEMBERS);
  for (;;) {
    const number = Number(channel.ledger.height);
    for (const { block } of await commitNext(channel, (number % 3) + 1)) {
      process.stdout.write(`${block.getHeader()?.getNumber() ?? ''}\n`);
    }
  }
}

void main(process.argv[2] ?? '');
