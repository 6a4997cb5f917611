import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';
import {
  defaultBatch,
  LedgerConfigurationError,
  type BatchOptions,
  type ChannelMemberOptions,
  type ChannelOptions,
  type OrdererOrganizationOptions,
  type OrganizationPolicy,
} from '../options.js';
import { majorityOf, rejectAll } from '../policy/policy-builder.js';
import { ConfigGroupBuilder } from './config-group.js';

/** An organization as a channel's configuration needs it. */
export interface ConfiguredOrganization {
  readonly mspId: string;
  readonly msp: msp.FabricMSPConfig;
  /** `host:port` of its peers; the first is its anchor peer. */
  readonly peerAddresses: readonly string[];
}

export interface ChannelParts {
  readonly options: ChannelOptions;
  readonly organizations: ReadonlyMap<string, ConfiguredOrganization>;
  readonly ordererOrganizations: readonly (OrdererOrganizationOptions & {
    readonly msp: msp.FabricMSPConfig;
  })[];
}

/** A policy that no signature satisfies. */
const nobody = 'Nobody';

/**
 * Clients learn the fate of their transactions and receive events by the right to write. Block events are closed to
 * everybody: on Fabric the right to them opens DeliverWithPrivateData as well, which hands out the values of implicit
 * collections, whoever asks.
 */
const restrictedAcls = {
  'gateway/CommitStatus': '/Channel/Application/Writers',
  'gateway/ChaincodeEvents': '/Channel/Application/Writers',
  'event/Block': `/Channel/Application/${nobody}`,
};

/** The configuration tree of a channel, as configtxgen makes it of a profile with Raft orderers. */
export function buildChannelGroup(parts: ChannelParts): common.ConfigGroup {
  const v3 = parts.options.capabilities !== 'V2_5';
  const hashing = new common.HashingAlgorithm();
  hashing.setName('SHA256');
  const structure = new common.BlockDataHashingStructure();
  structure.setWidth(0xffffffff);
  const channel = new ConfigGroupBuilder()
    .value('HashingAlgorithm', hashing)
    .value('BlockDataHashingStructure', structure)
    .capabilities(v3 ? 'V3_0' : 'V2_0')
    .implicitPolicy('Readers', 'ANY', 'Readers')
    .implicitPolicy('Writers', 'ANY', 'Writers')
    .implicitPolicy('Admins', 'MAJORITY', 'Admins')
    .subGroup('Orderer', ordererGroup(parts))
    .subGroup('Application', applicationGroup(parts));
  return channel.group;
}

function ordererGroup(parts: ChannelParts): ConfigGroupBuilder {
  const batch = batchOf(parts.options);
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(batch.maxMessages);
  size.setPreferredMaxBytes(batch.preferredMaxBytes);
  size.setAbsoluteMaxBytes(batch.absoluteMaxBytes);
  const timeout = new orderer.BatchTimeout();
  timeout.setTimeout(`${batch.timeoutMs}ms`);
  const consensus = new orderer.ConsensusType();
  consensus.setType('etcdraft');
  const group = new ConfigGroupBuilder()
    .value('BatchSize', size)
    .value('BatchTimeout', timeout)
    .value('ConsensusType', consensus)
    .value('ChannelRestrictions', new orderer.ChannelRestrictions())
    .capabilities('V2_0')
    .implicitPolicy('Readers', 'ANY', 'Readers')
    .implicitPolicy('Writers', 'ANY', 'Writers')
    .implicitPolicy('Admins', 'MAJORITY', 'Admins')
    .implicitPolicy('BlockValidation', 'ANY', 'Writers');
  for (const organization of parts.ordererOrganizations) {
    const { mspId } = organization;
    const member = mspGroup(organization.msp)
      .signaturePolicy('Readers', `OR('${mspId}.member')`)
      .signaturePolicy('Writers', `OR('${mspId}.member')`)
      .signaturePolicy('Admins', `OR('${mspId}.admin')`);
    const endpoints = new common.OrdererAddresses();
    endpoints.setAddressesList([
      ...(organization.orderers ?? []).map(({ address }) => address),
      ...(organization.addresses ?? []),
    ]);
    group.subGroup(mspId, member.value('Endpoints', endpoints));
  }
  return group;
}

