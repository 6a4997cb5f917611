import { startNetwork, type Network, type Topology } from '@vitaledger/network';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engine } from '../harness/suite-network.js';

const foreign = join(__dirname, '../../foreign');

/** A network for somebody else: organizations and domains of their own, no Vitaledger contract on it. */
const topology: Topology = {
  name: 'freight',
  organizations: ['Org1', 'Org2'].map((name) => ({
    name: name.toLowerCase(),
    mspId: `${name}MSP`,
    displayName: name,
    domain: `${name.toLowerCase()}.example.com`,
    kinds: [],
    jurisdiction: 'PT',
    peers: 1,
    identities: [],
  })),
  orderers: { mspId: 'OrdererMSP', domain: 'example.com', count: 1 },
  channels: [
    {
      name: 'mychannel',
      members: [
        { organization: 'org1', peers: true },
        { organization: 'org2', peers: true },
      ],
      batch: { timeoutMs: 200, maxMessages: 10, preferredMaxBytes: 524_288, absoluteMaxBytes: 10_485_760 },
      readers: 'members',
    },
  ],
  chaincodes: [
    {
      name: 'crates',
      channel: 'mychannel',
      version: '1.0',
      path: join(foreign, 'chaincode'),
      command: ['npm', 'run', '--silent', 'start'],
      tls: false,
      policy: 'majority',
      consortium: false,
    },
  ],
  basePort: 0,
  clock: { intervalSeconds: 60, skewSeconds: 30 },
};

/** Runs a program to its end; what it printed, and its exit code. */
function run(
  command: string,
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
}

describe('a chaincode and an application that are not ours', () => {
  let network: Network;

  before(async function () {
    this.timeout(180_000);
    const directory = join(mkdtempSync(join(tmpdir(), 'vitaledger-foreign-')), 'network');
    network = await startNetwork({ topology, engine, directory });
  });

  after(async function () {
    this.timeout(60_000);
    await network.clean();
  });

  for (const [organization, mspId] of [
    ['org1', 'Org1MSP'],
    ['org2', 'Org2MSP'],
  ] as const) {
    it(`run unchanged for ${organization}, knowing only Fabric’s variables and folders`, async function () {
      this.timeout(60_000);
      const crypto = join(
        network.directory.organizations,
        'peerOrganizations',
        `${organization}.example.com`,
      );
      const peer = join(crypto, 'peers', `peer0.${organization}.example.com`);
      const profile = JSON.parse(readFileSync(join(crypto, `connection-${organization}.json`), 'utf8')) as {
        peers: Record<string, { url: string }>;
      };
      const { code, output } = await run(process.execPath, [join(foreign, 'application/app.mjs')], {
        MSP_ID: mspId,
        CHANNEL_NAME: 'mychannel',
        CHAINCODE_NAME: 'crates',
        KEY_DIRECTORY_PATH: join(crypto, 'users', `User1@${organization}.example.com`, 'msp/keystore'),
        CERT_DIRECTORY_PATH: join(crypto, 'users', `User1@${organization}.example.com`, 'msp/signcerts'),
        TLS_CERT_PATH: join(peer, 'tls/ca.crt'),
        PEER_ENDPOINT: profile.peers[`peer0.${organization}.example.com`]!.url.replace('grpcs://', ''),
        PEER_HOST_ALIAS: `peer0.${organization}.example.com`,
      });
      assert.equal(code, 0, output);
      assert.match(output, /done/);
    });
  }

  it('finds the folders of Fabric’s test network', () => {
    const folder = join(network.directory.organizations, 'peerOrganizations', 'org1.example.com');
    for (const path of [
      'ca',
      'tlsca',
      'msp/cacerts',
      'msp/tlscacerts',
      'msp/config.yaml',
      'users/Admin@org1.example.com/msp',
      'connection-org1.json',
      'connection-org1.yaml',
    ]) {
      assert.ok(
        readdirSync(join(folder, path, '..')).includes(path.split('/').at(-1)!),
        `${path} is missing`,
      );
    }
  });
});
