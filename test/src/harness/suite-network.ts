import { connect, type ConnectOptions, type Vitaledger } from '@vitaledger/client';
import { startNetwork, topologies, type Network } from '@vitaledger/network';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The engine that this run of the suite is for; every end-to-end test is written once and runs on either. */
export const engine = process.env.VITALEDGER_ENGINE === 'fabric' ? 'fabric' : 'embedded';

let started: Promise<Network> | undefined;
const connections: Vitaledger[] = [];

/** The default network, started once for the whole run. */
export function suiteNetwork(): Promise<Network> {
  started ??= (async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vitaledger-e2e-'));
    // Whoever reads the folder later (a failed run is kept) must still not read the keys.
    chmodSync(directory, 0o700);
    return startNetwork({ topology: topologies.default, engine, directory: join(directory, 'network') });
  })();
  return started;
}

/** Connects an identity of the suite's network; closed when the run ends. */
export async function as(
  organization: string,
  user: string,
  options: Partial<ConnectOptions> = {},
): Promise<Vitaledger> {
  const network = await suiteNetwork();
  const ledger = await connect({
    profile: network.profile(organization),
    identity: network.identity(organization, user).mspDirectory,
    ...options,
  });
  connections.push(ledger);
  return ledger;
}

/** Ends the run's network and removes what it wrote. */
export async function endSuiteNetwork(): Promise<void> {
  for (const ledger of connections.splice(0)) ledger.close();
  const network = await started?.catch(() => undefined);
  started = undefined;
  await network?.clean();
}
