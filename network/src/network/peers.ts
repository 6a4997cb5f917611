import { awaitEndorsement } from '../endorsement/await-endorsement.js';
import type { Engine, EngineContext } from '../engine/engine.js';
import { peersOf } from '../fabric/members.js';
import { peerNames } from '../ports/names.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import type { OrganizationSpec } from '../topology/topology.js';

const READY_MS = 60_000;

export async function stopPeers(
  context: EngineContext,
  engine: Engine,
  supervisor: Supervisor,
  organization: OrganizationSpec,
): Promise<void> {
  const peers = peerNames(organization);
  await supervisor.stop(await chaincodesOf(supervisor, peers));
  for (const peer of peers) {
    if (engine.stopPeer) await engine.stopPeer(context, peer);
    else await supervisor.stop([peer]);
  }
}

export async function startPeers(
  context: EngineContext,
  engine: Engine,
  supervisor: Supervisor,
  organization: OrganizationSpec,
): Promise<void> {
  const peers = peerNames(organization);
  for (const peer of peers) {
    if (engine.startPeer) await engine.startPeer(context, peer);
    else await supervisor.resume([peer]);
  }
  await supervisor.resume(await chaincodesOf(supervisor, peers));
  const deadline = Date.now() + READY_MS;
  for (const peer of peersOf(organization)) {
    // Others may be down on purpose, so it is asked for its own endorsement only.
    await awaitEndorsement(context, peer, deadline, { endorsers: [organization], byPolicy: false });
  }
}

async function chaincodesOf(supervisor: Supervisor, peers: readonly string[]): Promise<readonly string[]> {
  return (await supervisor.status())
    .filter(({ kind, name }) => kind === 'chaincode' && peers.some((peer) => name.endsWith(`.${peer}`)))
    .map(({ name }) => name);
}