function applicationGroup({ options, organizations }: ChannelParts): ConfigGroupBuilder {
  const acls = new peer.ACLs();
  const references: Readonly<Record<string, string>> = {
    ...(options.readers === 'peers-and-admins' ? restrictedAcls : {}),
    ...options.acls,
  };
  for (const [resource, policy] of Object.entries(references)) {
    const reference = new peer.APIResource();
    reference.setPolicyRef(policy);
    acls.getAclsMap().set(resource, reference);
  }
  const group = (
    Object.keys(references).length === 0
      ? new ConfigGroupBuilder()
      : new ConfigGroupBuilder().value('ACLs', acls)
  )
    .capabilities('V2_5')
    .implicitPolicy('Readers', 'ANY', 'Readers')
    .implicitPolicy('Writers', 'ANY', 'Writers')
    .implicitPolicy('Admins', 'MAJORITY', 'Admins')
    .signaturePolicy(nobody, rejectAll());
  endorsementPolicies(group, options);
  for (const member of options.members) {
    const organization = organizations.get(member.mspId);
    if (organization === undefined) {
      throw new LedgerConfigurationError(
        `channel ${options.name}: member ${member.mspId} is not among the organizations; add it there or remove the member`,
      );
    }
    group.subGroup(member.mspId, memberGroup(options, member, organization));
  }
  return group;
}

/** A majority of all members; where some have no peers, of those that have. */
function endorsementPolicies(group: ConfigGroupBuilder, { members }: ChannelOptions): void {
  const withPeers = members.filter(({ peers }) => peers).map(({ mspId }) => mspId);
  for (const name of ['LifecycleEndorsement', 'Endorsement']) {
    if (withPeers.length === members.length) {
      group.implicitPolicy(name, 'MAJORITY', 'Endorsement');
    } else {
      group.signaturePolicy(name, majorityOf(withPeers));
    }
  }
}

function memberGroup(
  options: ChannelOptions,
  member: ChannelMemberOptions,
  organization: ConfiguredOrganization,
): ConfigGroupBuilder {
  const { mspId } = member;
  const rules: Readonly<Record<OrganizationPolicy, string | common.SignaturePolicyEnvelope>> = {
    Readers: readersRule(options, member),
    Writers: `OR('${mspId}.admin', '${mspId}.client')`,
    Admins: `OR('${mspId}.admin')`,
    Endorsement: `OR('${mspId}.peer')`,
    ...member.policies,
  };
  const group = mspGroup(organization.msp)
    .signaturePolicy('Readers', rules.Readers)
    .signaturePolicy('Writers', rules.Writers)
    .signaturePolicy('Admins', rules.Admins)
    .signaturePolicy('Endorsement', rules.Endorsement);
  const [anchor] = member.peers ? organization.peerAddresses : [];
  return anchor === undefined || anchor.endsWith(':0')
    ? group
    : group.value('AnchorPeers', anchorPeers(anchor));
}

function readersRule(
  options: ChannelOptions,
  { mspId, peers }: ChannelMemberOptions,
): string | common.SignaturePolicyEnvelope {
  if (options.readers !== 'peers-and-admins') {
    return `OR('${mspId}.admin', '${mspId}.peer', '${mspId}.client')`;
  }
  return peers ? `OR('${mspId}.peer', '${mspId}.admin')` : rejectAll();
}

function anchorPeers(address: string): peer.AnchorPeers {
  const separator = address.lastIndexOf(':');
  const anchor = new peer.AnchorPeer();
  anchor.setHost(address.slice(0, separator));
  anchor.setPort(Number(address.slice(separator + 1)));
  const anchors = new peer.AnchorPeers();
  anchors.setAnchorPeersList([anchor]);
  return anchors;
}

function mspGroup(configuration: msp.FabricMSPConfig): ConfigGroupBuilder {
  const message = new msp.MSPConfig();
  message.setType(0);
  message.setConfig(configuration.serializeBinary());
  return new ConfigGroupBuilder().value('MSP', message);
}

function batchOf(options: ChannelOptions): BatchOptions {
  const batch = { ...defaultBatch, ...options.batch };
  const sound =
    Object.values(batch).every((value) => Number.isSafeInteger(value) && value > 0) &&
    batch.preferredMaxBytes <= batch.absoluteMaxBytes;
  if (!sound) {
    throw new LedgerConfigurationError(
      `channel ${options.name}: batch settings must be positive whole numbers, and preferredMaxBytes at most absoluteMaxBytes`,
    );
  }
  return batch;
}
