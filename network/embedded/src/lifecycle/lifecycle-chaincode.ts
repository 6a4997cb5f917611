import { peer } from '@hyperledger/fabric-protos';
import type { ChannelConfiguration } from '../channel/channel-configuration.js';
import type { Simulator } from '../ledger/ledger.js';
import { checkAgainstCommitted, checkDefinition, LifecycleError } from './definition-checks.js';
import { decodeArguments } from './lifecycle-arguments.js';
import {
  committedSequence,
  definitionOf,
  definitionStructure,
  definitionType,
  differenceOf,
  localPackageStructure,
  namespaces,
  parametersStructure,
  readDefinition,
  readParameters,
  sources,
  type LifecycleDefinition,
} from './lifecycle-definition.js';
import {
  lifecycleNamespace,
  mismatches,
  organizationState,
  publicState,
  readField,
  readLegacyDefinition,
  readMetadata,
  writeStructure,
  type ReadableState,
  type WritableState,
} from './fields.js';

const protos = peer.lifecycle;

/** A namespace that no definition was committed for; answered with status 404. */
export class NotDefinedError extends Error {
  override readonly name = 'NotDefinedError';
}

/** The channel that a call to `_lifecycle` names, simulated by a peer of `mspId`. */
export interface LifecycleChannel {
  readonly name: string;
  readonly mspId: string;
  readonly configuration: ChannelConfiguration;
  readonly simulator: Simulator;
}

type Handler = (channel: LifecycleChannel, input: Uint8Array) => Promise<Uint8Array>;

/** The functions of `_lifecycle` that concern a channel's definitions (core/chaincode/lifecycle). Each throws with Fabric's text. */
export const definitionFunctions: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['ApproveChaincodeDefinitionForMyOrg', approve],
  ['QueryApprovedChaincodeDefinition', queryApproved],
  ['QueryApprovedChaincodeDefinitions', queryAllApproved],
  ['CheckCommitReadiness', checkReadiness],
  ['CommitChaincodeDefinition', commit],
  ['QueryChaincodeDefinition', queryDefinition],
  ['QueryChaincodeDefinitions', queryDefinitions],
]);

async function approve(channel: LifecycleChannel, input: Uint8Array): Promise<Uint8Array> {
  const args = decodeArguments(protos.ApproveChaincodeDefinitionForMyOrgArgs, input);
  const name = args.getName();
  await check(channel, name, args.getVersion(), args.getCollections());
  const definition = definitionOf(args);
  const packageId = args.getSource()?.getLocalPackage()?.getPackageId() ?? '';
  const state = organizationState(channel.simulator, channel.mspId);
  await checkApproval(name, definition, packageId, publicState(channel.simulator), state);
  const privateName = `${name}#${definition.sequence}`;
  await writeStructure(state, namespaces, privateName, parametersStructure(definition));
  await writeStructure(state, sources, privateName, localPackageStructure(packageId));
  return new protos.ApproveChaincodeDefinitionForMyOrgResult().serializeBinary();
}

async function check(
  { configuration, simulator }: LifecycleChannel,
  name: string,
  version: string,
  collections: peer.CollectionConfigPackage | undefined,
): Promise<void> {
  checkDefinition(name, version, collections, configuration.organizations);
  const state = publicState(simulator);
  if ((await readMetadata(state, namespaces, name)) === undefined) {
    await readLegacyDefinition(simulator, name);
  } else {
    checkAgainstCommitted(collections, (await readDefinition(state, name)).collections);
  }
}

async function checkApproval(
  name: string,
  definition: LifecycleDefinition,
  packageId: string,
  state: WritableState,
  own: WritableState,
): Promise<void> {
  const current = await committedSequence(state, name);
  const { sequence } = definition;
  if (sequence === 0 && current === 0) {
    throw new LifecycleError('requested sequence is 0, but first definable sequence number is 1');
  }
  if (sequence < current) {
    throw new LifecycleError(
      `currently defined sequence ${current} is larger than requested sequence ${sequence}`,
    );
  }
  if (sequence > current + 1) {
    throw new LifecycleError(
      `requested sequence ${sequence} is larger than the next available sequence number ${current + 1}`,
    );
  }
  if (sequence === current) {
    const difference = differenceOf(await readDefinition(state, name), definition);
    if (difference !== undefined) {
      throw new LifecycleError(
        `attempted to redefine the current committed sequence (${sequence}) for namespace ${name} with different parameters: ${difference}`,
      );
    }
  }
  if (await isUnchanged(name, definition, packageId, own)) {
    throw new LifecycleError(
      sequence === current
        ? `attempted to redefine the current committed sequence (${sequence}) for namespace ${name}`
        : `attempted to redefine uncommitted sequence (${sequence}) for namespace ${name} with unchanged content`,
    );
  }
}

