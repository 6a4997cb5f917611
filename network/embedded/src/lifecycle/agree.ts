import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeDefinition } from '../chaincode/definition.js';
import type { Channel } from '../channel/channel.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { ValidationCode } from '../ledger/ledger.js';
import { LedgerConfigurationError } from '../options.js';
import { LifecycleError } from './definition-checks.js';
import { mismatches, organizationState, publicState } from './fields.js';
import { approvedPackage } from './lifecycle-chaincode.js';
import {
  committedSequence,
  definitionOf,
  differenceOf,
  namespaces,
  parametersStructure,
  readDefinition,
  type LifecycleDefinition,
} from './lifecycle-definition.js';
import { peerTransaction, type PeerTransaction } from './peer-transaction.js';
import { requestedDefinition } from './requested-definition.js';

/** An organization that approves a definition: one of its peers signs, and runs the chaincode from a package, if any. */
export interface Approver {
  readonly identity: SigningIdentity;
  readonly packageId: string | undefined;
}

/**
 * Approves a definition for each organization and commits it, by transactions that the organizations' peers create and
 * endorse: state, history and blocks are as after the commands of administrators. What is committed already is not
 * committed again, but approved where a package has changed. Throws LedgerConfigurationError.
 */
export async function agree(
  channel: Channel,
  definition: ChaincodeDefinition,
  approvers: readonly Approver[],
): Promise<void> {
  const request = requestedDefinition(definition, channel.chaincodes.organizationsWithPeers);
  request.setName(definition.name);
  const current = await inSimulation(channel, '', (simulator) =>
    committedSequence(publicState(simulator), definition.name),
  );
  try {
    await approve(channel, request, approvers);
    if (current !== definition.sequence) {
      await commit(channel, request, approvers);
    }
  } catch (error) {
    throw error instanceof LifecycleError
      ? new LedgerConfigurationError(`chaincode ${definition.name}: ${error.message}`, { cause: error })
      : error;
  }
}

/** How a definition differs from the committed one of the same sequence; undefined when it does not. */
export function differenceFromCommitted(
  channel: Channel,
  definition: ChaincodeDefinition,
): Promise<string | undefined> {
  const request = requestedDefinition(definition, channel.chaincodes.organizationsWithPeers);
  return inSimulation(channel, '', async (simulator) =>
    differenceOf(await readDefinition(publicState(simulator), definition.name), definitionOf(request)),
  );
}

type Request = peer.lifecycle.CommitChaincodeDefinitionArgs;

async function approve(channel: Channel, request: Request, approvers: readonly Approver[]): Promise<void> {
  const transactions: PeerTransaction[] = [];
  for (const { identity, packageId } of approvers) {
    if (!(await hasApproved(channel, request, identity.mspId, packageId))) {
      const input = approvalOf(request, packageId).serializeBinary();
      transactions.push(
        await peerTransaction(channel, {
          function: 'ApproveChaincodeDefinitionForMyOrg',
          input,
          creator: identity,
        }),
      );
    }
  }
  await order(channel, transactions);
}

async function commit(channel: Channel, request: Request, approvers: readonly Approver[]): Promise<void> {
  const [creator, ...endorsers] = approvers.map(({ identity }) => identity);
  if (creator === undefined) {
    throw new LedgerConfigurationError(`no organization has a peer on channel ${channel.name}`);
  }
  const input = request.serializeBinary();
  await order(channel, [
    await peerTransaction(channel, { function: 'CommitChaincodeDefinition', input, creator, endorsers }),
  ]);
}

function approvalOf(
  request: Request,
  packageId: string | undefined,
): peer.lifecycle.ApproveChaincodeDefinitionForMyOrgArgs {
  const source = new peer.lifecycle.ChaincodeSource();
  if (packageId === undefined) {
    source.setUnavailable(new peer.lifecycle.ChaincodeSource.Unavailable());
  } else {
    const local = new peer.lifecycle.ChaincodeSource.Local();
    local.setPackageId(packageId);
    source.setLocalPackage(local);
  }
  const args = new peer.lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
  args.setName(request.getName());
  args.setVersion(request.getVersion());
  args.setSequence(request.getSequence());
  args.setEndorsementPlugin(request.getEndorsementPlugin());
  args.setValidationPlugin(request.getValidationPlugin());
  args.setValidationParameter(request.getValidationParameter_asU8());
  args.setCollections(request.getCollections());
  args.setInitRequired(request.getInitRequired());
  args.setSource(source);
  return args;
}

/** Whether an organization has approved the same from the same package; Fabric refuses to approve it again. */
function hasApproved(
  channel: Channel,
  request: Request,
  mspId: string,
  packageId: string | undefined,
): Promise<boolean> {
  const definition: LifecycleDefinition = definitionOf(request);
  const privateName = `${request.getName()}#${definition.sequence}`;
  return inSimulation(channel, mspId, async (simulator) => {
    const own = organizationState(simulator, mspId);
    const differing = await mismatches(own, namespaces, privateName, parametersStructure(definition));
    return differing.length === 0 && (await approvedPackage(own, privateName)) === (packageId ?? '');
  });
}

async function order(channel: Channel, transactions: readonly PeerTransaction[]): Promise<void> {
  if (transactions.length === 0) {
    return;
  }
  const codes = await channel.order(
    new Map(transactions.map(({ transactionId, envelope }) => [transactionId, envelope])),
  );
  for (const code of codes.values()) {
    checkValid(channel, code);
  }
}

function checkValid(channel: Channel, code: ValidationCode): void {
  if (code !== peer.TxValidationCode.VALID) {
    const names = Object.entries(peer.TxValidationCode) as [string, ValidationCode][];
    const [name] = names.find(([, value]) => value === code) ?? [String(code)];
    throw new LedgerConfigurationError(
      `the definition is invalid on channel ${channel.name} (${name}): the policy LifecycleEndorsement or an organization's Endorsement is not met by its peers`,
    );
  }
}

async function inSimulation<T>(
  channel: Channel,
  mspId: string,
  work: (simulator: ReturnType<Channel['ledger']['simulate']>) => Promise<T>,
): Promise<T> {
  const simulator = channel.ledger.simulate({
    transactionId: '',
    mspId,
    creatorMspId: mspId,
    collections: channel.chaincodes,
  });
  try {
    return await work(simulator);
  } finally {
    await simulator.release();
  }
}
