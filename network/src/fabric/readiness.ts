import { NetworkError } from '../errors/network-error.js';
import type { EngineContext } from '../engine/engine.js';
import type { ChaincodeSpec, OrganizationSpec } from '../topology/topology.js';
import { GatewayProbe } from './gateway-probe.js';
import { recordedDefinition } from './chaincode-definition.js';
import { FabricLayout } from './fabric-layout.js';
import { serviceAddress } from './chaincode-services.js';
import { notListening } from './listener.js';
import { missingLeader } from './orderer-leaders.js';
import { allPeers, channelNamed, endorsingOrganizations, peersOf, type PeerMember } from './members.js';
import { DeadlinePassed, until, type Attempt } from './until.js';

/**
 * Waits until the orderers of each channel have a leader, and each organization's gateways get every
 * deployed chaincode endorsed: by each organization alone, and by as many as the
 * policy asks for. Peers need some seconds after their start for this, until gossip has told them of each other.
 *
 * @throws NetworkError `NOT_READY` that lists what does not work yet and the last reason of each.
 */
export async function waitUntilReady(context: EngineContext, deadlineMs: number): Promise<void> {
  const { topology, progress } = context;
  const deadline = Date.now() + deadlineMs;
  const deployed = await deployedChaincodes(context);
  const probes = new Map<string, GatewayProbe>();
  try {
    for (const peer of allPeers(topology)) {
      probes.set(peer.name, await GatewayProbe.connect(context, peer));
    }
    const problems = await Promise.all([
      settle(
        topology.channels.map(
          ({ name }) =>
            () =>
              missingLeader(context, name),
        ),
        deadline,
        context.signal,
      ),
      ...deployed.map((chaincode) => chaincodeProblems(context, chaincode, probes, deadline)),
    ]);
    requireNone(problems.flat(), deadlineMs);
  } finally {
    for (const probe of probes.values()) {
      probe.close();
    }
  }
  progress('Every organization with peers endorses, and gets the others to endorse');
}

/** The topology may name chaincodes that are still to be deployed. */
async function deployedChaincodes({ topology, directory }: EngineContext): Promise<readonly ChaincodeSpec[]> {
  const layout = new FabricLayout(directory);
  const records = await Promise.all(
    topology.chaincodes.map((chaincode) => recordedDefinition(layout, chaincode)),
  );
  return topology.chaincodes.filter((_, index) => records[index] !== undefined);
}

function requireNone(problems: readonly string[], deadlineMs: number): void {
  if (problems.length > 0) {
    throw new NetworkError(
      'NOT_READY',
      `After ${deadlineMs / 1000} s the network cannot endorse everything yet. ${problems.join(' ')} ` +
        'The logs of these peers and of their chaincode processes say more.',
      { problems },
    );
  }
}

async function chaincodeProblems(
  context: EngineContext,
  chaincode: ChaincodeSpec,
  probes: ReadonlyMap<string, GatewayProbe>,
  deadline: number,
): Promise<readonly string[]> {
  const channel = channelNamed(context.topology, chaincode.channel);
  const organizations = endorsingOrganizations(context.topology, channel);
  const peers = organizations.flatMap(peersOf);
  // Asking before the processes listen would only fill the peers' logs.
  const silent = await settle(
    peers.map((peer) => async () => {
      const reason = await notListening(serviceAddress(context, peer, chaincode));
      return reason === undefined
        ? undefined
        : `${chaincode.name} of ${peer.name} does not listen: ${reason}.`;
    }),
    deadline,
    context.signal,
  );
  if (silent.length > 0) {
    return silent;
  }
  const paths = peers.flatMap((peer) => [
    ...organizations.map((organization) => ({ peer, chaincode, organization })),
    { peer, chaincode },
  ]);
  return settle(
    paths.map((path) => () => problemOf(path, probes)),
    deadline,
    context.signal,
  );
}

/** One thing that must work: this peer's gateway gets this chaincode endorsed. */
interface Path {
  readonly peer: PeerMember;
  readonly chaincode: ChaincodeSpec;
  /** The one that must endorse; without it the gateway plans by the endorsement policy. */
  readonly organization?: OrganizationSpec;
}

async function problemOf(
  { peer, chaincode, organization }: Path,
  probes: ReadonlyMap<string, GatewayProbe>,
): Promise<string | undefined> {
  const named = organization === undefined ? undefined : [organization.mspId];
  const probe = probes.get(peer.name);
  if (probe === undefined) {
    throw new TypeError(`no probe of ${peer.name}`);
  }
  const reason = await probe.endorse(chaincode.channel, chaincode.name, named);
  const by = organization?.mspId ?? 'a set of organizations that meets its policy';
  return reason === undefined
    ? undefined
    : `${peer.organization.displayName} (${peer.name}) gets ${chaincode.name} on ${chaincode.channel} ` +
        `not endorsed by ${by}: ${reason}.`;
}

/** Repeats each check until it finds no problem; resolves with the problems that are left at the deadline. */
async function settle(
  checks: readonly (() => Promise<string | undefined>)[],
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const outcomes = await Promise.all(checks.map((check) => lastProblem(check, deadline, signal)));
  return outcomes.filter((problem) => problem !== undefined);
}

async function lastProblem(
  check: () => Promise<string | undefined>,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const attempt = async (): Promise<Attempt<undefined>> => {
    const reason = await check();
    return reason === undefined ? { done: true, value: undefined } : { done: false, reason };
  };
  try {
    await until(attempt, deadline, 200, signal);
    return undefined;
  } catch (error) {
    if (error instanceof DeadlinePassed) {
      return error.reason;
    }
    throw error;
  }
}
