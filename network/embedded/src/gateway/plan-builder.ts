import { peer } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import type { Collection } from '../chaincode/collection.js';
import type { DefinedChaincode } from '../chaincode/definition.js';
import type { Policy } from '../policy/policy.js';
import { mergeSets, principalKey, type PrincipalSet } from '../policy/principal-sets.js';
import { SignaturePolicy } from '../policy/signature-policy.js';
import type { GatewayPeer } from './gateway-peer.js';
import { EndorsementPlan, shuffled, type Layout } from './plan.js';

/** Why no plan satisfies what a transaction needs; the text is that of Fabric's discovery. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** Peers of a channel that are running, in the order of the gateway's preference. */
export interface PeerSource {
  peers(channel: string): readonly GatewayPeer[];
  channel(name: string): Channel | undefined;
  readonly local: GatewayPeer;
}

/** One layout: a peer of each of the organizations (internal/pkg/gateway/registry.go). Throws PlanError. */
export function planForOrganizations(
  source: PeerSource,
  channel: string,
  chaincode: string,
  mspIds: readonly string[],
): EndorsementPlan {
  const able = source.peers(channel).filter((each) => each.hasChaincode(channel, chaincode));
  const groups = new Map(mspIds.map((mspId) => [mspId, able.filter((each) => each.mspId === mspId)]));
  const missing = [...groups].filter(([, peers]) => peers.length === 0).map(([mspId]) => mspId);
  if (missing.length > 0) {
    throw new PlanError(`failed to find any endorsing peers for org(s): ${missing.join(', ')}`);
  }
  return new EndorsementPlan([new Map([...groups.keys()].map((mspId) => [mspId, 1]))], groups);
}

/**
 * Layouts that satisfy every policy that the interest names: chaincodes', collections' and keys'. Those with the preferred
 * peer come first. Throws PlanError.
 */
export function planForInterest(
  source: PeerSource,
  channelName: string,
  interest: peer.ChaincodeInterest,
  preferred?: GatewayPeer,
): EndorsementPlan {
  const prefix = 'no combination of peers can be derived which satisfy the endorsement policy';
  const calls = interest.getChaincodesList();
  const channel = source.channel(channelName);
  const chaincodes = calls.map((call) => {
    const defined = channel?.chaincodes.get(call.getName());
    if (channel === undefined || defined === undefined) {
      throw new PlanError(
        `${prefix}: No metadata was found for chaincode ${call.getName()} in channel ${channelName}`,
      );
    }
    return { call, defined, collections: collectionsOf(channel, call, prefix) };
  });
  const sets = principalSets(chaincodes, prefix);
  const allowed = source
    .peers(channelName)
    .filter((each) =>
      chaincodes.every(({ call, collections }) => mayRead(each, channelName, call, collections)),
    );
  const layouts = sets.map(layoutOf);
  const satisfying = groupPeers(sets, allowed, channelName);
  const possible = layouts.filter((layout) => isFilled(layout, satisfying));
  if (possible.length === 0) {
    throw new PlanError(`${prefix}: no peer combination can satisfy the endorsement policy`);
  }
  const installed = new Map(
    [...satisfying].map(([group, peers]) => [
      group,
      peers.filter((each) => calls.every((call) => each.hasChaincode(channelName, call.getName()))),
    ]),
  );
  const usable = possible.filter((layout) => isFilled(layout, installed));
  if (usable.length === 0) {
    throw new PlanError(`${prefix}: required chaincodes are not installed on sufficient peers`);
  }
  return new EndorsementPlan(inPreference(usable, installed, preferred), installed);
}

interface CalledChaincode {
  readonly call: peer.ChaincodeCall;
  readonly defined: DefinedChaincode;
  readonly collections: readonly Collection[];
}

function collectionsOf(channel: Channel, call: peer.ChaincodeCall, prefix: string): readonly Collection[] {
  return call.getCollectionNamesList().map((name) => {
    const collection = channel.chaincodes.find(call.getName(), name);
    if (collection === undefined) {
      throw new PlanError(
        `${prefix}: collection ${name} doesn't exist in collection config for chaincode ${call.getName()}`,
      );
    }
    return collection;
  });
}

