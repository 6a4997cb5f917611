import { peer } from '@hyperledger/fabric-protos';
import type { Simulator } from '../ledger/ledger.js';
import {
  bytesField,
  fieldKey,
  lifecycleNamespace,
  metadataKey,
  numberField,
  readField,
  textField,
  type ReadableState,
  type Structure,
} from './fields.js';

/** Public definitions and approvals by name; approvals by `name#sequence`. */
export const namespaces = 'namespaces';
/** Which package an organization runs for `name#sequence`. */
export const sources = 'chaincode-sources';

export const definitionType = 'ChaincodeDefinition';
export const parametersType = 'ChaincodeParameters';
export const localPackageType = 'ChaincodeLocalPackage';

/** What organizations agree on, beside the sequence. */
export interface DefinitionParameters {
  readonly endorsement: peer.lifecycle.ChaincodeEndorsementInfo;
  readonly validation: peer.lifecycle.ChaincodeValidationInfo;
  readonly collections: peer.CollectionConfigPackage;
}

export interface LifecycleDefinition extends DefinitionParameters {
  readonly sequence: number;
}

/** The arguments of approving, checking and committing have these in common. */
export interface DefinitionArguments {
  getSequence(): number;
  getVersion(): string;
  getEndorsementPlugin(): string;
  getValidationPlugin(): string;
  getValidationParameter_asU8(): Uint8Array;
  getCollections(): peer.CollectionConfigPackage | undefined;
  getInitRequired(): boolean;
}

const defaultPolicy = '/Channel/Application/Endorsement';

/** The definition that is asked for, what is left out filled in as Fabric does. */
export function definitionOf(args: DefinitionArguments): LifecycleDefinition {
  const endorsement = new peer.lifecycle.ChaincodeEndorsementInfo();
  endorsement.setVersion(args.getVersion());
  endorsement.setEndorsementPlugin(args.getEndorsementPlugin() || 'escc');
  endorsement.setInitRequired(args.getInitRequired());
  const validation = new peer.lifecycle.ChaincodeValidationInfo();
  validation.setValidationPlugin(args.getValidationPlugin() || 'vscc');
  const policy = args.getValidationParameter_asU8();
  validation.setValidationParameter(policy.length > 0 ? policy : channelPolicy(defaultPolicy));
  const collections = args.getCollections() ?? new peer.CollectionConfigPackage();
  return { sequence: args.getSequence(), endorsement, validation, collections };
}

/** `protos.ApplicationPolicy` that refers to a policy of the channel. */
export function channelPolicy(path: string): Uint8Array {
  const policy = new peer.ApplicationPolicy();
  policy.setChannelConfigPolicyReference(path);
  return policy.serializeBinary();
}

function parameterFields({
  endorsement,
  validation,
  collections,
}: DefinitionParameters): [string, Uint8Array][] {
  return [
    ['EndorsementInfo', bytesField(endorsement.serializeBinary())],
    ['ValidationInfo', bytesField(validation.serializeBinary())],
    ['Collections', bytesField(collections.serializeBinary())],
  ];
}

export function parametersStructure(parameters: DefinitionParameters): Structure {
  return { type: parametersType, fields: new Map(parameterFields(parameters)) };
}

export function definitionStructure(definition: LifecycleDefinition): Structure {
  const fields = new Map([
    ['Sequence', numberField(definition.sequence)] as const,
    ...parameterFields(definition),
  ]);
  return { type: definitionType, fields };
}

export function localPackageStructure(packageId: string): Structure {
  return { type: localPackageType, fields: new Map([['PackageID', textField(packageId)]]) };
}

/** Reads a definition for the read-write set alone, as a peer does that looks for a collection in it. */
export function noteDefinitionReads(simulator: Simulator, name: string): void {
  if (simulator.hasState(lifecycleNamespace, metadataKey(namespaces, name))) {
    for (const field of ['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections']) {
      simulator.hasState(lifecycleNamespace, fieldKey(namespaces, name, field));
    }
  }
}

/** The committed sequence of a chaincode; 0 when there is none. */
export async function committedSequence(state: ReadableState, name: string): Promise<number> {
  return (await readField(state, namespaces, name, 'Sequence')).getInt64();
}

export async function readParameters(state: ReadableState, name: string): Promise<DefinitionParameters> {
  const bytes = async (field: string) => (await readField(state, namespaces, name, field)).getBytes_asU8();
  return {
    endorsement: peer.lifecycle.ChaincodeEndorsementInfo.deserializeBinary(await bytes('EndorsementInfo')),
    validation: peer.lifecycle.ChaincodeValidationInfo.deserializeBinary(await bytes('ValidationInfo')),
    collections: peer.CollectionConfigPackage.deserializeBinary(await bytes('Collections')),
  };
}

export async function readDefinition(state: ReadableState, name: string): Promise<LifecycleDefinition> {
  return { sequence: await committedSequence(state, name), ...(await readParameters(state, name)) };
}

/** How two definitions differ, in Fabric's words; undefined when they do not. */
export function differenceOf(
  expected: DefinitionParameters,
  passed: DefinitionParameters,
): string | undefined {
  const { endorsement: mine, validation: mineV } = expected;
  const { endorsement: theirs, validation: theirsV } = passed;
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const pairs: readonly (readonly [string, string, string])[] = [
    ['Version', mine.getVersion(), theirs.getVersion()],
    ['EndorsementPlugin', mine.getEndorsementPlugin(), theirs.getEndorsementPlugin()],
    ['InitRequired', String(mine.getInitRequired()), String(theirs.getInitRequired())],
    ['ValidationPlugin', mineV.getValidationPlugin(), theirsV.getValidationPlugin()],
    [
      'ValidationParameter',
      hex(mineV.getValidationParameter_asU8()),
      hex(theirsV.getValidationParameter_asU8()),
    ],
  ];
  const different = pairs.find(([, left, right]) => left !== right);
  if (different !== undefined) {
    const [what, left, right] = different;
    return `expected ${what} '${left}' does not match passed ${what} '${right}'`;
  }
  const same = Buffer.from(expected.collections.serializeBinary()).equals(
    passed.collections.serializeBinary(),
  );
  return same ? undefined : 'Collections do not match';
}
