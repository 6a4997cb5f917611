import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine, EngineContext } from '../engine/engine.js';
import { NetworkError } from '../errors/network-error.js';
import { GatewayProbe } from '../fabric/gateway-probe.js';
import { peerNames } from '../ports/names.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import type { OrganizationSpec } from '../topology/topology.js';

const READY_MS = 60_000;
const PAUSE_MS = 100;

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
  for (let index = 0; index < peers.length; index++) {
    await endorsesAlone(context, organization, index, deadline);
  }
}

async function chaincodesOf(supervisor: Supervisor, peers: readonly string[]): Promise<readonly string[]> {
  return (await supervisor.status())
    .filter(({ kind, name }) => kind === 'chaincode' && peers.some((peer) => name.endsWith(`.${peer}`)))
    .map(({ name }) => name);
}

/** Other organizations may be down on purpose, so a peer that has come back is asked only for its own endorsement. */
async function endorsesAlone(
  context: EngineContext,
  organization: OrganizationSpec,
  index: number,
  deadline: number,
): Promise<void> {
  const name = peerNames(organization)[index] ?? '';
  const probe = await GatewayProbe.connect(context, { organization, index, name });
  try {
    for (const { channel, name: chaincode } of chaincodesWithPeer(context, organization)) {
      for (;;) {
        const reason = await probe.endorse(channel, chaincode, [organization.mspId]);
        if (reason === undefined) break;
        if (Date.now() > deadline) {
          throw new NetworkError(
            'NOT_READY',
            `${name} does not endorse ${chaincode} on ${channel} yet: ${reason}`,
          );
        }
        await sleep(PAUSE_MS);
      }
    }
  } finally {
    probe.close();
  }
}

function chaincodesWithPeer({ topology }: EngineContext, { name }: OrganizationSpec) {
  const channels = topology.channels
    .filter(({ members }) => members.some(({ organization, peers }) => peers && organization === name))
    .map((channel) => channel.name);
  return topology.chaincodes.filter(({ channel }) => channels.includes(channel));
}