/** Private data that was read is only at the collection's members, so only those can endorse. */
function mayRead(
  candidate: GatewayPeer,
  channel: string,
  call: peer.ChaincodeCall,
  collections: readonly Collection[],
): boolean {
  return (
    call.getNoPrivateReads() ||
    collections.every(({ principals }) =>
      principals.some((principal) => candidate.satisfies(channel, principal)),
    )
  );
}

function principalSets(chaincodes: readonly CalledChaincode[], prefix: string): readonly PrincipalSet[] {
  const policies = chaincodes.flatMap(({ call, defined, collections }) => [
    ...(call.getDisregardNamespacePolicy() ? [] : namespacePolicies(defined, collections)),
    ...call.getKeyPoliciesList().map((envelope) => new SignaturePolicy(envelope)),
  ]);
  const sets = policies.map(setsOf);
  if (sets.length === 0) {
    throw new PlanError(`${prefix}: no principal sets remained after filtering`);
  }
  if (sets.some((each) => each.length === 0)) {
    throw new PlanError(`${prefix}: endorsement policy cannot be satisfied`);
  }
  return mergeSets(sets);
}

/** The chaincode's policy, or those of the collections, which stand in for it where they have their own. */
function namespacePolicies(defined: DefinedChaincode, collections: readonly Collection[]): readonly Policy[] {
  return collections.length === 0
    ? [defined.policy]
    : [...new Set(collections.map(({ endorsementPolicy }) => endorsementPolicy ?? defined.policy))];
}

const knownSets = new WeakMap<Policy, readonly PrincipalSet[]>();

function setsOf(policy: Policy): readonly PrincipalSet[] {
  let sets = knownSets.get(policy);
  if (sets === undefined) {
    const signature =
      policy instanceof SignaturePolicy ? policy : new SignaturePolicy(policy.toSignaturePolicy());
    sets = signature.satisfiedBy;
    knownSets.set(policy, sets);
  }
  return sets;
}

function layoutOf(set: PrincipalSet): Layout {
  const layout = new Map<string, number>();
  for (const principal of set) {
    const group = principalKey(principal);
    layout.set(group, (layout.get(group) ?? 0) + 1);
  }
  return layout;
}

function groupPeers(
  sets: readonly PrincipalSet[],
  peers: readonly GatewayPeer[],
  channel: string,
): ReadonlyMap<string, readonly GatewayPeer[]> {
  const groups = new Map<string, readonly GatewayPeer[]>();
  for (const principal of sets.flat()) {
    const group = principalKey(principal);
    if (!groups.has(group)) {
      groups.set(
        group,
        peers.filter((each) => each.satisfies(channel, principal)),
      );
    }
  }
  return groups;
}

function isFilled(layout: Layout, groups: ReadonlyMap<string, readonly GatewayPeer[]>): boolean {
  return [...layout].every(([group, count]) => (groups.get(group)?.length ?? 0) >= count);
}

function inPreference(
  layouts: readonly Layout[],
  groups: ReadonlyMap<string, readonly GatewayPeer[]>,
  preferred: GatewayPeer | undefined,
): Layout[] {
  const isPreferred = (layout: Layout) =>
    preferred !== undefined &&
    [...layout.keys()].some((group) => groups.get(group)?.includes(preferred) === true);
  return [
    ...shuffled(layouts.filter(isPreferred)),
    ...shuffled(layouts.filter((layout) => !isPreferred(layout))),
  ];
}

/** The interest of a transaction of which only the chaincode is known. */
export function interestIn(chaincode: string): peer.ChaincodeInterest {
  const call = new peer.ChaincodeCall();
  call.setName(chaincode);
  const interest = new peer.ChaincodeInterest();
  interest.setChaincodesList([call]);
  return interest;
}
