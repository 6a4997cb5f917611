import type { BatchSpec, ChannelSpec, OrganizationSpec } from '../topology/topology.js';
import type { FabricVersion } from './binaries.js';
import type { ChannelOrganization } from './members.js';
import { HOST } from './peer-configuration.js';
import { anyOf, implicitMeta, majorityOf, type PolicyRule, signature } from './policies.js';

/** What a channel's genesis block is made of. Paths are relative to the folder of its `configtx.yaml`. */
export interface ChannelSettings {
  readonly channel: ChannelSpec;
  readonly members: readonly ChannelOrganization[];
  readonly mspFolder: (member: ChannelOrganization) => string;
  /** Ports of the peers of an organization by which others find it; empty for one without peers on the channel. */
  readonly anchorPorts: (organization: OrganizationSpec) => readonly number[];
  readonly orderers: {
    readonly mspId: string;
    readonly mspFolder: string;
    /** In consenter order: port and TLS certificate of each orderer. */
    readonly consenters: readonly { readonly port: number; readonly tlsCertificate: string }[];
  };
  /** Channel capability: V3_0 lets the orderers be Fabric 3 only, V2_0 lets them be 2.5 as well. */
  readonly capability: ChannelCapability;
}

export type ChannelCapability = 'V2_0' | 'V3_0';

/** A policy that no signature satisfies. */
const NOBODY = 'Nobody';

/** Name of the profile within the generated `configtx.yaml`. */
export const PROFILE = 'Channel';

/**
 * With `readers: peers-and-admins`, clients may not read blocks; they learn the fate of their own transactions and
 * receive chaincode events by the right to write. Nobody receives block events: the same right opens a peer's
 * DeliverWithPrivateData, which hands the values of implicit collections to whoever has it, another member's admin or
 * peer included (they are not `memberOnlyRead`). Administrators read blocks through `qscc` and the orderers.
 */
const RESTRICTED_ACCESS = {
  'gateway/CommitStatus': '/Channel/Application/Writers',
  'gateway/ChaincodeEvents': '/Channel/Application/Writers',
  'event/Block': `/Channel/Application/${NOBODY}`,
};

export function channelCapability(version: FabricVersion): ChannelCapability {
  return version.major >= 3 ? 'V3_0' : 'V2_0';
}

/** `configtx.yaml` of one channel, as data. */
export function channelConfiguration(settings: ChannelSettings): Record<string, unknown> {
  const endorsing = settings.members
    .filter(({ peers }) => peers)
    .map(({ organization }) => organization.mspId);
  // MAJORITY Endorsement would count the members without peers as well, who can never endorse.
  const endorsement: PolicyRule = { Type: 'Signature', Rule: majorityOf(endorsing) };
  return {
    Profiles: {
      [PROFILE]: {
        Capabilities: { [settings.capability]: true },
        Policies: metaPolicies(),
        Orderer: orderer(settings),
        Application: {
          // V2_5 brings the purging of private data.
          Capabilities: { V2_5: true },
          Policies: {
            ...metaPolicies(),
            Endorsement: endorsement,
            LifecycleEndorsement: endorsement,
            [NOBODY]: nobody(endorsing),
          },
          ...(settings.channel.readers === 'peers-and-admins' ? { ACLs: RESTRICTED_ACCESS } : {}),
          Organizations: settings.members.map((member) => applicationOrganization(member, settings)),
        },
      },
    },
  };
}

/** Two roles that no identity has both of, of one who signs alone. */
function nobody([mspId = '']: readonly string[]): PolicyRule {
  return signature(`AND('${mspId}.peer', '${mspId}.admin')`);
}

function metaPolicies(): Record<string, PolicyRule> {
  return {
    Readers: implicitMeta('ANY Readers'),
    Writers: implicitMeta('ANY Writers'),
    Admins: implicitMeta('MAJORITY Admins'),
  };
}

function orderer(settings: ChannelSettings): Record<string, unknown> {
  const { mspId, mspFolder, consenters } = settings.orderers;
  return {
    OrdererType: 'etcdraft',
    ...batch(settings.channel.batch),
    EtcdRaft: {
      Consenters: consenters.map(({ port, tlsCertificate }) => ({
        Host: HOST,
        Port: port,
        ClientTLSCert: tlsCertificate,
        ServerTLSCert: tlsCertificate,
      })),
      Options: raftOptions(consenters.length),
    },
    Capabilities: { V2_0: true },
    Policies: { ...metaPolicies(), BlockValidation: implicitMeta('ANY Writers') },
    Organizations: [
      {
        Name: mspId,
        ID: mspId,
        MSPDir: mspFolder,
        OrdererEndpoints: consenters.map(({ port }) => `${HOST}:${port}`),
        Policies: {
          Readers: anyOf(mspId, ['orderer', 'admin']),
          Writers: anyOf(mspId, ['orderer', 'admin']),
          Admins: anyOf(mspId, ['admin']),
        },
      },
    ],
  };
}

/**
 * Orderers elect a leader within one to two times ElectionTick, also whenever they all start again. A single one can be
 * quick about it; several must not lose their leader to a busy machine.
 */
function raftOptions(consenters: number): Record<string, unknown> {
  const ElectionTick = consenters === 1 ? 5 : 20;
  return { TickInterval: '100ms', ElectionTick, HeartbeatTick: 1, MaxInflightBlocks: 5 };
}

function batch(spec: BatchSpec): Record<string, unknown> {
  return {
    BatchTimeout: `${spec.timeoutMs}ms`,
    BatchSize: {
      MaxMessageCount: spec.maxMessages,
      AbsoluteMaxBytes: spec.absoluteMaxBytes,
      PreferredMaxBytes: spec.preferredMaxBytes,
    },
  };
}

function applicationOrganization(
  member: ChannelOrganization,
  settings: ChannelSettings,
): Record<string, unknown> {
  const { organization } = member;
  const { mspId } = organization;
  const anchors = member.peers ? settings.anchorPorts(organization) : [];
  return {
    Name: mspId,
    ID: mspId,
    MSPDir: settings.mspFolder(member),
    AnchorPeers: anchors.map((Port) => ({ Host: HOST, Port })),
    Policies: {
      Readers: readers(member, settings.channel.readers),
      Writers: anyOf(mspId, ['admin', 'client']),
      Admins: anyOf(mspId, ['admin']),
      Endorsement: anyOf(mspId, ['peer']),
    },
  };
}

/** A restricted channel's blocks are read by peers that are on it, and by the administrators of these peers. */
function readers(member: ChannelOrganization, access: ChannelSpec['readers']): PolicyRule {
  const { mspId } = member.organization;
  if (access === 'members') {
    return anyOf(mspId, ['admin', 'peer', 'client']);
  }
  // A member without peers there has nobody who meets this rule: its MSP knows no peers (see client-only-msp.ts).
  return anyOf(mspId, member.peers ? ['peer', 'admin'] : ['peer']);
}
