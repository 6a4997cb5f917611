import { peer, type common } from '@hyperledger/fabric-protos';
import { Collection } from '../chaincode/collection.js';
import {
  DefinedChaincode,
  type ChaincodeConnection,
  type ChaincodeDefinition,
} from '../chaincode/definition.js';
import type { ChannelConfiguration } from '../channel/channel-configuration.js';
import type { Channel } from '../channel/channel.js';
import type { Simulator } from '../ledger/ledger.js';
import { rejectAll } from '../policy/policy-builder.js';
import { expressionOf } from '../policy/expression-text.js';
import type { Policy } from '../policy/policy.js';
import { SignaturePolicy } from '../policy/signature-policy.js';
import { staticCollections } from './definition-checks.js';
import { mismatches, organizationState, publicState } from './fields.js';
import { approvedPackage, definedNames } from './lifecycle-chaincode.js';
import {
  namespaces,
  parametersStructure,
  readDefinition,
  type LifecycleDefinition,
} from './lifecycle-definition.js';
import type { PackageStore } from './package-store.js';

/** A peer whose packages decide what it can run. */
export interface PackagedPeer {
  readonly name: string;
  readonly mspId: string;
  readonly packages: PackageStore;
  /** Whether chaincodes may register with it: then none need be installed. */
  readonly takesChaincodes: boolean;
}

/** A definition as it was asked for of the ledger itself, by name and sequence. */
export type Requested = (name: string, sequence: number) => ChaincodeDefinition | undefined;

/**
 * The chaincodes that a channel's state defines, each connected to the peers that have approved it and know where it is:
 * by an installed package, or by the request of that sequence.
 */
export async function readCommittedChaincodes(
  channel: Channel,
  peers: readonly PackagedPeer[],
  requested: Requested,
): Promise<readonly DefinedChaincode[]> {
  const { configuration, ledger, chaincodes: collections } = channel;
  const simulateAs = (mspId: string) =>
    ledger.simulate({ transactionId: '', mspId, creatorMspId: mspId, collections });
  return simulated(simulateAs(''), async (simulator) => {
    const chaincodes: DefinedChaincode[] = [];
    for (const name of await definedNames(simulator)) {
      const definition = await readDefinition(publicState(simulator), name);
      const packages = new Map<string, string | undefined>();
      for (const mspId of new Set(peers.map((each) => each.mspId))) {
        const approved = await simulated(simulateAs(mspId), (own) =>
          packageFor(own, mspId, name, definition),
        );
        packages.set(mspId, approved);
      }
      const request = requested(name, definition.sequence);
      chaincodes.push(
        connected(
          configuration,
          name,
          definition,
          request,
          connectionsOf(peers, packages, request, registeredName(name, definition)),
        ),
      );
    }
    return chaincodes;
  });
}

async function simulated<T>(simulator: Simulator, work: (simulator: Simulator) => Promise<T>): Promise<T> {
  try {
    return await work(simulator);
  } finally {
    await simulator.release();
  }
}

/** The package that an organization approved for a definition; undefined: it has not approved, or something else. */
async function packageFor(
  simulator: Simulator,
  mspId: string,
  name: string,
  definition: LifecycleDefinition,
): Promise<string | undefined> {
  const own = organizationState(simulator, mspId);
  const privateName = `${name}#${definition.sequence}`;
  const differing = await mismatches(own, namespaces, privateName, parametersStructure(definition));
  return differing.length > 0 ? undefined : approvedPackage(own, privateName);
}

interface Connections {
  readonly connections: Readonly<Record<string, ChaincodeConnection>>;
  readonly unapproved: ReadonlySet<string>;
}

function connectionsOf(
  peers: readonly PackagedPeer[],
  packages: ReadonlyMap<string, string | undefined>,
  request: ChaincodeDefinition | undefined,
  /** What a chaincode registers as that nobody installed. */
  registered: string,
): Connections {
  const connections: Record<string, ChaincodeConnection> = {};
  const unapproved = new Set<string>();
  for (const each of peers) {
    const packageId = packages.get(each.mspId);
    const connection =
      packageId === undefined
        ? undefined
        : (each.packages.get(packageId)?.connection ??
          requestedConnection(each, packageId, peers, request) ??
          (each.takesChaincodes ? { packageId: registered } : undefined));
    if (packageId === undefined) {
      unapproved.add(each.name);
    } else if (connection !== undefined) {
      connections[each.name] = connection;
    }
  }
  return { connections, unapproved };
}

/** As a peer in development mode expects it (core/chaincode/lifecycle/endorsement_info.go, UserRunsCC). */
function registeredName(name: string, { endorsement }: LifecycleDefinition): string {
  return `${name}:${endorsement.getVersion()}`;
}

/** A request names a package for each peer, the organization's approval one of them; another approval overrules the request. */
function requestedConnection(
  { name, mspId }: PackagedPeer,
  packageId: string,
  peers: readonly PackagedPeer[],
  request: ChaincodeDefinition | undefined,
): ChaincodeConnection | undefined {
  const isOfRequest = peers.some(
    (other) => other.mspId === mspId && request?.connections[other.name]?.packageId === packageId,
  );
  return isOfRequest ? request?.connections[name] : undefined;
}

function connected(
  configuration: ChannelConfiguration,
  name: string,
  definition: LifecycleDefinition,
  request: ChaincodeDefinition | undefined,
  { connections, unapproved }: Connections,
): DefinedChaincode {
  const { endorsement, validation, collections, sequence } = definition;
  const policy = readPolicy(validation.getValidationParameter_asU8(), configuration);
  return new DefinedChaincode(
    {
      ...(request ?? {
        channel: configuration.channel,
        name,
        version: endorsement.getVersion(),
        sequence,
        policy: policy.text,
        initRequired: endorsement.getInitRequired(),
      }),
      connections,
    },
    policy.policy,
    new Map(
      staticCollections(collections).map((collection) => [
        collection.getName(),
        Collection.committed(
          collection,
          collection.getEndorsementPolicy() === undefined
            ? undefined
            : policyOf(collection.getEndorsementPolicy(), configuration).policy,
        ),
      ]),
    ),
    unapproved,
  );
}

interface ReadPolicy {
  readonly policy: Policy;
  readonly text: string;
}

function readPolicy(bytes: Uint8Array, configuration: ChannelConfiguration): ReadPolicy {
  return policyOf(peer.ApplicationPolicy.deserializeBinary(bytes), configuration);
}

/** What cannot be evaluated is satisfied by nobody, as on a peer. */
function policyOf(
  policy: peer.ApplicationPolicy | undefined,
  configuration: ChannelConfiguration,
): ReadPolicy {
  const signature: common.SignaturePolicyEnvelope | undefined = policy?.getSignaturePolicy();
  if (signature !== undefined) {
    return { policy: new SignaturePolicy(signature), text: expressionOf(signature) };
  }
  const path = policy?.getChannelConfigPolicyReference() ?? '';
  return { policy: configuration.policy(path) ?? new SignaturePolicy(rejectAll()), text: path };
}
