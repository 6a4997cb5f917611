import { NetworkError } from '../errors/network-error.js';
import type { EngineContext } from '../engine/engine.js';
import type { ChaincodeSpec } from '../topology/topology.js';
import { GatewayProbe } from './gateway-probe.js';
import { channelNamed, endorsingOrganizations, peersOf, type PeerMember } from './members.js';
import { DeadlinePassed, until, type Attempt } from './until.js';

/** One thing that must work: this peer's gateway gets this chaincode endorsed. */
interface Path {
  readonly peer: PeerMember;
  readonly chaincode: ChaincodeSpec;
  /** MSP id of the organization that must endorse; without it the gateway plans by the endorsement policy. */
  readonly organization?: string;
}

/**
 * Waits until each organization's gateways get every chaincode endorsed: by each organization alone, and by as many as the
 * policy asks for. Peers need some seconds after their start for this, until gossip has told them of each other.
 *
 * @throws NetworkError `NOT_READY` that lists what does not work yet and the last reason of each.
 */
export async function waitUntilReady(context: EngineContext, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  const paths = context.topology.chaincodes.flatMap((chaincode) => pathsOf(context, chaincode));
  const peers = new Set(paths.map(({ peer }) => peer.name));
  const problems = await Promise.all(
    [...peers].map((name) =>
      probePeer(
        context,
        paths.filter(({ peer }) => peer.name === name),
        deadline,
      ),
    ),
  );
  const open = problems.flat();
  if (open.length > 0) {
    throw new NetworkError(
      'NOT_READY',
      `After ${deadlineMs / 1000} s the network cannot endorse everything yet. ${open.join(' ')} ` +
        'The logs of these peers and of their chaincode processes say more.',
      { problems: open },
    );
  }
}

function pathsOf(context: EngineContext, chaincode: ChaincodeSpec): readonly Path[] {
  const channel = channelNamed(context.topology, chaincode.channel);
  const organizations = endorsingOrganizations(context.topology, channel);
  return organizations
    .flatMap(peersOf)
    .flatMap((peer) => [
      ...organizations.map(({ mspId }) => ({ peer, chaincode, organization: mspId })),
      { peer, chaincode },
    ]);
}

async function probePeer(
  context: EngineContext,
  paths: readonly Path[],
  deadline: number,
): Promise<readonly string[]> {
  const [first] = paths;
  if (first === undefined) {
    return [];
  }
  const probe = await GatewayProbe.connect(context, first.peer);
  try {
    const outcomes = await Promise.all(paths.map((path) => waitFor(probe, path, deadline)));
    return outcomes.filter((outcome) => outcome !== undefined);
  } finally {
    probe.close();
  }
}

/** Resolves with the problem that is left at the deadline, if any. */
async function waitFor(probe: GatewayProbe, path: Path, deadline: number): Promise<string | undefined> {
  const { chaincode, organization } = path;
  const organizations = organization === undefined ? undefined : [organization];
  const attempt = async (): Promise<Attempt<undefined>> => {
    const reason = await probe.endorse(chaincode.channel, chaincode.name, organizations);
    return reason === undefined ? { done: true, value: undefined } : { done: false, reason };
  };
  try {
    await until(attempt, deadline, 200);
    return undefined;
  } catch (error) {
    if (error instanceof DeadlinePassed) {
      return describe(path, error.reason);
    }
    throw error;
  }
}

function describe({ peer, chaincode, organization }: Path, reason: string): string {
  const by = organization ?? 'a set of organizations that meets the policy';
  return (
    `${peer.organization.displayName} (${peer.name}) gets ${chaincode.name} on ${chaincode.channel} ` +
    `not endorsed by ${by}: ${reason}.`
  );
}
