import assert from 'node:assert/strict';
import type { ChannelSpec, OrganizationSpec } from '../topology/topology.js';
import { channelCapability, channelConfiguration } from './channel-configuration.js';
import { withoutNodes } from './client-only-msp.js';
import { ordererConfiguration } from './orderer-configuration.js';
import { peerConfiguration, type PeerSettings } from './peer-configuration.js';

/** The value at a path of keys, for reading generated configuration. */
function at(data: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], data);
}

const V3 = { major: 3, minor: 1, patch: 5 };
const V2 = { major: 2, minor: 5, patch: 16 };

const peer: PeerSettings = {
  name: 'peer0.hospital.example',
  network: 'test',
  mspId: 'HospitalMSP',
  peers: 1,
  bootstrap: [],
  ports: { listen: 7051, chaincode: 7052, operations: 9443 },
  identity: '/identity',
  data: '/data',
  batchTimeoutMs: 250,
  builder: '/builder',
  version: V3,
};

describe('The configuration of a peer', () => {
  it('holds the settings that were measured to matter', () => {
    const core = peerConfiguration(peer);
    const expected = {
      'peer.gossip.reconnectInterval': '1s',
      'peer.gossip.pvtData.pullRetryThreshold': '2s',
      'peer.gossip.pvtData.skipPullingInvalidTransactionsDuringCommit': true,
      'ledger.pvtdataStore.purgedKeyAuditLogging': false,
      'ledger.pvtdataStore.purgeInterval': 10,
      'chaincode.keepalive': 0,
      'vm.endpoint': '',
      'peer.tls.enabled': true,
      'peer.gateway.enabled': true,
    };
    for (const [path, value] of Object.entries(expected)) {
      assert.equal(at(core, path), value, path);
    }
  });

  it('keeps uncommitted private data for five minutes of blocks', () => {
    const path = 'peer.gossip.pvtData.transientstoreMaxBlockRetention';
    for (const [batchTimeoutMs, blocks] of [
      [2000, 1000],
      [250, 1200],
      [50, 6000],
      [1, 20_000],
    ] as const) {
      assert.equal(at(peerConfiguration({ ...peer, batchTimeoutMs }), path), blocks);
    }
  });

  it('listens on the loopback only', () => {
    const core = peerConfiguration(peer);
    for (const path of ['peer.listenAddress', 'peer.chaincodeListenAddress', 'operations.listenAddress']) {
      assert.match(String(at(core, path)), /^127\.0\.0\.1:/);
    }
  });

  it('bootstraps from the other peers of its organization, and from itself when there are none', () => {
    const others = ['127.0.0.1:8051', '127.0.0.1:9051'];
    assert.deepEqual(at(peerConfiguration({ ...peer, bootstrap: others }), 'peer.gossip.bootstrap'), others);
    assert.deepEqual(at(peerConfiguration(peer), 'peer.gossip.bootstrap'), ['127.0.0.1:7051']);
  });

  for (const [peers, policy] of [
    [1, { requiredPeerCount: 0, maxPeerCount: 0 }],
    [2, { requiredPeerCount: 0, maxPeerCount: 1 }],
    [3, { requiredPeerCount: 1, maxPeerCount: 2 }],
  ] as const) {
    it(`spreads the private data of an organization with ${peers} peers as far as one of them may be down`, () => {
      const path = 'peer.gossip.pvtData.implicitCollectionDisseminationPolicy';
      assert.deepEqual(at(peerConfiguration({ ...peer, peers }), path), policy);
    });
  }

  it('has the time window filter where Fabric knows it', () => {
    const filters = (version: PeerSettings['version']) =>
      JSON.stringify(at(peerConfiguration({ ...peer, version }), 'peer.handlers.authFilters'));
    assert.match(filters(V3), /TimeWindowCheck/);
    assert.doesNotMatch(filters(V2), /TimeWindowCheck/);
  });
});

describe('The configuration of an orderer', () => {
  it('lets only holders of a certificate of its organization administer it', () => {
    const orderer = ordererConfiguration({
      mspId: 'OrdererMSP',
      ports: { listen: 7050, admin: 7053, operations: 9440 },
      identity: '/identity',
      data: '/data',
    });
    assert.equal(at(orderer, 'Admin.TLS.ClientAuthRequired'), true);
    assert.deepEqual(at(orderer, 'Admin.TLS.ClientRootCAs'), ['/identity/tls/ca.crt']);
    assert.equal(at(orderer, 'Admin.ListenAddress'), '127.0.0.1:7053');
    assert.equal(at(orderer, 'General.ListenAddress'), '127.0.0.1');
  });
});

function organization(name: string): OrganizationSpec {
  return {
    name,
    mspId: `${name}MSP`,
    displayName: name,
    domain: `${name}.example`,
    kinds: [],
    jurisdiction: 'DE',
    peers: 1,
    identities: [],
  };
}

