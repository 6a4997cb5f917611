import { ORGANIZATION_KINDS, POLICY_PACKS, ROLES } from '@vitaledger/domain';
import * as v from 'valibot';

/** RFC 1035 labels, at least two of them: certificates and TLS host names are made of it. */
const DNS_NAME = /^(?=.{1,200}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;
const SHORT_NAME = /^[a-z][a-z0-9-]{0,31}$/;
/** Fabric's channel names (common/configtx/validator.go): lower case, at most 249 characters. */
const CHANNEL_NAME = /^[a-z][a-z0-9.-]{0,248}$/;
/** Fabric's chaincode names and versions (core/chaincode/lifecycle/scc.go). */
const CHAINCODE_NAME = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const CHAINCODE_VERSION = /^[A-Za-z0-9_.+-]+$/;
/** An MSP id appears in `_implicit_org_<MSP>` and in policies. */
const MSP_ID = /^[A-Za-z][A-Za-z0-9.-]{0,63}$/;
const JURISDICTION = /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/;

const text = (pattern: RegExp, expected: string) => v.pipe(v.string(), v.regex(pattern, expected));
const whole = (from: number, to: number) =>
  v.pipe(
    v.number(),
    v.integer('must be a whole number'),
    v.minValue(from, `must be at least ${from}`),
    v.maxValue(to, `must be at most ${to}`),
  );

const shortName = text(
  SHORT_NAME,
  'must be lower-case letters, digits and dashes, at most 32, a letter first',
);
const domain = text(
  DNS_NAME,
  'must be a DNS name in lower case with at least one dot, such as hospital.example',
);
const mspId = text(MSP_ID, 'must be an MSP id: letters, digits, dots and dashes, a letter first');
const filePath = v.pipe(v.string(), v.minLength(1, 'must not be empty'));
const ports = v.array(whole(1, 65535));

const identity = v.strictObject({
  name: text(/^[A-Za-z][A-Za-z0-9-]{0,31}$/, 'must be letters, digits and dashes, a letter first'),
  role: v.picklist(ROLES, `must be one of ${ROLES.join(', ')}`),
});

const organization = v.strictObject({
  name: shortName,
  mspId,
  displayName: v.optional(text(/^\S(?:.{0,198}\S)?$/u, 'must be 1 to 200 characters without outer spaces')),
  domain,
  // Somebody else's network has no medical kinds; where a consortium is founded, they are asked for.
  kinds: v.optional(
    v.array(v.picklist(ORGANIZATION_KINDS, `must be one of ${ORGANIZATION_KINDS.join(', ')}`)),
    [],
  ),
  jurisdiction: text(JURISDICTION, 'must be an ISO 3166 code such as DE or US-CA'),
  peers: v.optional(whole(0, 9), 1),
  ports: v.optional(ports),
  identities: v.optional(v.array(identity), []),
});

const batch = v.strictObject({
  timeoutMs: v.optional(whole(1, 600_000), 50),
  maxMessages: v.optional(whole(1, 100_000), 500),
  preferredMaxBytes: v.optional(whole(1024, 100 * 1024 * 1024), 2 * 1024 * 1024),
  absoluteMaxBytes: v.optional(whole(1024, 100 * 1024 * 1024), 50 * 1024 * 1024),
});

const channel = v.strictObject({
  name: text(CHANNEL_NAME, 'must be lower-case letters, digits, dots and dashes, a letter first'),
  members: v.pipe(
    v.array(
      v.union(
        [v.string(), v.strictObject({ organization: v.string(), peers: v.optional(v.boolean()) })],
        'must be the name of an organization, or { organization, peers }',
      ),
    ),
    v.minLength(1, 'must name at least one organization'),
  ),
  batch: v.optional(batch, {}),
  readers: v.optional(
    v.picklist(['peers-and-admins', 'members'], 'must be peers-and-admins or members'),
    'members',
  ),
});

const chaincode = v.strictObject({
  name: text(CHAINCODE_NAME, 'must be letters and digits, joined by single dashes or underscores'),
  channel: v.string(),
  version: v.optional(
    text(CHAINCODE_VERSION, 'must be letters, digits, dots, dashes, plus or underscores'),
    '1.0',
  ),
  path: v.optional(filePath),
  address: v.optional(text(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'must be host:port')),
  command: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1, 'must name a program')),
  ),
  tls: v.optional(v.boolean()),
  consortium: v.optional(v.boolean(), false),
  policy: v.optional(v.pipe(v.string(), v.minLength(1, 'must not be empty')), 'majority'),
  collections: v.optional(filePath),
});

const orderers = v.strictObject({
  mspId: v.optional(mspId, 'OrdererMSP'),
  domain: v.optional(domain, 'orderer.example'),
  count: v.optional(whole(1, 9), 1),
  ports: v.optional(ports),
});

const clock = v.strictObject({
  intervalSeconds: v.optional(whole(1, 3_600), 60),
  skewSeconds: v.optional(whole(1, 300), 30),
});

const pack = v.strictObject({
  id: v.picklist(
    POLICY_PACKS.map(({ id }) => id),
    `must be one of ${POLICY_PACKS.map(({ id }) => id).join(', ')}`,
  ),
  consentFirst: v.optional(v.boolean(), false),
});

/** The file as its authors write it: what may be left out is filled in. */
export const topologyFile = v.strictObject({
  name: shortName,
  organizations: v.pipe(v.array(organization), v.minLength(1, 'must describe at least one organization')),
  orderers: v.optional(orderers, {}),
  channels: v.pipe(v.array(channel), v.minLength(1, 'must describe at least one channel')),
  chaincodes: v.optional(v.array(chaincode), []),
  basePort: v.optional(whole(0, 65_000), 0),
  clock: v.optional(clock, {}),
  packs: v.optional(v.array(pack), []),
});

export type TopologyFile = v.InferOutput<typeof topologyFile>;

/** `organizations[2].mspId: must be …` */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  let path = '';
  for (const item of issue.path ?? []) {
    const key = item.key as string | number;
    path += typeof key === 'number' ? `[${key}]` : path === '' ? key : `.${key}`;
  }
  const where = path === '' ? 'topology' : path;
  return `${where}: ${explain(issue)}`;
}

function explain(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object') {
    if (issue.expected === 'never') return 'is not a field of a topology; see docs/topology.md';
    if (issue.received === 'undefined') return 'is missing';
  }
  if (issue.kind === 'schema' && issue.received === 'undefined') return 'is missing';
  if (issue.message.startsWith('Invalid ')) {
    return `must be ${issue.expected ?? 'something else'}, not ${issue.received}`;
  }
  return `${issue.message}, not ${issue.received}`;
}
