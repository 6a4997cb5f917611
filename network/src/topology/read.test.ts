import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { NetworkError } from '../errors/network-error.js';
import { parseTopology, readTopology } from './read.js';
import { topologies } from './topologies.js';
import type { ChaincodeSpec } from './topology.js';

const hospital = {
  name: 'hospital',
  mspId: 'HospitalMSP',
  domain: 'hospital.example',
  kinds: ['hospital'],
  jurisdiction: 'US-CA',
};
const clinic = {
  ...hospital,
  name: 'clinic',
  mspId: 'ClinicMSP',
  domain: 'clinic.example',
  kinds: ['clinic'],
};
const valid = {
  name: 'test',
  organizations: [hospital, clinic],
  channels: [{ name: 'care', members: ['hospital', 'clinic'] }],
};

function problemsOf(topology: unknown): readonly string[] {
  try {
    parseTopology(typeof topology === 'string' ? topology : stringify(topology), '/folder');
  } catch (error) {
    assert(error instanceof NetworkError);
    assert.equal(error.code, 'TOPOLOGY_INVALID');
    for (const problem of error.problems) assert(error.message.includes(problem));
    return error.problems;
  }
  return [];
}

describe('topology', () => {
  it('fills in what the file leaves out', () => {
    const topology = parseTopology(stringify(valid), '/folder');
    assert.deepEqual(topology.organizations[0], {
      ...hospital,
      displayName: 'hospital',
      peers: 1,
      identities: [],
    });
    assert.deepEqual(topology.orderers, { mspId: 'OrdererMSP', domain: 'orderer.example', count: 1 });
    assert.deepEqual(topology.channels[0]?.members, [
      { organization: 'hospital', peers: true },
      { organization: 'clinic', peers: true },
    ]);
    assert.equal(topology.channels[0].readers, 'members');
    assert.equal(topology.basePort, 0);
  });

  it('resolves paths against the folder of the file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'topology-'));
    try {
      const file = join(folder, 'network.yaml');
      const chaincodes = [
        { name: 'ours', channel: 'care', path: '../ours' },
        { name: 'theirs', channel: 'care', path: 'theirs', command: ['./run'] },
        { name: 'remote', channel: 'care', address: 'localhost:9999' },
      ];
      writeFileSync(file, stringify({ ...valid, chaincodes }));
      const [ours, theirs, remote] = readTopology(file).chaincodes as [
        ChaincodeSpec,
        ChaincodeSpec,
        ChaincodeSpec,
      ];
      assert.equal(ours.path, join(folder, '..', 'ours'));
      assert.deepEqual([ours.tls, theirs.tls, remote.tls], [true, false, false]);
      assert.deepEqual([ours.version, ours.policy, ours.consortium], ['1.0', 'majority', false]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('reads its own files, and what it writes of them', () => {
    for (const file of Object.values(topologies)) {
      const topology = readTopology(file);
      assert.deepEqual(parseTopology(stringify(topology, { aliasDuplicateObjects: false }), '/'), topology);
    }
  });

  it('describes in the default file who holds which ledger', () => {
    const { organizations, channels, chaincodes } = readTopology(topologies.default);
    const peersOn = (name: string) =>
      channels
        .find((channel) => channel.name === name)
        ?.members.filter(({ peers }) => peers)
        .map(({ organization }) => organization);
    assert.deepEqual(peersOn('care'), ['hospital', 'clinic', 'pharmacy']);
    assert.deepEqual(peersOn('registry'), ['hospital', 'research', 'ethics']);
    assert.equal(channels[0]?.members.length, organizations.length);
    assert.deepEqual(
      channels.map(({ readers }) => readers),
      ['peers-and-admins', 'members'],
    );
    assert(chaincodes.every(({ consortium, tls }) => consortium && tls));
  });

  it('names the path of every finding, all at once', () => {
    const problems = problemsOf({
      ...valid,
      organizations: [
        hospital,
        { ...clinic, mspId: 7, domain: 'nodot', kinds: ['clinik'], jurisdiction: undefined },
      ],
      foo: 1,
    });
    assert.deepEqual(
      problems.map((problem) => problem.split(':')[0]),
      [
        'organizations[1].mspId',
        'organizations[1].domain',
        'organizations[1].kinds[0]',
        'organizations[1].jurisdiction',
        'foo',
      ],
    );
    assert.match(problems[0] ?? '', /must be string, not 7/);
    assert.match(problems[1] ?? '', /DNS name/);
    assert.match(problems[3] ?? '', /is missing/);
    assert.match(problems[4] ?? '', /not a field of a topology/);
  });

  it('asks for kinds of organizations where a consortium is founded, and nowhere else', () => {
    const strangers = [hospital, clinic].map((organization) => ({ ...organization, kinds: undefined }));
    const network = (consortium: boolean) => ({
      ...valid,
      organizations: strangers,
      chaincodes: [{ name: 'one', channel: 'care', version: '1', path: '.', consortium }],
    });
    assert.deepEqual(problemsOf(network(false)), []);
    assert.deepEqual(
      problemsOf(network(true)).map((problem) => problem.split(':')[0]),
      ['organizations[0].kinds', 'organizations[1].kinds'],
    );
  });

  it('says where YAML itself is broken', () => {
    assert.match(problemsOf('name: [')[0] ?? '', /line 1, column/);
    assert.deepEqual(problemsOf(''), ['topology: must be Object, not null']);
  });

  const contradictions: readonly [string, object, RegExp][] = [
    [
      'an organization twice',
      { organizations: [hospital, { ...hospital, mspId: 'OtherMSP', domain: 'other.example' }] },
      /^organizations\[1\]\.name: hospital is already used by organizations\[0\]\.name$/,
    ],
    [
      'an MSP id twice, the orderers included',
      { orderers: { mspId: 'ClinicMSP' } },
      /^orderers\.mspId: ClinicMSP is already used by organizations\[1\]\.mspId$/,
    ],
    [
      'a domain twice',
      { organizations: [hospital, { ...clinic, domain: 'hospital.example' }] },
      /^organizations\[1\]\.domain: hospital\.example is already used/,
    ],
    [
      'a port twice',
      {
        organizations: [
          { ...hospital, ports: [7051] },
          { ...clinic, ports: [7051] },
        ],
      },
      /^organizations\[1\]\.ports\[0\]: port 7051 is already used by organizations\[0\]\.ports\[0\]$/,
    ],
    [
      'too few ports',
      { organizations: [{ ...hospital, peers: 2, ports: [7051] }, clinic] },
      /^organizations\[0\]\.ports: needs 2 ports/,
    ],
    [
      'an identity that is there anyway',
      { organizations: [{ ...hospital, identities: [{ name: 'admin', role: 'admin' }] }, clinic] },
      /^organizations\[0\]\.identities\[0\]\.name: admin is already an identity there$/,
    ],
    [
      'an unknown member',
      { channels: [{ name: 'care', members: ['hospital', 'pharmacy'] }] },
      /^channels\[0\]\.members\[1\]: there is no organization pharmacy$/,
    ],
    [
      'a channel that nobody holds',
      { channels: [{ name: 'care', members: [{ organization: 'hospital', peers: false }] }] },
      /^channels\[0\]\.members: no member has peers/,
    ],
    [
      'peers that do not exist',
      {
        organizations: [hospital, { ...clinic, peers: 0 }],
        channels: [{ name: 'care', members: ['hospital', { organization: 'clinic', peers: true }] }],
      },
      /^channels\[0\]\.members\[1\]\.peers: clinic has no peers/,
    ],
    [
      'a chaincode on no channel',
      { chaincodes: [{ name: 'a', channel: 'nowhere', path: '.' }] },
      /^chaincodes\[0\]\.channel: there is no channel nowhere$/,
    ],
    [
      'a chaincode with path and address',
      { chaincodes: [{ name: 'a', channel: 'care', path: '.', address: 'localhost:1' }] },
      /^chaincodes\[0\]: needs either path/,
    ],
    [
      'a policy with a stranger',
      { chaincodes: [{ name: 'a', channel: 'care', path: '.', policy: "OR('StrangerMSP.peer')" }] },
      /^chaincodes\[0\]\.policy: 'StrangerMSP\.peer' names no organization/,
    ],
    [
      'a policy that is none',
      { chaincodes: [{ name: 'a', channel: 'care', path: '.', policy: 'most' }] },
      /^chaincodes\[0\]\.policy: must be majority or a Fabric policy/,
    ],
  ];
  for (const [what, change, expected] of contradictions) {
    it(`refuses ${what}`, () => {
      const problems = problemsOf({ ...valid, ...change });
      assert(
        problems.some((problem) => expected.test(problem)),
        problems.join('\n'),
      );
    });
  }

  it('accepts policies of the members', () => {
    const policy = "OutOf(1, 'HospitalMSP.peer', 'ClinicMSP.admin')";
    assert.deepEqual(
      problemsOf({ ...valid, chaincodes: [{ name: 'a', channel: 'care', path: '.', policy }] }),
      [],
    );
  });

  it('says which file is missing', () => {
    assert.throws(() => readTopology('/nowhere/network.yaml'), {
      code: 'FILE_MISSING',
      message: /\/nowhere\/network\.yaml.*--topology/,
    });
  });
});
