import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineContext } from '../engine/engine.js';
import { NetworkError } from '../errors/network-error.js';
import { GatewayProbe } from '../fabric/gateway-probe.js';
import type { PeerMember } from '../fabric/members.js';
import type { ChaincodeSpec, OrganizationSpec, Topology } from '../topology/topology.js';

const PAUSE_MS = 50;

/**
 * Resolves when a peer's gateway gets every chaincode of its channels endorsed: by `endorsers`, each alone, and where
 * `byPolicy`, by as many as the policy asks for. Throws `NOT_READY` after `deadline` (milliseconds since the epoch).
 */
export async function awaitEndorsement(
  context: EngineContext,
  peer: PeerMember,
  deadline: number,
  { endorsers, byPolicy }: { readonly endorsers: readonly OrganizationSpec[]; readonly byPolicy: boolean },
): Promise<void> {
  const probe = await GatewayProbe.connect(context, peer);
  try {
    for (const chaincode of chaincodesOf(context.topology, peer.organization)) {
      const able = endorsers.filter((one) => chaincodesOf(context.topology, one).includes(chaincode));
      const plans = [...able.map(({ mspId }) => [mspId]), ...(byPolicy ? [undefined] : [])];
      for (const plan of plans) await awaitPlan(probe, peer, chaincode, plan, deadline, context.signal);
    }
  } finally {
    probe.close();
  }
}

async function awaitPlan(
  probe: GatewayProbe,
  peer: PeerMember,
  { channel, name }: ChaincodeSpec,
  plan: readonly string[] | undefined,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const reason = await probe.endorse(channel, name, plan);
    if (reason === undefined) return;
    if (Date.now() > deadline) {
      throw new NetworkError(
        'NOT_READY',
        `Through ${peer.name} the chaincode ${name} on ${channel} is not endorsed by ` +
          `${plan?.join(', ') ?? 'as many as its policy asks for'} yet: ${reason}`,
      );
    }
    await sleep(PAUSE_MS, undefined, { signal });
  }
}

/** Those on channels whose ledger the organization holds. */
function chaincodesOf(topology: Topology, { name }: OrganizationSpec): readonly ChaincodeSpec[] {
  const channels = topology.channels
    .filter(({ members }) => members.some(({ organization, peers }) => peers && organization === name))
    .map((channel) => channel.name);
  return topology.chaincodes.filter(({ channel }) => channels.includes(channel));
}
