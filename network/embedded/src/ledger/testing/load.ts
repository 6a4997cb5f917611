import { bytes, MEMBERS, TestChannel } from './test-channel.js';

/**
 * A process to be killed: commits groups of blocks into the directory it is given, and writes the number of each block
 * that was acknowledged to standard output. Each block moves a counter, with a copy in private data.
 */
async function main(directory: string): Promise<never> {
  const channel = await TestChannel.open({ directory });
  channel.collections.set('cc/c', MEMBERS);
  for (;;) {
    const number = Number(channel.ledger.height);
    const group = [];
    for (let block = number; block < number + (number % 3) + 1; block++) {
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
    for (const { block } of await channel.commitGroup(group)) {
      process.stdout.write(`${block.getHeader()?.getNumber() ?? ''}\n`);
    }
  }
}

void main(process.argv[2] ?? '');
