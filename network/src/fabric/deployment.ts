import { join } from 'node:path';
import { NetworkError } from '../errors/network-error.js';
import type { DeployedChaincode, EngineContext } from '../engine/engine.js';
import type { ChaincodeSpec } from '../topology/topology.js';
import {
  definitionOf,
  recordDefinition,
  recordedDefinition,
  sameDefinition,
  type ChaincodeDefinition,
  type CommittedDefinition,
} from './chaincode-definition.js';
import { packageService } from './chaincode-package.js';
import { describeService } from './chaincode-services.js';
import type { FabricLayout } from './fabric-layout.js';
import { writeWhole } from './files.js';
import type { Lifecycle } from './lifecycle.js';
import { channelNamed, endorsingOrganizations, peersOf, type PeerMember } from './members.js';
import { endorsementPolicy } from './policies.js';

/**
 * Brings one chaincode to the definition in the topology. Whatever is as it should be is left alone; anything else
 * becomes the next sequence number, approved by every organization with peers on the channel.
 */
export async function deployChaincode(
  context: EngineContext,
  layout: FabricLayout,
  lifecycle: Lifecycle,
  name: string,
): Promise<DeployedChaincode> {
  const { topology, progress } = context;
  const chaincode = chaincodeNamed(context, name);
  const organizations = endorsingOrganizations(topology, channelNamed(topology, chaincode.channel));
  const peers = organizations.flatMap(peersOf);
  const policy = endorsementPolicy(
    chaincode.policy,
    organizations.map(({ mspId }) => mspId),
  );
  const packaged = packageService(chaincode.name, chaincode.version);
  const definition = await definitionOf(chaincode, policy, packaged.id);
  const packageFile = join(layout.chaincode(chaincode.channel, name), 'package.tar.gz');
  await writeWhole(packageFile, packaged.bytes);
  await Promise.all(peers.map((peer) => describeService(context, layout, peer, chaincode)));
  await Promise.all(peers.map((peer) => lifecycle.install(peer, packaged.id, packageFile)));

  const [first, ...others] = organizations.flatMap((organization) => peersOf(organization).slice(0, 1));
  if (first === undefined) {
    throw new NetworkError(
      'TOPOLOGY_INVALID',
      `Nobody can deploy ${name}: no peer is on ${chaincode.channel}.`,
    );
  }
  const committed = await agree(layout, lifecycle, chaincode, definition, [first, ...others]);
  progress(`Chaincode ${name} ${chaincode.version} on ${chaincode.channel}: sequence ${committed.sequence}`);
  return {
    name,
    channel: chaincode.channel,
    sequence: committed.sequence,
    version: committed.version,
    packageIds: Object.fromEntries(peers.map((peer) => [peer.name, packaged.id])),
  };
}

/** Lets the organizations, by one peer each, agree on a definition; returns it with its sequence number. */
async function agree(
  layout: FabricLayout,
  lifecycle: Lifecycle,
  chaincode: ChaincodeSpec,
  definition: ChaincodeDefinition,
  peers: readonly [PeerMember, ...PeerMember[]],
): Promise<CommittedDefinition> {
  const [onLedger, recorded] = await Promise.all([
    lifecycle.committed(peers[0], chaincode),
    recordedDefinition(layout, chaincode),
  ]);
  if (
    recorded !== undefined &&
    recorded.sequence === onLedger?.sequence &&
    sameDefinition(recorded, definition)
  ) {
    return recorded;
  }
  const next = { ...definition, sequence: (onLedger?.sequence ?? 0) + 1 };
  await Promise.all(peers.map((peer) => lifecycle.approve(peer, chaincode, next)));
  await lifecycle.commit(peers, chaincode, next);
  await recordDefinition(layout, chaincode, next);
  return next;
}

function chaincodeNamed(context: EngineContext, name: string): ChaincodeSpec {
  const chaincode = context.topology.chaincodes.find((candidate) => candidate.name === name);
  if (chaincode === undefined) {
    throw new NetworkError('TOPOLOGY_INVALID', `The topology has no chaincode ${name}.`);
  }
  return chaincode;
}
