import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { parse } from 'yaml';
import { NetworkDirectory } from '../engine/network-directory.js';
import type { VitaledgerProfile } from '../engine/profile.js';
import { settlePorts } from '../ports/settle.js';
import { parseTopology } from '../topology/read.js';
import { ATTRIBUTES_OID } from './attributes.js';
import { issueIdentities } from './identities.js';
import { hasLowS } from './low-s.js';
import { writeProfiles } from './profiles.js';

const TOPOLOGY = `
name: issued
organizations:
  - { name: hospital, mspId: HospitalMSP, domain: hospital.example, kinds: [hospital], jurisdiction: US-CA, identities: [{ name: registrar, role: registrar }] }
  - { name: research, mspId: ResearchMSP, domain: research.example, kinds: [research], jurisdiction: DE, peers: 0 }
channels:
  - { name: care, members: [hospital, research] }
chaincodes:
  - { name: notes, channel: care, path: chaincode }
`;

/** What cryptogen makes for one orderer, one peer and two users, in its own folders. */
const local = (name: string, domain: string, end: string) => [
  `msp/cacerts/ca.${domain}-cert.pem`,
  'msp/config.yaml',
  'msp/keystore/priv_sk',
  `msp/signcerts/${name}-cert.pem`,
  `msp/tlscacerts/tlsca.${domain}-cert.pem`,
  'tls/ca.crt',
  `tls/${end}.crt`,
  `tls/${end}.key`,
];
const under = (folder: string, files: readonly string[]) => files.map((file) => `${folder}/${file}`);
const authority = (domain: string) => [
  `ca/ca.${domain}-cert.pem`,
  'ca/priv_sk',
  `tlsca/priv_sk`,
  `tlsca/tlsca.${domain}-cert.pem`,
  `msp/cacerts/ca.${domain}-cert.pem`,
  'msp/config.yaml',
  `msp/tlscacerts/tlsca.${domain}-cert.pem`,
];
const user = (name: string, domain: string) =>
  under(`users/${name}@${domain}`, local(`${name}@${domain}`, domain, 'client'));

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe('identities', () => {
  const topology = parseTopology(TOPOLOGY, '/');
  let directory: NetworkDirectory;
  let hospital: string;

  before(async () => {
    directory = new NetworkDirectory(mkdtempSync(join(tmpdir(), 'identities-')));
    hospital = directory.peerOrganization('hospital.example');
    await issueIdentities(topology, directory);
  });
  after(() => {
    rmSync(directory.root, { recursive: true });
  });

  it("lie where Fabric's test-network has them", () => {
    const domain = 'hospital.example';
    assert.deepEqual(
      filesBelow(hospital),
      [
        ...authority(domain),
        ...under(`peers/peer0.${domain}`, local(`peer0.${domain}`, domain, 'server')),
        ...user('Admin', domain),
        ...user('User1', domain),
        ...user('registrar', domain),
      ].sort(),
    );
    const orderers = 'orderer.example';
    assert.deepEqual(
      filesBelow(directory.ordererOrganization(orderers)),
      [
        ...authority(orderers),
        ...under(`orderers/orderer0.${orderers}`, local(`orderer0.${orderers}`, orderers, 'server')),
        ...user('Admin', orderers),
      ].sort(),
    );
  });

  it('keep private keys from everybody but their owner', () => {
    const keys = filesBelow(directory.organizations).filter((file) => /priv_sk$|\.key$/.test(file));
    assert(keys.length > 20);
    for (const key of keys) {
      const file = join(directory.organizations, key);
      assert.equal(statSync(file).mode & 0o777, 0o600, key);
      assert.equal(statSync(join(file, '..')).mode & 0o777, 0o700, key);
    }
  });

  const certificate = (...path: string[]) => new X509Certificate(readFileSync(join(hospital, ...path)));

  it('are issued by their organization, with its roles as units, and hold their own keys', () => {
    const root = certificate('ca', 'ca.hospital.example-cert.pem');
    const expected: readonly [string, string][] = [
      ['users/Admin@hospital.example', 'admin'],
      ['users/registrar@hospital.example', 'client'],
      ['peers/peer0.hospital.example', 'peer'],
    ];
    for (const [folder, unit] of expected) {
      const name = folder.split('/')[1]!;
      const issued = certificate(folder, 'msp', 'signcerts', `${name}-cert.pem`);
      assert(issued.verify(root.publicKey));
      assert(issued.checkIssued(root));
      assert.equal(issued.subject, `C=US\nST=CA\nOU=${unit}\nCN=${name}`);
      assert(
        issued.checkPrivateKey(
          createPrivateKey(readFileSync(join(hospital, folder, 'msp/keystore/priv_sk'))),
        ),
      );
      assert(hasLowS(new Uint8Array(new x509.X509Certificate(issued.toString()).signature)));
    }
  });

  it('serve TLS under their names and on the loopback', () => {
    const served = certificate('peers/peer0.hospital.example/tls/server.crt');
    for (const host of ['peer0.hospital.example', 'peer0', 'localhost']) assert(served.checkHost(host), host);
    assert(served.checkIP('127.0.0.1'));
    assert(served.verify(certificate('tlsca', 'tlsca.hospital.example-cert.pem').publicKey));
    const chaincode = directory.chaincodeTls('notes', 'peer0.hospital.example');
    assert(new X509Certificate(readFileSync(join(chaincode, 'server.crt'))).checkHost('localhost'));
  });

  function attributesOf(name: string): Record<string, string> {
    const file = join(hospital, 'users', name, 'msp', 'signcerts', `${name}-cert.pem`);
    const extension = new x509.X509Certificate(readFileSync(file, 'utf8')).getExtension(ATTRIBUTES_OID);
    assert(extension);
    const { attrs } = JSON.parse(Buffer.from(extension.value).toString()) as {
      attrs: Record<string, string>;
    };
    return attrs;
  }

  it("claim a role and a random pseudonym in Fabric CA's extension", () => {
    const roles = ['Admin', 'User1', 'registrar'].map((name) => attributesOf(`${name}@hospital.example`));
    assert.deepEqual(
      roles.map((attributes) => attributes['vitaledger.role']),
      ['admin', 'service', 'registrar'],
    );
    const subjects = roles.map((attributes) => attributes['vitaledger.subject'] ?? '');
    for (const subject of subjects) assert.match(subject, /^[0-9a-f]{32}$/);
    assert.equal(new Set(subjects).size, 3);
  });

  it('are kept, and only what is missing is issued', async () => {
    const before = filesBelow(directory.organizations).map((file) =>
      readFileSync(join(directory.organizations, file), 'utf8'),
    );
    await issueIdentities(topology, directory);
    const again = filesBelow(directory.organizations).map((file) =>
      readFileSync(join(directory.organizations, file), 'utf8'),
    );
    assert.deepEqual(again, before);

    const grown = parseTopology(
      TOPOLOGY.replace('role: registrar }', 'role: registrar }, { name: auditor, role: auditor }'),
      '/',
    );
    await issueIdentities(grown, directory);
    assert.equal(attributesOf('auditor@hospital.example')['vitaledger.role'], 'auditor');
    const root = certificate('ca', 'ca.hospital.example-cert.pem');
    const issued = certificate(
      'users/auditor@hospital.example/msp/signcerts/auditor@hospital.example-cert.pem',
    );
    assert(issued.verify(root.publicKey));
  });

  it('are whole: what an interrupted run left is removed, and a lost key is named', async () => {
    const users = join(hospital, 'users');
    mkdirSync(join(users, 'registrar@hospital.example.partial-abcd'));
    rmSync(join(users, 'registrar@hospital.example'), { recursive: true });
    await issueIdentities(topology, directory);
    assert(!readdirSync(users).some((name) => name.includes('partial')));
    assert.equal(attributesOf('registrar@hospital.example')['vitaledger.role'], 'registrar');

    const key = join(users, 'registrar@hospital.example', 'msp', 'keystore', 'priv_sk');
    const content = readFileSync(key);
    rmSync(key);
    await assert.rejects(issueIdentities(topology, directory), {
      code: 'FILE_MISSING',
      message: new RegExp(`${key}.*remove the folder`),
    });
    writeFileSync(key, content, { mode: 0o600 });
  });

  describe('profiles', () => {
    before(async () => {
      const ports = await settlePorts(topology, directory);
      writeProfiles({ topology, directory, ports, networkId: 'ab'.repeat(16) });
    });

    it("are those of Fabric's test-network, as JSON and as YAML", () => {
      const json: unknown = JSON.parse(
        readFileSync(directory.connectionProfile('hospital.example', 'hospital'), 'utf8'),
      );
      const { peers, organizations } = json as VitaledgerProfile;
      assert.deepEqual(organizations.hospital, {
        mspid: 'HospitalMSP',
        peers: ['peer0.hospital.example'],
        certificateAuthorities: ['ca.hospital.example'],
      });
      const peer = peers['peer0.hospital.example'];
      assert.match(peer?.url ?? '', /^grpcs:\/\/localhost:\d+$/);
      assert.deepEqual(peer?.grpcOptions, {
        'ssl-target-name-override': 'peer0.hospital.example',
        hostnameOverride: 'peer0.hospital.example',
      });
      assert.equal(
        peer.tlsCACerts.pem,
        readFileSync(join(hospital, 'tlsca/tlsca.hospital.example-cert.pem'), 'utf8'),
      );
      assert.deepEqual(parse(readFileSync(join(hospital, 'connection-hospital.yaml'), 'utf8')), json);
    });

    it('send an organization without peers through the others', () => {
      const file = directory.profile('research.example', 'research');
      const { channels, peers, vitaledger } = JSON.parse(readFileSync(file, 'utf8')) as VitaledgerProfile;
      assert.deepEqual(Object.keys(channels.care?.peers ?? {}), ['peer0.hospital.example']);
      assert.deepEqual(channels.care?.members, ['HospitalMSP', 'ResearchMSP']);
      assert.deepEqual(channels.care.custodians, ['HospitalMSP']);
      assert.deepEqual(channels.care.chaincodes, ['notes']);
      assert(peers['peer0.hospital.example']);
      assert.equal(vitaledger.mspId, 'ResearchMSP');
      assert.equal(vitaledger.networkId, 'ab'.repeat(16));
      const vault = vitaledger.organizations.HospitalMSP?.vault ?? '';
      assert.equal(join(file, '..', vault), directory.vault('HospitalMSP'));
    });
  });
});
