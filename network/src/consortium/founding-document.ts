import {
  digestOf,
  FIRST_SENSITIVITY_MAP,
  POLICY_PACKS,
  validateDocument,
  type ConsortiumDocument,
  type PolicyPack,
} from '@vitaledger/domain';
import type { ChannelSpec, Topology } from '../topology/topology.js';

/** The policy packs that a topology names. */
export function foundingPacks(
  topology: Topology,
): readonly { readonly pack: PolicyPack; readonly consentFirst: boolean }[] {
  return (topology.packs ?? []).flatMap(({ id, consentFirst }) =>
    POLICY_PACKS.filter((pack) => pack.id === id).map((pack) => ({ pack, consentFirst })),
  );
}

/** The first consortium document of a channel: its members and policy packs, as the topology describes them, and the first sensitivity map. */
export function foundingDocument(topology: Topology, channel: ChannelSpec): ConsortiumDocument {
  const members = channel.members.flatMap((member) =>
    topology.organizations.filter(({ name }) => name === member.organization),
  );
  return validateDocument({
    version: 1,
    organizations: Object.fromEntries(
      members.map(({ mspId, displayName, kinds, jurisdiction }) => [
        mspId,
        { name: displayName, kinds: [...kinds], jurisdiction, status: 'active' },
      ]),
    ),
    packs: foundingPacks(topology).map(({ pack, consentFirst }) => ({
      id: pack.id,
      version: pack.version,
      digest: digestOf(pack),
      ...(consentFirst ? { consentFirst: true } : {}),
    })),
    maps: [
      {
        id: FIRST_SENSITIVITY_MAP.id,
        version: FIRST_SENSITIVITY_MAP.version,
        digest: digestOf(FIRST_SENSITIVITY_MAP),
      },
    ],
    clock: { ...topology.clock },
  });
}
