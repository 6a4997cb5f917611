import { peer } from '@hyperledger/fabric-protos';
import type { CollectionDefinition } from '../chaincode/collection.js';
import type { ChaincodeDefinition } from '../chaincode/definition.js';
import { parsePolicyExpression } from '../policy/expression.js';
import { majorityOf } from '../policy/policy-builder.js';

/** What `_lifecycle` is asked to commit for a definition, beside its name. Throws PolicyExpressionError. */
export function requestedDefinition(
  { sequence, version, policy, initRequired = false, collections = [] }: ChaincodeDefinition,
  organizationsWithPeers: readonly string[],
): peer.lifecycle.CommitChaincodeDefinitionArgs {
  const applicationPolicyOf = (text: string) => applicationPolicy(text, organizationsWithPeers);
  const args = new peer.lifecycle.CommitChaincodeDefinitionArgs();
  args.setSequence(sequence);
  args.setVersion(version);
  args.setEndorsementPlugin('escc');
  args.setValidationPlugin('vscc');
  args.setValidationParameter(applicationPolicyOf(policy).serializeBinary());
  args.setInitRequired(initRequired);
  const configs = new peer.CollectionConfigPackage();
  configs.setConfigList(collections.map((collection) => collectionConfig(collection, applicationPolicyOf)));
  args.setCollections(configs);
  return args;
}

/** An expression, the path of a channel policy, or `majority` of the organizations with peers. */
function applicationPolicy(text: string, organizationsWithPeers: readonly string[]): peer.ApplicationPolicy {
  const policy = new peer.ApplicationPolicy();
  if (text.startsWith('/')) {
    policy.setChannelConfigPolicyReference(text);
  } else {
    policy.setSignaturePolicy(
      text === 'majority' ? majorityOf(organizationsWithPeers) : parsePolicyExpression(text),
    );
  }
  return policy;
}

function collectionConfig(
  definition: CollectionDefinition,
  applicationPolicyOf: (text: string) => peer.ApplicationPolicy,
): peer.CollectionConfig {
  const members = new peer.CollectionPolicyConfig();
  members.setSignaturePolicy(parsePolicyExpression(definition.policy));
  const collection = new peer.StaticCollectionConfig();
  collection.setName(definition.name);
  collection.setMemberOrgsPolicy(members);
  collection.setRequiredPeerCount(definition.requiredPeerCount ?? 0);
  collection.setMaximumPeerCount(definition.maxPeerCount ?? definition.requiredPeerCount ?? 0);
  collection.setBlockToLive(definition.blockToLive ?? 0);
  collection.setMemberOnlyRead(definition.memberOnlyRead ?? false);
  collection.setMemberOnlyWrite(definition.memberOnlyWrite ?? false);
  const { signaturePolicy, channelConfigPolicy } = definition.endorsementPolicy ?? {};
  const endorsement = signaturePolicy ?? channelConfigPolicy;
  if (endorsement !== undefined) {
    collection.setEndorsementPolicy(applicationPolicyOf(endorsement));
  }
  const config = new peer.CollectionConfig();
  config.setStaticCollectionConfig(collection);
  return config;
}