async function isUnchanged(
  name: string,
  definition: LifecycleDefinition,
  packageId: string,
  own: ReadableState,
): Promise<boolean> {
  const privateName = `${name}#${definition.sequence}`;
  if ((await readMetadata(own, namespaces, privateName)) === undefined) {
    return false;
  }
  const before = await readParameters(own, privateName);
  return (
    differenceOf(before, definition) === undefined &&
    (await readMetadata(own, sources, privateName)) !== undefined &&
    (await approvedPackage(own, privateName)) === packageId
  );
}

/** The package that an organization runs for `name#sequence`; `''`: none. */
export async function approvedPackage(own: ReadableState, privateName: string): Promise<string> {
  return (await readField(own, sources, privateName, 'PackageID')).getString();
}

async function queryApproved(channel: LifecycleChannel, input: Uint8Array): Promise<Uint8Array> {
  const args = decodeArguments(protos.QueryApprovedChaincodeDefinitionArgs, input);
  const name = args.getName();
  const own = organizationState(channel.simulator, channel.mspId);
  const sequence = args.getSequence() || (await latestApproval(channel, name, own));
  const approved = await approvalOf(own, `${name}#${sequence}`);
  if (approved === undefined) {
    throw new LifecycleError(
      `could not fetch approved chaincode definition (name: '${name}', sequence: '${sequence}') on channel '${channel.name}'`,
    );
  }
  const result = new protos.QueryApprovedChaincodeDefinitionResult();
  describe(result, { sequence, ...approved });
  result.setSource(approved.source);
  return result.serializeBinary();
}

async function latestApproval(
  { simulator }: LifecycleChannel,
  name: string,
  own: ReadableState,
): Promise<number> {
  const current = await committedSequence(publicState(simulator), name);
  const next = await readMetadata(own, namespaces, `${name}#${current + 1}`);
  return next === undefined ? current : current + 1;
}

type Approval = Omit<LifecycleDefinition, 'sequence'> & { readonly source: peer.lifecycle.ChaincodeSource };

async function approvalOf(own: ReadableState, privateName: string): Promise<Approval | undefined> {
  if ((await readMetadata(own, namespaces, privateName)) === undefined) {
    return undefined;
  }
  const parameters = await readParameters(own, privateName);
  if ((await readMetadata(own, sources, privateName)) === undefined) {
    throw new LifecycleError(`could not fetch chaincode-source metadata for ${privateName}`);
  }
  return {
    ...parameters,
    source: sourceOf(await approvedPackage(own, privateName)),
  };
}

function sourceOf(packageId: string): peer.lifecycle.ChaincodeSource {
  const source = new protos.ChaincodeSource();
  if (packageId === '') {
    source.setUnavailable(new protos.ChaincodeSource.Unavailable());
  } else {
    const local = new protos.ChaincodeSource.Local();
    local.setPackageId(packageId);
    source.setLocalPackage(local);
  }
  return source;
}

async function queryAllApproved(channel: LifecycleChannel): Promise<Uint8Array> {
  const { simulator, mspId } = channel;
  const own = organizationState(simulator, mspId);
  const prefix = `${namespaces}/metadata/`;
  const cursor = await simulator.getPrivateDataRange(
    lifecycleNamespace,
    `_implicit_org_${mspId}`,
    prefix,
    `${prefix}\u007f`,
  );
  const result = new protos.QueryApprovedChaincodeDefinitionsResult();
  for (const key of await keysOf(cursor)) {
    const privateName = key.slice(prefix.length);
    const [name = '', sequence = ''] = privateName.split('#');
    const approved = await approvalOf(own, privateName);
    if (approved !== undefined) {
      const entry = new protos.QueryApprovedChaincodeDefinitionsResult.ApprovedChaincodeDefinition();
      entry.setName(name);
      describe(entry, { sequence: Number(sequence), ...approved });
      entry.setSource(approved.source);
      result.addApprovedChaincodeDefinitions(entry);
    }
  }
  return result.serializeBinary();
}

/** All keys of a cursor, which is closed then. */
async function keysOf(cursor: {
  next(limit: number): Promise<readonly { readonly key: string }[]>;
  close(): Promise<void>;
}): Promise<readonly string[]> {
  const keys: string[] = [];
  try {
    for (let more = await cursor.next(100); more.length > 0; more = await cursor.next(100)) {
      keys.push(...more.map(({ key }) => key));
    }
  } finally {
    await cursor.close();
  }
  return keys;
}

/** A definition that may come next, and who has approved it. */
async function readiness(
  channel: LifecycleChannel,
  name: string,
  definition: LifecycleDefinition,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const next = (await committedSequence(publicState(channel.simulator), name)) + 1;
  if (definition.sequence !== next) {
    throw new LifecycleError(
      `requested sequence is ${definition.sequence}, but new definition must be sequence ${next}`,
    );
  }
  return approvals(channel, name, definition);
}

