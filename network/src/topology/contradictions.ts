import type { ChaincodeSpec, ChannelSpec, Topology } from './topology.js';

/** What a schema cannot see: names that refer to nothing, things named twice. Each finding begins with its path. */
export function findContradictions(topology: Topology): readonly string[] {
  return [
    ...duplicateOrganizations(topology),
    ...identityNames(topology),
    ...missingKinds(topology),
    ...portProblems(topology),
    ...duplicates(
      (topology.packs ?? []).map(({ id }) => id),
      (index) => `packs[${index}].id`,
    ),
    ...topology.channels.flatMap((channel, index) => channelProblems(topology, channel, index)),
    ...duplicates(
      topology.channels.map((channel) => channel.name),
      (index) => `channels[${index}].name`,
    ),
    ...topology.chaincodes.flatMap((chaincode, index) => chaincodeProblems(topology, chaincode, index)),
    ...duplicates(
      topology.chaincodes.map(({ name }) => name),
      (index) => `chaincodes[${index}].name`,
    ),
  ];
}

function duplicates(values: readonly string[], path: (index: number) => string): string[] {
  return values.flatMap((value, index) => {
    const first = values.indexOf(value);
    return first < index ? [`${path(index)}: ${value} is already used by ${path(first)}`] : [];
  });
}

function duplicateOrganizations(topology: Topology): string[] {
  const path = (field: string) => (index: number) =>
    index < topology.organizations.length ? `organizations[${index}].${field}` : `orderers.${field}`;
  return [
    ...duplicates(
      topology.organizations.map(({ name }) => name),
      path('name'),
    ),
    ...duplicates(
      [...topology.organizations.map(({ mspId }) => mspId), topology.orderers.mspId],
      path('mspId'),
    ),
    ...duplicates(
      [...topology.organizations.map(({ domain }) => domain), topology.orderers.domain],
      path('domain'),
    ),
  ];
}

function identityNames(topology: Topology): string[] {
  return topology.organizations.flatMap((organization, index) => {
    const names = ['Admin', 'User1', ...organization.identities.map(({ name }) => name)];
    return names.flatMap((name, at) => {
      const first = names.findIndex((other) => other.toLowerCase() === name.toLowerCase());
      return first < at
        ? [`organizations[${index}].identities[${at - 2}].name: ${name} is already an identity there`]
        : [];
    });
  });
}

/** A consortium's contracts decide by what its members are. */
function missingKinds({ organizations, channels, chaincodes }: Topology): string[] {
  const governed = new Set(chaincodes.filter(({ consortium }) => consortium).map(({ channel }) => channel));
  const members = new Set(
    channels
      .filter(({ name }) => governed.has(name))
      .flatMap((channel) => channel.members.map(({ organization }) => organization)),
  );
  return organizations.flatMap(({ name, kinds }, index) =>
    members.has(name) && kinds.length === 0
      ? [`organizations[${index}].kinds: must name at least one kind, as a member of a consortium`]
      : [],
  );
}

function portProblems(topology: Topology): string[] {
  const claims: { port: number; path: string }[] = [];
  const problems: string[] = [];
  const claim = (ports: readonly number[] | undefined, count: number, path: string) => {
    if (ports === undefined) return;
    if (ports.length !== count)
      problems.push(`${path}: needs ${count} ports, one each, and has ${ports.length}`);
    ports.forEach((port, index) => claims.push({ port, path: `${path}[${index}]` }));
  };
  topology.organizations.forEach(({ ports, peers }, index) => {
    claim(ports, peers, `organizations[${index}].ports`);
  });
  claim(topology.orderers.ports, topology.orderers.count, 'orderers.ports');
  return [
    ...problems,
    ...duplicates(
      claims.map(({ port }) => `port ${port}`),
      (index) => claims[index]?.path ?? 'ports',
    ),
  ];
}

function channelProblems(topology: Topology, channel: ChannelSpec, index: number): string[] {
  const at = `channels[${index}]`;
  const problems = channel.members.flatMap((member, position) => {
    const path = `${at}.members[${position}]`;
    const organization = topology.organizations.find(({ name }) => name === member.organization);
    if (!organization) return [`${path}: there is no organization ${member.organization}`];
    return member.peers && organization.peers === 0
      ? [`${path}.peers: ${member.organization} has no peers (organizations[…].peers is 0)`]
      : [];
  });
  problems.push(
    ...duplicates(
      channel.members.map(({ organization }) => organization),
      (position) => `${at}.members[${position}]`,
    ),
  );
  if (!channel.members.some(({ peers }) => peers)) {
    problems.push(`${at}.members: no member has peers on ${channel.name}, so nobody could hold its ledger`);
  }
  if (channel.batch.preferredMaxBytes > channel.batch.absoluteMaxBytes) {
    problems.push(`${at}.batch.preferredMaxBytes: is more than absoluteMaxBytes`);
  }
  return problems;
}

function chaincodeProblems(topology: Topology, chaincode: ChaincodeSpec, index: number): string[] {
  const at = `chaincodes[${index}]`;
  const problems: string[] = [];
  if (!topology.channels.some(({ name }) => name === chaincode.channel)) {
    problems.push(`${at}.channel: there is no channel ${chaincode.channel}`);
  }
  if ((chaincode.path === undefined) === (chaincode.address === undefined)) {
    problems.push(`${at}: needs either path (we start it) or address (somebody else does)`);
  }
  if (chaincode.command !== undefined && chaincode.path === undefined) {
    problems.push(`${at}.command: needs a path to run it in`);
  }
  if (chaincode.tls && chaincode.address !== undefined) {
    problems.push(
      `${at}.tls: a chaincode that somebody else runs has no certificates of ours; set it to false`,
    );
  }
  return [...problems, ...policyProblems(topology, chaincode, `${at}.policy`)];
}

function policyProblems(topology: Topology, { policy }: ChaincodeSpec, path: string): string[] {
  if (policy === 'majority') return [];
  const principals = [...policy.matchAll(/'([^'.]+(?:\.[^'.]+)*)\.(\w+)'/g)];
  if (principals.length === 0) {
    return [`${path}: must be majority or a Fabric policy such as OR('HospitalMSP.peer','ClinicMSP.peer')`];
  }
  const known = new Set(topology.organizations.map(({ mspId }) => mspId));
  const roles = new Set(['member', 'admin', 'client', 'peer', 'orderer']);
  return principals.flatMap(([principal, mspId = '', role = '']) => {
    if (!known.has(mspId)) return [`${path}: ${principal} names no organization of this network`];
    return roles.has(role) ? [] : [`${path}: ${principal} names no role of Fabric's`];
  });
}
