import {
  digestOf,
  FIRST_SENSITIVITY_MAP,
  validateDocument,
  type ConsortiumDocument,
} from '@vitaledger/domain';
import type { ChannelSpec, Topology } from '../topology/topology.js';

/** The first consortium document of a channel: its members, as the topology describes them, and the first sensitivity map. */
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
    packs: [],
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
