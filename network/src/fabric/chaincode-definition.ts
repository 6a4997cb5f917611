import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NetworkError } from '../errors/network-error.js';
import type { ChaincodeSpec } from '../topology/topology.js';
import type { FabricLayout } from './fabric-layout.js';
import { readIfPresent, writeWhole } from './files.js';

/** Everything of a chaincode that its organizations agree on, except the sequence number. */
export interface ChaincodeDefinition {
  readonly version: string;
  /** Policy expression. */
  readonly policy: string;
  /** SHA-256 of the collections configuration, if there is one. */
  readonly collections: string | null;
  readonly packageId: string;
}

/** The definition that this network committed last, kept because the ledger answers with compiled policies only. */
export interface CommittedDefinition extends ChaincodeDefinition {
  readonly sequence: number;
}

/** @throws NetworkError `FILE_MISSING` for a collections file that cannot be read, `TOPOLOGY_INVALID` for one that is no JSON list. */
export async function definitionOf(
  chaincode: ChaincodeSpec,
  policy: string,
  packageId: string,
): Promise<ChaincodeDefinition> {
  const collections = chaincode.collections === undefined ? null : await digestOf(chaincode.collections);
  return { version: chaincode.version, policy, collections, packageId };
}

async function digestOf(collections: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(collections, 'utf8');
  } catch (cause) {
    throw new NetworkError('FILE_MISSING', `The collections configuration ${collections} cannot be read.`, {
      cause,
    });
  }
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) {
    throw new NetworkError(
      'TOPOLOGY_INVALID',
      `The collections configuration ${collections} is no JSON list of collections.`,
    );
  }
  // Reformatting the file is no change of the definition.
  return createHash('sha256').update(JSON.stringify(parsed)).digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function sameDefinition(one: ChaincodeDefinition, other: ChaincodeDefinition): boolean {
  return (
    one.version === other.version &&
    one.policy === other.policy &&
    one.collections === other.collections &&
    one.packageId === other.packageId
  );
}

export async function recordedDefinition(
  layout: FabricLayout,
  chaincode: ChaincodeSpec,
): Promise<CommittedDefinition | undefined> {
  const text = await readIfPresent(recordFile(layout, chaincode));
  return text === undefined ? undefined : (JSON.parse(text) as CommittedDefinition);
}

export async function recordDefinition(
  layout: FabricLayout,
  chaincode: ChaincodeSpec,
  definition: CommittedDefinition,
): Promise<void> {
  await writeWhole(recordFile(layout, chaincode), `${JSON.stringify(definition, undefined, 2)}\n`);
}

function recordFile(layout: FabricLayout, chaincode: ChaincodeSpec): string {
  return join(layout.chaincode(chaincode.channel, chaincode.name), 'committed.json');
}
