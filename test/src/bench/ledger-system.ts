import { connect, PatientKey, type Vault, type Vitaledger } from '@vitaledger/client';
import { startNetwork, type Network } from '@vitaledger/network';
import { observation } from '../harness/patient.js';
import { GatewayClient } from './gateway-client.js';
import { MemoryVault } from './memory-vault.js';
import { minimalOperations } from './minimal-operations.js';
import { processCpu } from './process-cpu.js';
import type { System } from './system.js';
import { loadTopology } from './topology.js';

export type EngineName = 'embedded' | 'fabric';

/** A network with both chaincodes, and one client each for what is measured. */
export class LedgerSystem implements System {
  private constructor(
    readonly key: EngineName,
    readonly name: string,
    readonly operations: System['operations'],
    readonly network: Network,
    private readonly pids: ReadonlyMap<number, string>,
    private readonly connections: readonly { close(): void }[],
  ) {}

  static async start(
    key: EngineName,
    name: string,
    directory: string,
    onProgress: (line: string) => void,
  ): Promise<LedgerSystem> {
    const network = await startNetwork({ topology: loadTopology(), engine: key, directory, onProgress });
    const gateway = await GatewayClient.connect(network);
    const onDisk = await hospitalService(network);
    const inMemory = await hospitalService(network, new MemoryVault());
    const patient = await enrolled(network);
    return new LedgerSystem(
      key,
      name,
      {
        ...(await minimalOperations(gateway.contract('minimal', 'minimal'))),
        register: () => onDisk.records.register(patient, observation()),
        registerInMemory: () => inMemory.records.register(patient, observation()),
      },
      network,
      await ledgerProcesses(network),
      [gateway, onDisk, inMemory],
    );
  }

  cpu(): Readonly<Record<string, number>> {
    return cpuOf(this.pids);
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.close();
    await this.network.clean();
  }
}

function hospitalService(network: Network, vault?: Vault): Promise<Vitaledger> {
  return connect({
    profile: network.profile('hospital'),
    identity: network.identity('hospital', 'service').mspDirectory,
    ...(vault === undefined ? {} : { vault }),
  });
}

/** @returns the id of a patient whom the hospital knows */
async function enrolled(network: Network): Promise<string> {
  await using registrar = await connect({
    profile: network.profile('hospital'),
    identity: network.identity('hospital', 'registrar').mspDirectory,
  });
  const { publicKeys } = await PatientKey.generate();
  return (await registrar.patients.enrol({ keys: publicKeys, jurisdiction: 'US-CA' })).patient;
}

/** CPU time that processes have used so far, microseconds, by what they do. */
export function cpuOf(pids: ReadonlyMap<number, string>): Readonly<Record<string, number>> {
  const used: Record<string, number> = { ledger: 0, chaincode: 0 };
  for (const [pid, what] of pids) used[what] = (used[what] ?? 0) + processCpu(pid);
  return used;
}

/** Peers, orderers and the embedded ledger are `ledger`; the clock and the supervisor do nothing for a transaction. */
export async function ledgerProcesses(network: Network): Promise<ReadonlyMap<number, string>> {
  const { processes } = await network.status();
  return new Map(
    processes.flatMap(({ pid, kind }): [number, string][] =>
      pid === undefined || kind === 'clock' ? [] : [[pid, kind === 'chaincode' ? 'chaincode' : 'ledger']],
    ),
  );
}
