import { chaincodeProcesses, requireChaincodes } from '../chaincode-process/chaincode-process.js';
import type { DeployedChaincode, Engine, EngineContext } from '../engine/engine.js';
import { NetworkError } from '../errors/network-error.js';
import { issueIdentities } from '../identity/identities.js';
import { writeProfiles } from '../identity/profiles.js';
import { settlePorts } from '../ports/settle.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import type { ChaincodeSpec, Topology } from '../topology/topology.js';
import { requireSameStructure, requireState, writeState, writeTopology } from './network-state.js';
import { whileRunning } from './while-running.js';

export const READY_MS = 120_000;

/** Brings a chaincode of a running network to its definition in `topology` and starts its processes with their present code. */
export async function deployChaincode(
  context: EngineContext,
  engine: Engine,
  supervisor: Supervisor,
  topology: Topology,
  name: string,
): Promise<DeployedChaincode> {
  const { directory, progress } = context;
  const chaincode = topology.chaincodes.find((candidate) => candidate.name === name);
  if (!chaincode) {
    const names = topology.chaincodes.map((candidate) => candidate.name);
    throw new NetworkError(
      'DEPLOY_FAILED',
      `The topology has no chaincode ${name}; it has ${names.join(', ')}.`,
    );
  }
  const state = requireState(directory);
  requireSameStructure(directory, state, topology);
  requireChaincodes(topology);
  const changed = { ...context, topology, ports: await settlePorts(topology, directory) };
  await issueIdentities(topology, directory);
  writeProfiles({ ...changed, networkId: state.networkId });
  writeTopology(directory, topology);
  await engine.prepare(changed);
  const deployed = await whileRunning(supervisor, changed, (guarded) =>
    deployAndStart(guarded, engine, supervisor, chaincode, { reload: true }),
  );
  progress(`chaincode ${name} is being started on ${Object.keys(deployed.packageIds).length} peers`);
  await whileRunning(supervisor, changed, (guarded) => engine.ready(guarded, READY_MS));
  return deployed;
}

/** Definition and processes; those that run already with this definition are left alone unless they are to `reload`. */
export async function deployAndStart(
  context: EngineContext,
  engine: Engine,
  supervisor: Supervisor,
  chaincode: ChaincodeSpec,
  { reload }: { readonly reload: boolean },
): Promise<DeployedChaincode> {
  const deployed = await engine.deploy(context, chaincode.name);
  announce(context, chaincode, deployed);
  const processes = chaincodeProcesses(context, chaincode);
  const known = new Set((await supervisor.status()).map(({ name }) => name));
  if (reload) await supervisor.stop(processes.map(({ name }) => name).filter((name) => known.has(name)));
  await supervisor.startProcesses(processes);
  const { directory } = context;
  const state = requireState(directory);
  writeState(directory, { ...state, chaincodes: { ...state.chaincodes, [chaincode.name]: deployed } });
  return deployed;
}

/** Whoever runs a chaincode at an address of their own must know what it is to register with. */
function announce(
  { progress }: EngineContext,
  { name, address }: ChaincodeSpec,
  deployed: DeployedChaincode,
): void {
  if (address === undefined) return;
  for (const packageId of new Set(Object.values(deployed.packageIds))) {
    progress(`start ${name} at ${address} with CHAINCODE_ID=${packageId}`);
  }
}