/** What each organization's approval differs in; nothing for those that have approved. */
async function approvals(
  { configuration, simulator }: LifecycleChannel,
  name: string,
  definition: LifecycleDefinition,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const structure = parametersStructure(definition);
  const differing = new Map<string, readonly string[]>();
  for (const mspId of configuration.organizations) {
    const state = organizationState(simulator, mspId);
    differing.set(mspId, await mismatches(state, namespaces, `${name}#${definition.sequence}`, structure));
  }
  return differing;
}

async function checkReadiness(channel: LifecycleChannel, input: Uint8Array): Promise<Uint8Array> {
  const args = decodeArguments(protos.CheckCommitReadinessArgs, input);
  const result = new protos.CheckCommitReadinessResult();
  for (const [mspId, items] of await readiness(channel, args.getName(), definitionOf(args))) {
    result.getApprovalsMap().set(mspId, items.length === 0);
    if (items.length > 0) {
      const list = new protos.CheckCommitReadinessResult.Mismatches();
      list.setItemsList([...items]);
      result.getMismatchesMap().set(mspId, list);
    }
  }
  return result.serializeBinary();
}

async function commit(channel: LifecycleChannel, input: Uint8Array): Promise<Uint8Array> {
  const args = decodeArguments(protos.CommitChaincodeDefinitionArgs, input);
  const name = args.getName();
  await check(channel, name, args.getVersion(), args.getCollections());
  const definition = definitionOf(args);
  const differing = await readiness(channel, name, definition);
  await writeStructure(publicState(channel.simulator), namespaces, name, definitionStructure(definition));
  if (differing.get(channel.mspId)?.length !== 0) {
    throw new LifecycleError(`chaincode definition not agreed to by this org (${channel.mspId})`);
  }
  return new protos.CommitChaincodeDefinitionResult().serializeBinary();
}

async function queryDefinition(channel: LifecycleChannel, input: Uint8Array): Promise<Uint8Array> {
  const name = decodeArguments(protos.QueryChaincodeDefinitionArgs, input).getName();
  const state = publicState(channel.simulator);
  const metadata = await readMetadata(state, namespaces, name);
  if (metadata === undefined) {
    throw new NotDefinedError(`namespace ${name} is not defined`);
  }
  if (metadata.getDatatype() !== definitionType) {
    throw new LifecycleError(
      `could not deserialize namespace ${name} as chaincode: type name mismatch '${definitionType}' != '${metadata.getDatatype()}'`,
    );
  }
  const definition = await readDefinition(state, name);
  const result = new protos.QueryChaincodeDefinitionResult();
  describe(result, definition);
  for (const [mspId, items] of await approvals(channel, name, definition)) {
    result.getApprovalsMap().set(mspId, items.length === 0);
  }
  return result.serializeBinary();
}

async function queryDefinitions({ simulator }: LifecycleChannel): Promise<Uint8Array> {
  const state = publicState(simulator);
  const result = new protos.QueryChaincodeDefinitionsResult();
  for (const name of await definedNames(simulator)) {
    const entry = new protos.QueryChaincodeDefinitionsResult.ChaincodeDefinition();
    entry.setName(name);
    describe(entry, await readDefinition(state, name));
    result.addChaincodeDefinitions(entry);
  }
  return result.serializeBinary();
}

/** Names of the chaincodes that a channel has a definition of. */
export async function definedNames(simulator: Simulator): Promise<readonly string[]> {
  const prefix = `${namespaces}/metadata/`;
  const cursor = await simulator.getStateRange(lifecycleNamespace, prefix, `${prefix}\u007f`);
  return (await keysOf(cursor)).map((key) => key.slice(prefix.length));
}

interface DescribedDefinition {
  setSequence(value: number): void;
  setVersion(value: string): void;
  setEndorsementPlugin(value: string): void;
  setValidationPlugin(value: string): void;
  setValidationParameter(value: Uint8Array): void;
  setCollections(value: peer.CollectionConfigPackage): void;
  setInitRequired(value: boolean): void;
}

function describe(target: DescribedDefinition, definition: LifecycleDefinition): void {
  const { sequence, endorsement, validation, collections } = definition;
  target.setSequence(sequence);
  target.setVersion(endorsement.getVersion());
  target.setEndorsementPlugin(endorsement.getEndorsementPlugin());
  target.setValidationPlugin(validation.getValidationPlugin());
  target.setValidationParameter(validation.getValidationParameter_asU8());
  target.setCollections(collections);
  target.setInitRequired(endorsement.getInitRequired());
}
