import type { SignedData } from '../identity/membership.js';
import { refusalOf } from '../policy/policy.js';
import type { ChannelConfiguration } from './channel-configuration.js';

const readers = '/Channel/Application/Readers';
const writers = '/Channel/Application/Writers';

/** What a channel does not say otherwise (core/aclmgmt/defaultaclprovider.go). */
const defaultPolicies: ReadonlyMap<string, string> = new Map([
  ['peer/Propose', writers],
  ['peer/ChaincodeToChaincode', writers],
  ['event/Block', readers],
  ['event/FilteredBlock', readers],
  ['gateway/CommitStatus', readers],
  ['gateway/ChaincodeEvents', readers],
  ['qscc/GetChainInfo', readers],
  ['qscc/GetBlockByNumber', readers],
  ['qscc/GetBlockByHash', readers],
  ['qscc/GetTransactionByID', readers],
  ['qscc/GetBlockByTxID', readers],
  ['cscc/GetConfigBlock', readers],
  ['cscc/GetChannelConfig', readers],
  ['_lifecycle/CommitChaincodeDefinition', writers],
  ['_lifecycle/QueryChaincodeDefinition', writers],
  ['_lifecycle/QueryChaincodeDefinitions', writers],
  ['_lifecycle/CheckCommitReadiness', writers],
]);

/** The same for a proposal, which may have no channel. */
export function proposalAccessRefusal(
  configuration: ChannelConfiguration | undefined,
  channel: string,
  resource: string,
  signed: SignedData,
): string | undefined {
  const path = defaultPolicies.get(resource);
  return channel === '' && path !== undefined
    ? `Failed getting local MSP principal during channelless check policy with policy [${path}]: [MSP Principal role [${path}] not recognized]`
    : accessRefusal(configuration, channel, resource, signed);
}

/**
 * Why the signer may not use a resource on a channel, in Fabric's words, or undefined. `configuration` is undefined for
 * a channel that does not exist.
 */
export function accessRefusal(
  configuration: ChannelConfiguration | undefined,
  channel: string,
  resource: string,
  signed: SignedData,
): string | undefined {
  const configured = configuration?.aclPolicy(resource);
  const path = configured ?? defaultPolicies.get(resource);
  if (path === undefined) {
    return `Unmapped policy for ${resource}`;
  }
  if (channel === '') {
    return 'Invalid channel ID name during check policy on signed data. Name must be different from nil.';
  }
  if (configuration === undefined) {
    return `Failed to get policy manager for channel [${channel}]`;
  }
  const policy = configuration.policy(path);
  if (policy === undefined) {
    return `policy ${path} not found`;
  }
  const refusal = refusalOf(policy, configuration.membership, [signed]);
  if (refusal === undefined) {
    return undefined;
  }
  return configured === undefined
    ? `Failed evaluating policy on signed data during check policy on channel [${channel}] with policy [${path}]: [${refusal}]`
    : `failed evaluating policy on signed data during check policy [${path}]: [${refusal}]`;
}
