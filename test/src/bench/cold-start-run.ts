/**
 * Starts a network in a fresh folder, commits one transaction, stops it, and prints as JSON the milliseconds since this
 * process was started until each: `node cold-start-run.js ENGINE FOLDER`. A process of its own, so that nothing is loaded yet.
 */
import { startNetwork } from '@vitaledger/network';
import { GatewayClient } from './gateway-client.js';
import { coldStartTopology } from './topology.js';

/** What is printed: milliseconds since the process was started. */
export interface ColdStartTimes {
  /** Identities issued, chaincode deployed, and its organization endorses. */
  readonly up: number;
  /** The first transaction was heard to be VALID. */
  readonly committed: number;
}

async function main(engine: string, directory: string): Promise<void> {
  const network = await startNetwork({
    topology: coldStartTopology(),
    engine: engine === 'fabric' ? 'fabric' : 'embedded',
    directory,
  });
  try {
    const up = performance.now();
    const client = await GatewayClient.connect(network);
    try {
      await client.contract('minimal', 'minimal').submitTransaction('create', 'first', 'value');
    } finally {
      client.close();
    }
    const times: ColdStartTimes = { up, committed: performance.now() };
    console.log(JSON.stringify(times));
  } finally {
    await network.stop();
  }
}

const [engine, directory] = process.argv.slice(2);
if (engine === undefined || directory === undefined) throw new Error('usage: cold-start-run ENGINE FOLDER');
main(engine, directory).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