function generate(readers: ChannelSpec['readers'], orderers = 1): unknown {
  const channel: ChannelSpec = {
    name: 'care',
    members: [],
    batch: { timeoutMs: 250, maxMessages: 50, preferredMaxBytes: 1024, absoluteMaxBytes: 4096 },
    readers,
  };
  const document = channelConfiguration({
    channel,
    members: [
      { organization: organization('a'), peers: true },
      { organization: organization('b'), peers: true },
      { organization: organization('c'), peers: true },
      { organization: organization('d'), peers: false },
    ],
    mspFolder: ({ organization: { name } }) => `msp/${name}`,
    anchorPorts: () => [7051],
    orderers: {
      mspId: 'OrdererMSP',
      mspFolder: 'msp/orderer',
      consenters: Array.from({ length: orderers }, (_, index) => ({
        port: 7050 + index,
        tlsCertificate: `orderer${index}.crt`,
      })),
    },
    capability: 'V3_0',
  });
  return at(document, 'Profiles.Channel');
}

function policiesOf(profile: unknown, index: number): Record<string, { Type: string; Rule: string }> {
  const organizations = at(profile, 'Application.Organizations') as Record<string, unknown>[];
  return organizations[index]?.Policies as Record<string, { Type: string; Rule: string }>;
}

describe('The configuration of a channel', () => {
  it('asks a majority of the members that have peers to endorse, and not of all members', () => {
    const rule = "OutOf(2, 'aMSP.peer', 'bMSP.peer', 'cMSP.peer')";
    const policies = at(generate('peers-and-admins'), 'Application.Policies');
    assert.deepEqual(at(policies, 'Endorsement'), { Type: 'Signature', Rule: rule });
    assert.deepEqual(at(policies, 'LifecycleEndorsement'), { Type: 'Signature', Rule: rule });
  });

  it('restricts reading to peers and administrators, and opens to clients what they need', () => {
    const profile = generate('peers-and-admins');
    assert.equal(policiesOf(profile, 0).Readers?.Rule, "OR('aMSP.peer', 'aMSP.admin')");
    assert.equal(policiesOf(profile, 0).Writers?.Rule, "OR('aMSP.admin', 'aMSP.client')");
    assert.equal(policiesOf(profile, 3).Readers?.Rule, "OR('dMSP.peer')");
    assert.deepEqual(at(profile, 'Application.ACLs'), {
      'gateway/CommitStatus': '/Channel/Application/Writers',
      // The same right opens a peer's DeliverWithPrivateData.
      'event/Block': '/Channel/Application/Nobody',
      'gateway/ChaincodeEvents': '/Channel/Application/Writers',
    });
  });

  it('lets every member read where the topology says so', () => {
    const profile = generate('members');
    assert.equal(policiesOf(profile, 3).Readers?.Rule, "OR('dMSP.admin', 'dMSP.peer', 'dMSP.client')");
    assert.equal(at(profile, 'Application.ACLs'), undefined);
  });

  it('names anchor peers of the members that have peers there', () => {
    const organizations = at(generate('members'), 'Application.Organizations') as unknown[];
    assert.deepEqual(at(organizations[0], 'AnchorPeers'), [{ Host: '127.0.0.1', Port: 7051 }]);
    assert.deepEqual(at(organizations[3], 'AnchorPeers'), []);
  });

  it('takes the batch settings of the topology, and purging from Fabric 2.5', () => {
    const profile = generate('members');
    assert.equal(at(profile, 'Orderer.BatchTimeout'), '250ms');
    assert.deepEqual(at(profile, 'Orderer.BatchSize'), {
      MaxMessageCount: 50,
      AbsoluteMaxBytes: 4096,
      PreferredMaxBytes: 1024,
    });
    assert.deepEqual(at(profile, 'Application.Capabilities'), { V2_5: true });
  });

  it('pins every consenter, and gives several of them longer to elect a leader', () => {
    const profile = generate('members', 3);
    assert.equal((at(profile, 'Orderer.EtcdRaft.Consenters') as unknown[]).length, 3);
    assert.equal(at(profile, 'Orderer.EtcdRaft.Options.ElectionTick'), 20);
  });

  it('needs Fabric 3 orderers only where it is made with Fabric 3', () => {
    assert.equal(channelCapability(V3), 'V3_0');
    assert.equal(channelCapability(V2), 'V2_0');
  });
});

describe('The MSP of a member without peers on a restricted channel', () => {
  it('knows clients and administrators only', () => {
    const unit = (name: string) =>
      `  ${name}OUIdentifier:\n    Certificate: cacerts/ca.pem\n    OrganizationalUnitIdentifier: ${name.toLowerCase()}\n`;
    const all = `NodeOUs:\n  Enable: true\n${['Client', 'Peer', 'Admin', 'Orderer'].map(unit).join('')}`;
    assert.equal(withoutNodes(all), `NodeOUs:\n  Enable: true\n${['Client', 'Admin'].map(unit).join('')}`);
  });
});
