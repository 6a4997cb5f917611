import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';
import { Membership } from '../identity/membership.js';
import { Msp } from '../identity/msp.js';
import type { VerifiedSignatures } from '../identity/signature.js';
import { LedgerConfigurationError, type BatchOptions } from '../options.js';
import { ImplicitMetaPolicy } from '../policy/implicit-meta-policy.js';
import { PolicyDirectory, type Policy } from '../policy/policy.js';
import { SignaturePolicy } from '../policy/signature-policy.js';
import { configOf } from './config-block.js';

/** What a channel's configuration block says, ready for use: MSPs, policies, ACLs, batch. */
export class ChannelConfiguration {
  readonly channel: string;
  /** Changes with every configuration; access decisions are kept for as long as it does not. */
  readonly sequence: number;
  readonly membership: Membership;
  readonly policies: PolicyDirectory;
  /** MSP ids of the application's organizations. */
  readonly organizations: readonly string[];
  readonly batch: BatchOptions;
  readonly #acls: ReadonlyMap<string, string>;

  constructor(block: common.Block, signatures: VerifiedSignatures) {
    const { channel, config } = configOf(block);
    this.channel = channel;
    this.sequence = config.getSequence();
    const root = config.getChannelGroup() ?? new common.ConfigGroup();
    const application = subGroup(channel, root, 'Application');
    const ordering = subGroup(channel, root, 'Orderer');
    const ed25519 = capabilitiesOf(root).has('V3_0');
    const readMsps = (group: common.ConfigGroup) =>
      [...entriesOf(group.getGroupsMap())].map(([, part]) => readMsp(part, signatures, ed25519));
    const applicationMsps = readMsps(application);
    this.organizations = applicationMsps.map(({ mspId }) => mspId);
    this.membership = new Membership([...applicationMsps, ...readMsps(ordering)]);
    this.policies = new PolicyDirectory();
    addPolicies(this.policies, '/Channel', root);
    this.#acls = readAcls(application);
    this.batch = readBatch(channel, ordering);
  }

  /** The policy that this channel sets for a resource, if any. */
  aclPolicy(resource: string): string | undefined {
    return this.#acls.get(resource);
  }

  policy(path: string): Policy | undefined {
    return this.policies.get(path);
  }
}

function* entriesOf<V>(map: {
  keys(): { next(): { done?: boolean; value?: string } };
  get(key: string): V | undefined;
}): Generator<[string, V]> {
  const keys = map.keys();
  for (let step = keys.next(); step.done !== true; step = keys.next()) {
    const key = step.value ?? '';
    const value = map.get(key);
    if (value !== undefined) {
      yield [key, value];
    }
  }
}

function subGroup(channel: string, group: common.ConfigGroup, name: string): common.ConfigGroup {
  const found = group.getGroupsMap().get(name);
  if (found === undefined) {
    throw new LedgerConfigurationError(`channel ${channel}: the configuration has no group ${name}`);
  }
  return found;
}

function valueOf<T>(
  group: common.ConfigGroup,
  name: string,
  type: { deserializeBinary(bytes: Uint8Array): T },
): T | undefined {
  const value = group.getValuesMap().get(name);
  return value === undefined ? undefined : type.deserializeBinary(value.getValue_asU8());
}

function capabilitiesOf(group: common.ConfigGroup): ReadonlySet<string> {
  const capabilities = valueOf(group, 'Capabilities', common.Capabilities);
  return new Set(
    capabilities === undefined ? [] : [...entriesOf(capabilities.getCapabilitiesMap())].map(([name]) => name),
  );
}

function readMsp(group: common.ConfigGroup, signatures: VerifiedSignatures, ed25519: boolean): Msp {
  const message = valueOf(group, 'MSP', msp.MSPConfig);
  const configuration = msp.FabricMSPConfig.deserializeBinary(message?.getConfig_asU8() ?? new Uint8Array());
  return new Msp(configuration, signatures, { ed25519 });
}

/** Depth first: an implicit meta policy refers to its group's sub-groups. Returns the group's policies by name. */
function addPolicies(
  directory: PolicyDirectory,
  path: string,
  group: common.ConfigGroup,
): ReadonlyMap<string, Policy> {
  const inner = [...entriesOf(group.getGroupsMap())].map(([name, part]) =>
    addPolicies(directory, `${path}/${name}`, part),
  );
  const own = new Map<string, Policy>();
  for (const [name, configPolicy] of entriesOf(group.getPoliciesMap())) {
    const policy = readPolicy(`${path}/${name}`, configPolicy.getPolicy(), inner);
    own.set(name, policy);
    directory.add(`${path}/${name}`, policy);
  }
  return own;
}

function readPolicy(
  path: string,
  message: common.Policy | undefined,
  subGroups: readonly ReadonlyMap<string, Policy>[],
): Policy {
  const bytes = message?.getValue_asU8() ?? new Uint8Array();
  const type = message?.getType();
  switch (type) {
    case common.Policy.PolicyType.SIGNATURE:
      return SignaturePolicy.fromBytes(bytes);
    case common.Policy.PolicyType.IMPLICIT_META: {
      const definition = common.ImplicitMetaPolicy.deserializeBinary(bytes);
      return new ImplicitMetaPolicy(
        definition,
        subGroups.map((policies) => policies.get(definition.getSubPolicy())),
      );
    }
    case undefined:
    default:
      throw new LedgerConfigurationError(`policy ${path} is of an unknown type`);
  }
}

function readAcls(application: common.ConfigGroup): ReadonlyMap<string, string> {
  const acls = valueOf(application, 'ACLs', peer.ACLs);
  return new Map(
    acls === undefined
      ? []
      : [...entriesOf(acls.getAclsMap())].map(([name, resource]) => [
          name,
          absolute(resource.getPolicyRef()),
        ]),
  );
}

/** A relative policy reference means the application's, as in Fabric (common/channelconfig/api.go). */
function absolute(reference: string): string {
  return reference.startsWith('/') ? reference : `/Channel/Application/${reference}`;
}

function readBatch(channel: string, ordering: common.ConfigGroup): BatchOptions {
  const size = valueOf(ordering, 'BatchSize', orderer.BatchSize);
  const timeout = /^(\d+)ms$/.exec(
    valueOf(ordering, 'BatchTimeout', orderer.BatchTimeout)?.getTimeout() ?? '',
  )?.[1];
  if (size === undefined || timeout === undefined) {
    throw new LedgerConfigurationError(
      `channel ${channel}: the configuration lacks BatchSize or BatchTimeout in milliseconds`,
    );
  }
  return {
    timeoutMs: Number(timeout),
    maxMessages: size.getMaxMessageCount(),
    preferredMaxBytes: size.getPreferredMaxBytes(),
    absoluteMaxBytes: size.getAbsoluteMaxBytes(),
  };
}
