import { createHash } from 'node:crypto';
import { peer } from '@hyperledger/fabric-protos';
import type { Simulator } from '../ledger/ledger.js';
import { WireError } from '../wire/parse.js';

/** The namespace in which a channel's definitions are kept, and the chaincode that keeps them. */
export const lifecycleNamespace = '_lifecycle';

/** State as a structure's fields are read from it; keys are plain, the collection is the state's. */
export interface ReadableState {
  get(key: string): Promise<Uint8Array | undefined>;
}

export interface WritableState extends ReadableState {
  put(key: string, value: Uint8Array): void;
  delete(key: string): void;
}

/** State of which only the hashes of values are known. */
export interface OpaqueState {
  readonly mspId: string;
  hash(key: string): Promise<Uint8Array | undefined>;
}

/** A record with named fields, each under a key of its own, as Fabric keeps definitions (core/chaincode/lifecycle/serializer.go). */
export interface Structure {
  readonly type: string;
  /** Serialized `lifecycle.StateData` by field name, in Fabric's order of fields. */
  readonly fields: ReadonlyMap<string, Uint8Array>;
}

export function publicState(simulator: Simulator): WritableState {
  return {
    get: (key) => simulator.getState(lifecycleNamespace, key),
    put: (key, value) => {
      simulator.putState(lifecycleNamespace, key, value);
    },
    delete: (key) => {
      simulator.deleteState(lifecycleNamespace, key);
    },
  };
}

/**
 * Where there is no definition a peer looks for one of the lifecycle before, which is not there either; that read stays in
 * the read-write set.
 */
export async function readLegacyDefinition(simulator: Simulator, name: string): Promise<void> {
  await simulator.getState('lscc', name);
}

/** An organization's implicit collection; values are there for that organization's peers only. */
export function organizationState(simulator: Simulator, mspId: string): WritableState & OpaqueState {
  const collection = `_implicit_org_${mspId}`;
  return {
    mspId,
    get: (key) => simulator.getPrivateData(lifecycleNamespace, collection, key),
    hash: (key) => simulator.getPrivateDataHash(lifecycleNamespace, collection, key),
    put: (key, value) => {
      simulator.putPrivateData(lifecycleNamespace, collection, key, value);
    },
    delete: (key) => {
      simulator.deletePrivateData(lifecycleNamespace, collection, key);
    },
  };
}

export function metadataKey(space: string, name: string): string {
  return `${space}/metadata/${name}`;
}

export function fieldKey(space: string, name: string, field: string): string {
  return `${space}/fields/${name}/${field}`;
}

export function numberField(value: number): Uint8Array {
  const data = new peer.lifecycle.StateData();
  data.setInt64(value);
  return data.serializeBinary();
}

export function bytesField(value: Uint8Array): Uint8Array {
  const data = new peer.lifecycle.StateData();
  data.setBytes(value);
  return data.serializeBinary();
}

export function textField(value: string): Uint8Array {
  const data = new peer.lifecycle.StateData();
  data.setString(value);
  return data.serializeBinary();
}

/** Throws WireError, with Fabric's text. */
export async function readField(
  state: ReadableState,
  space: string,
  name: string,
  field: string,
): Promise<peer.lifecycle.StateData> {
  const key = fieldKey(space, name, field);
  const bytes = await state.get(key);
  try {
    return peer.lifecycle.StateData.deserializeBinary(bytes ?? new Uint8Array());
  } catch (error) {
    throw new WireError(`could not unmarshal state for key ${key}`, { cause: error });
  }
}

export async function readMetadata(
  state: ReadableState,
  space: string,
  name: string,
): Promise<peer.lifecycle.StateMetadata | undefined> {
  const bytes = await state.get(metadataKey(space, name));
  return bytes === undefined ? undefined : peer.lifecycle.StateMetadata.deserializeBinary(bytes);
}

function metadataOf({ type, fields }: Structure): Uint8Array {
  const metadata = new peer.lifecycle.StateMetadata();
  metadata.setDatatype(type);
  metadata.setFieldsList([...fields.keys()]);
  return metadata.serializeBinary();
}

/** Writes the fields that differ from what is there, removes those that the structure does not have. */
export async function writeStructure(
  state: WritableState,
  space: string,
  name: string,
  structure: Structure,
): Promise<void> {
  const metadata = await readMetadata(state, space, name);
  const surplus = await writeFields(state, space, name, metadata, structure);
  const sameForm =
    surplus.length === 0 &&
    metadata?.getDatatype() === structure.type &&
    metadata.getFieldsList().length === structure.fields.size;
  if (!sameForm) {
    state.put(metadataKey(space, name), metadataOf(structure));
  }
  for (const key of surplus) {
    state.delete(key);
  }
}

/** Returns the keys of fields that are there and not in the structure. */
async function writeFields(
  state: WritableState,
  space: string,
  name: string,
  metadata: peer.lifecycle.StateMetadata | undefined,
  structure: Structure,
): Promise<readonly string[]> {
  const existing = new Map<string, Uint8Array>();
  for (const field of metadata?.getFieldsList() ?? []) {
    const key = fieldKey(space, name, field);
    existing.set(key, (await state.get(key)) ?? new Uint8Array());
  }
  for (const [field, value] of structure.fields) {
    const key = fieldKey(space, name, field);
    const present = existing.get(key);
    if (present === undefined || !Buffer.from(present).equals(value)) {
      state.put(key, value);
    }
    existing.delete(key);
  }
  return [...existing.keys()];
}

/** Names of what differs from the hashes of a state: fields, or the type when there is none of it; empty when nothing does. */
export async function mismatches(
  state: OpaqueState,
  space: string,
  name: string,
  structure: Structure,
): Promise<readonly string[]> {
  const metadataHash = await state.hash(metadataKey(space, name));
  const hashes = new Map<string, Uint8Array | undefined>();
  for (const field of structure.fields.keys()) {
    hashes.set(field, await state.hash(fieldKey(space, name, field)));
  }
  if (!isHashOf(metadataHash, metadataOf(structure))) {
    return [structure.type];
  }
  return [...structure.fields]
    .filter(([field, value]) => !isHashOf(hashes.get(field), value))
    .map(([field]) => field);
}

function isHashOf(hash: Uint8Array | undefined, value: Uint8Array): boolean {
  return hash !== undefined && createHash('sha256').update(value).digest().equals(hash);
}
