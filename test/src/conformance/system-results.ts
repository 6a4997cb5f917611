import { common, peer } from '@hyperledger/fabric-protos';
import { compact, hex, readable, type Json, type JsonObject } from './read-write-sets.js';

const { lifecycle } = peer;

/** What a call answered, for a transcript. */
export function resultOf(name: string, bytes: Uint8Array): Json {
  return results[name]?.(bytes) ?? readable(bytes);
}

const results: Readonly<Record<string, (bytes: Uint8Array) => Json>> = {
  InstallChaincode: (bytes) => lifecycle.InstallChaincodeResult.deserializeBinary(bytes).toObject(),
  QueryInstalledChaincode: (bytes) => {
    const result = lifecycle.QueryInstalledChaincodeResult.deserializeBinary(bytes);
    return {
      label: result.getLabel(),
      packageId: result.getPackageId(),
      uses: result.getReferencesMap().getLength(),
    };
  },
  GetInstalledChaincodePackage: (bytes) =>
    `${String(lifecycle.GetInstalledChaincodePackageResult.deserializeBinary(bytes).getChaincodeInstallPackage_asU8().length)} bytes`,
  CheckCommitReadiness: (bytes) => {
    const result = lifecycle.CheckCommitReadinessResult.deserializeBinary(bytes);
    const mismatches: Record<string, Json> = {};
    result.getMismatchesMap().forEach((list, mspId) => {
      mismatches[mspId] = list.getItemsList();
    });
    return { approvals: flags(result.getApprovalsMap()), mismatches: sorted(mismatches) };
  },
  QueryApprovedChaincodeDefinition: (bytes) => {
    const result = lifecycle.QueryApprovedChaincodeDefinitionResult.deserializeBinary(bytes);
    const source = result.getSource();
    return {
      ...definitionText(result),
      source:
        source?.getLocalPackage()?.getPackageId() ??
        (source?.hasUnavailable() === true ? 'unavailable' : 'none'),
    };
  },
  QueryChaincodeDefinition: (bytes) => {
    const result = lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(bytes);
    return { ...definitionText(result), approvals: flags(result.getApprovalsMap()) };
  },
  GetChannels: (bytes) =>
    peer.ChannelQueryResponse.deserializeBinary(bytes)
      .getChannelsList()
      .map((channel) => channel.getChannelId())
      .sort(),
  GetConfigBlock: (bytes) => {
    const block = common.Block.deserializeBinary(bytes);
    const payload = common.Payload.deserializeBinary(
      common.Envelope.deserializeBinary(block.getData()!.getDataList_asU8()[0]!).getPayload_asU8(),
    );
    const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
    return { number: block.getHeader()!.getNumber(), config: groupText(config?.getChannelGroup()) };
  },
  GetChannelConfig: (bytes) => groupText(common.Config.deserializeBinary(bytes).getChannelGroup()),
};

function flags(map: { forEach(callback: (value: boolean, key: string) => void): void }): JsonObject {
  const entries: Record<string, boolean> = {};
  map.forEach((value, key) => {
    entries[key] = value;
  });
  return sorted(entries);
}

const sorted = (entries: Readonly<Record<string, Json>>): JsonObject =>
  Object.fromEntries(Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)));

function definitionText(
  result:
    peer.lifecycle.QueryChaincodeDefinitionResult | peer.lifecycle.QueryApprovedChaincodeDefinitionResult,
): JsonObject {
  return compact({
    sequence: result.getSequence(),
    version: result.getVersion(),
    endorsementPlugin: result.getEndorsementPlugin(),
    validationPlugin: result.getValidationPlugin(),
    policy: hex(result.getValidationParameter_asU8()),
    init: result.getInitRequired() || undefined,
    collections: hex(result.getCollections()?.serializeBinary() ?? new Uint8Array()),
  });
}

/** What a configuration group is made of; contents differ with keys and addresses. */
function groupText(group: common.ConfigGroup | undefined): Json {
  if (group === undefined) return 'none';
  const groups: Record<string, Json> = {};
  group.getGroupsMap().forEach((inner: common.ConfigGroup, name: string) => {
    groups[name] = groupText(inner);
  });
  const keys = (map: { forEach(callback: (value: unknown, key: string) => void): void }) => {
    const names: string[] = [];
    map.forEach((_, name) => names.push(name));
    return names.sort();
  };
  return compact({
    values: keys(group.getValuesMap()),
    policies: keys(group.getPoliciesMap()),
    modPolicy: group.getModPolicy(),
    groups: sorted(groups),
  });
}
