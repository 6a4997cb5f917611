import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { once } from 'node:events';
import { Client, credentials } from '@grpc/grpc-js';
import {
  connect,
  hash,
  type ChaincodeEvent,
  type Contract,
  type Gateway,
  type Network,
  type ProposalOptions,
} from '@hyperledger/fabric-gateway';
import type { DeployedChaincode, EngineContext, Ports, ProcessSpec } from '../engine/engine.js';
import { NetworkDirectory } from '../engine/network-directory.js';
import type { NetworkError } from '../errors/network-error.js';
import { issueIdentities } from '../identity/identities.js';
import type { ChaincodeSpec, OrganizationSpec, Topology } from '../topology/topology.js';
import { findBinaries, formatVersion } from './binaries.js';
import { loadUser } from './gateway-probe.js';
import { fabricEngine } from './index.js';
import { allPeers, orderersOf } from './members.js';
import { runProgram, type ProgramResult } from './run-program.js';

const NOTES = join(__dirname, '..', '..', 'src', 'fabric', 'fixtures', 'notes');
const SHIM = join(require.resolve('fabric-shim/package.json'), '..', 'cli.js');

function organization(name: string, mspId: string): OrganizationSpec {
  return {
    name,
    mspId,
    displayName: `The ${name}`,
    domain: `${name}.example`,
    kinds: ['hospital'],
    jurisdiction: 'DE',
    peers: 1,
    identities: [],
  };
}

const BATCH = { timeoutMs: 50, maxMessages: 100, preferredMaxBytes: 2_097_152, absoluteMaxBytes: 10_485_760 };

function chaincode(name: string, channel: string, version: string): ChaincodeSpec {
  return { name, channel, version, path: NOTES, tls: true, consortium: false, policy: 'majority' };
}

/** The institute has a peer on the registry, and none on the restricted channel. */
function topologyOf(version: string): Topology {
  return {
    name: 'fabric-test',
    organizations: [
      organization('hospital', 'HospitalMSP'),
      organization('clinic', 'ClinicMSP'),
      organization('institute', 'InstituteMSP'),
    ],
    orderers: { mspId: 'OrdererMSP', domain: 'orderer.example', count: 1 },
    channels: [
      {
        name: 'care',
        members: [
          { organization: 'hospital', peers: true },
          { organization: 'clinic', peers: true },
          { organization: 'institute', peers: false },
        ],
        batch: BATCH,
        readers: 'peers-and-admins',
      },
      {
        name: 'registry',
        members: ['hospital', 'clinic', 'institute'].map((name) => ({ organization: name, peers: true })),
        batch: BATCH,
        readers: 'members',
      },
    ],
    chaincodes: [chaincode('care-notes', 'care', version), chaincode('registry-notes', 'registry', version)],
    basePort: 0,
    clock: { intervalSeconds: 60, skewSeconds: 120 },
  };
}

const HOSPITAL = 'peer0.hospital.example';
const CLINIC = 'peer0.clinic.example';
const INSTITUTE = 'peer0.institute.example';
const SECRET = 'known to one organization';

function privateNote(key: string, mspId: string): ProposalOptions {
  return { arguments: [key], transientData: { text: SECRET }, endorsingOrganizations: [mspId] };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** Other peers commit a block some milliseconds later than the one that reported it. */
async function eventually(assertion: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(50);
  }
}

async function firstBlock(network: Network): Promise<unknown> {
  const blocks = await network.getFilteredBlockEvents({ startBlock: 0n });
  try {
    for await (const block of blocks) {
      return block;
    }
    return undefined;
  } finally {
    blocks.close();
  }
}

/** Free ports, all held until the last is found so that no two are equal. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function settlePorts(topology: Topology): Promise<Ports> {
  const peers = allPeers(topology);
  const orderers = orderersOf(topology);
  const chaincodes = topology.chaincodes.flatMap(({ name }) => peers.map((peer) => `${name}.${peer.name}`));
  const free = await freePorts(3 * peers.length + 3 * orderers.length + chaincodes.length);
  const next = (): number => free.pop()!;
  return {
    peers: Object.fromEntries(
      peers.map(({ name }) => [name, { listen: next(), chaincode: next(), operations: next() }]),
    ),
    orderers: Object.fromEntries(
      orderers.map(({ name }) => [name, { listen: next(), admin: next(), operations: next() }]),
    ),
    chaincodes: Object.fromEntries(chaincodes.map((name) => [name, next()])),
    authorities: {},
  };
}

/** Runs processes as the supervisor would, and ends exactly these. */
class Processes {
  private readonly children: ChildProcess[] = [];

  constructor(private readonly logs: string) {}

  start(spec: ProcessSpec): void {
    const log = createWriteStream(join(this.logs, `${spec.name}.log`), { flags: 'a' });
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(spec.command, spec.args, { cwd: spec.cwd, env: { PATH, HOME, ...spec.env } });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.children.push(child);
  }

  async stopAll(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const running = this.children
      .splice(0)
      .filter(({ exitCode, signalCode }) => (exitCode ?? signalCode) === null);
    const ended = running.map((child) => once(child, 'exit'));
    for (const child of running) {
      child.kill(signal);
    }
    await Promise.all(ended);
  }
}

function chaincodeProcess(
  context: EngineContext,
  name: string,
  peer: string,
  packageId: string,
): ProcessSpec {
  const tls = context.directory.chaincodeTls(name, peer);
  const mspId = allPeers(context.topology).find((member) => member.name === peer)!.organization.mspId;
  return {
    name: `${name}.${peer}`,
    kind: 'chaincode',
    command: process.execPath,
    args: [
      ...[SHIM, 'server', '--chaincode-id', packageId],
      ...['--chaincode-address', `127.0.0.1:${context.ports.chaincodes[`${name}.${peer}`]!}`],
      ...['--chaincode-tls-cert-file', join(tls, 'server.crt')],
      ...['--chaincode-tls-key-file', join(tls, 'server.key')],
      ...['--chaincode-tls-client-cacert-file', join(tls, 'ca.crt')],
    ],
    cwd: NOTES,
    env: { CORE_PEER_LOCALMSPID: mspId, CORE_CHAINCODE_LOGGING_LEVEL: 'error' },
    restart: true,
  };
}

describe('The Fabric engine', function () {
  this.timeout(180_000);

  const engine = fabricEngine();
  let root = '';
  let context: EngineContext;
  let processes: Processes;
  const clients: { client: Client; gateway: Gateway }[] = [];

  /** A gateway client of a member, through a peer that need not be its own. */
  async function gatewayOf(member: string, user: string, peer: string): Promise<Gateway> {
    const { directory, topology, ports } = context;
    const { domain, mspId } = topology.organizations.find(({ name }) => name === member)!;
    const target = allPeers(topology).find(({ name }) => name === peer)!;
    const tlsRoot = await readFile(join(directory.peer(target.organization.domain, 0), 'tls', 'ca.crt'));
    const { identity, signer } = await loadUser(join(directory.user(domain, user), 'msp'), mspId);
    const client = new Client(`localhost:${ports.peers[peer]!.listen}`, credentials.createSsl(tlsRoot));
    const evaluateOptions = () => ({ deadline: Date.now() + 10_000 });
    const gateway = connect({ client, identity, signer, hash: hash.none, evaluateOptions });
    clients.push({ client, gateway });
    return gateway;
  }

  async function contractOf(member: string, peer: string, channel: string): Promise<Contract> {
    const gateway = await gatewayOf(member, 'User1', peer);
    return gateway.getNetwork(channel).getContract(`${channel}-notes`);
  }

  function startChaincodes(deployed: readonly DeployedChaincode[]): void {
    for (const { name, packageIds } of deployed) {
      for (const [peer, packageId] of Object.entries(packageIds)) {
        processes.start(chaincodeProcess(context, name, peer, packageId));
      }
    }
  }

  /** What `network up` does, with the processes of this test. */
  async function up(): Promise<readonly DeployedChaincode[]> {
    await down();
    const begun = Date.now();
    await issueIdentities(context.topology, context.directory);
    const steps = [`identities ${Date.now() - begun}`];
    await engine.prepare(context);
    steps.push(`prepare ${Date.now() - begun}`);
    engine.ledgerProcesses(context).forEach((spec) => {
      processes.start(spec);
    });
    await engine.join(context);
    steps.push(`join ${Date.now() - begun}`);
    const deployed = await Promise.all(
      context.topology.chaincodes.map(({ name }) => engine.deploy(context, name)),
    );
    steps.push(`deploy ${Date.now() - begun}`);
    startChaincodes(deployed);
    await engine.ready(context, 60_000);
    steps.push(`ready ${Date.now() - begun}`);
    console.log(`      ms since the start: ${steps.join(', ')}`);
    return deployed;
  }

  function disconnect(): void {
    for (const { client, gateway } of clients.splice(0)) {
      gateway.close();
      client.close();
    }
  }

  async function down(signal?: NodeJS.Signals): Promise<void> {
    disconnect();
    await processes.stopAll(signal);
  }

  /** Fetches the first block of a channel from the orderer with the identity in an MSP folder. */
  async function fetchBlock(channel: string, configuredAs: string, msp: string): Promise<ProgramResult> {
    const { directory, ports } = context;
    const orderer = directory.orderer('orderer.example', 0);
    const { peer } = await findBinaries();
    return runProgram(
      peer,
      [
        ...[
          'channel',
          'fetch',
          'oldest',
          join(context.directory.engine('fabric'), 'fetched.block'),
          '--channelID',
          channel,
        ],
        ...['--orderer', `127.0.0.1:${ports.orderers['orderer0.orderer.example']!.listen}`],
        ...['--tls', '--cafile', join(orderer, 'tls', 'ca.crt')],
      ],
      {
        FABRIC_CFG_PATH: join(directory.engine('fabric'), 'peers', configuredAs),
        CORE_PEER_MSPCONFIGPATH: msp,
      },
    );
  }

  before(async function () {
    try {
      console.log(`    on Hyperledger Fabric ${formatVersion((await findBinaries()).version)}`);
    } catch (error) {
      console.log(`    SKIPPED: ${error instanceof Error ? error.message : String(error)}`);
      this.skip();
    }
    root = await mkdtemp(join(tmpdir(), 'vitaledger-fabric-'));
    const directory = new NetworkDirectory(root);
    await mkdir(directory.logs);
    processes = new Processes(directory.logs);
    const topology = topologyOf('1.0');
    context = { topology, directory, ports: await settlePorts(topology), progress: () => undefined };
  });

  after(async () => {
    if (root === '') return;
    await down();
    await rm(root, { recursive: true, force: true });
  });

  it('takes a network from nothing to where every organization can endorse', async () => {
    const deployed = await up();
    assert.deepEqual(
      deployed.map(({ name, sequence, version }) => ({ name, sequence, version })),
      [
        { name: 'care-notes', sequence: 1, version: '1.0' },
        { name: 'registry-notes', sequence: 1, version: '1.0' },
      ],
    );
    assert.deepEqual(Object.keys(deployed[0]!.packageIds), [HOSPITAL, CLINIC]);
  });

  it('commits a public write that a majority endorses, for every member to read', async () => {
    const notes = await contractOf('hospital', HOSPITAL, 'registry');
    await notes.submitTransaction('write', 'greeting', 'hello');
    const elsewhere = await contractOf('institute', INSTITUTE, 'registry');
    await eventually(async () => {
      assert.equal(text(await elsewhere.evaluateTransaction('read', 'greeting')), 'hello');
    });
  });

  it('commits a private write with the endorsement of the one organization that keeps it', async () => {
    const notes = await contractOf('hospital', HOSPITAL, 'care');
    await notes.submit('writePrivate', privateNote('diagnosis', 'HospitalMSP'));
    assert.equal(text(await notes.evaluateTransaction('readPrivate', 'diagnosis')), SECRET);
  });

  it('purges a private value', async () => {
    const notes = await contractOf('hospital', HOSPITAL, 'care');
    await notes.submit('writePrivate', privateNote('mistake', 'HospitalMSP'));
    const endorsingOrganizations = ['HospitalMSP'];
    await notes.submit('purgePrivate', { arguments: ['mistake'], endorsingOrganizations });
    assert.equal(text(await notes.evaluateTransaction('readPrivate', 'mistake')), '');
  });

  it("lets a member without peers submit and learn the outcome through another member's gateway", async () => {
    const notes = await contractOf('institute', HOSPITAL, 'care');
    await notes.submitTransaction('write', 'request', 'cohort');
    assert.equal(text(await notes.evaluateTransaction('read', 'request')), 'cohort');
    await notes.submit('writePrivate', privateNote('referral', 'ClinicMSP'));
    const clinic = await contractOf('clinic', CLINIC, 'care');
    await eventually(async () => {
      assert.equal(text(await clinic.evaluateTransaction('readPrivate', 'referral')), SECRET);
    });
  });

  it('keeps the blocks of a restricted channel from the clients of all members', async () => {
    for (const [member, peer] of [
      ['hospital', HOSPITAL],
      ['institute', HOSPITAL],
    ] as const) {
      const network = (await gatewayOf(member, 'User1', peer)).getNetwork('care');
      await assert.rejects(
        network.getContract('qscc').evaluateTransaction('GetBlockByNumber', 'care', '1'),
        /access denied for \[GetBlockByNumber\]\[care\]/,
      );
      await assert.rejects(firstBlock(network), /403/);
    }
    const registry = (await gatewayOf('hospital', 'User1', HOSPITAL)).getNetwork('registry');
    assert.notEqual(await firstBlock(registry), undefined);
  });

  it('delivers chaincode events on a restricted channel to clients', async () => {
    const network = (await gatewayOf('institute', 'User1', HOSPITAL)).getNetwork('care');
    const events = await network.getChaincodeEvents('care-notes');
    try {
      await network.getContract('care-notes').submitTransaction('announce', 'visit');
      const { value } = (await events[Symbol.asyncIterator]().next()) as { value: ChaincodeEvent };
      assert.equal(value.eventName, 'visit');
    } finally {
      events.close();
    }
  });

  it('keeps the blocks of a restricted channel from peers and administrators of a member without peers there', async () => {
    const { directory } = context;
    const institutePeer = join(directory.peer('institute.example', 0), 'msp');
    const instituteAdmin = join(directory.user('institute.example', 'Admin'), 'msp');
    const hospitalAdmin = join(directory.user('hospital.example', 'Admin'), 'msp');
    for (const msp of [institutePeer, instituteAdmin]) {
      const refused = await fetchBlock('care', INSTITUTE, msp);
      assert.equal(refused.succeeded, false);
      assert.match(refused.stderr, /FORBIDDEN/);
      assert.equal((await fetchBlock('registry', INSTITUTE, msp)).succeeded, true);
    }
    assert.equal((await fetchBlock('care', HOSPITAL, hospitalAdmin)).succeeded, true);
  });

  it('leaves everything as it is when nothing has changed', async () => {
    await engine.prepare(context);
    await engine.join(context);
    assert.equal((await engine.deploy(context, 'care-notes')).sequence, 1);
  });

  for (const [what, change] of [
    ['another batch timeout', { batch: { ...BATCH, timeoutMs: 51 } }],
    ['other readers', { readers: 'members' }],
    ['a member less', { members: [{ organization: 'hospital', peers: true }] }],
  ] as const) {
    it(`refuses ${what} for a channel that exists`, async () => {
      const [care, ...others] = context.topology.channels;
      const topology = { ...context.topology, channels: [{ ...care!, ...change }, ...others] };
      await assert.rejects(engine.prepare({ ...context, topology }), {
        code: 'NETWORK_CHANGED',
        message: /Channel care exists with other members/,
      });
    });
  }

  for (const [ending, signal] of [
    ['stopped', 'SIGTERM'],
    ['killed', 'SIGKILL'],
  ] as const) {
    it(`has all its data after it was ${ending} and started again`, async () => {
      const written = await contractOf('hospital', HOSPITAL, 'care');
      await written.submitTransaction('write', 'last', ending);
      await down(signal);
      const deployed = await up();
      assert.deepEqual(
        deployed.map(({ sequence }) => sequence),
        [1, 1],
      );
      const notes = await contractOf('hospital', HOSPITAL, 'care');
      assert.equal(text(await notes.evaluateTransaction('readPrivate', 'diagnosis')), SECRET);
      assert.equal(text(await notes.evaluateTransaction('read', 'last')), ending);
      await notes.submitTransaction('write', 'request', 'cohort again');
    });
  }

  it('says which organization is not ready when a chaincode process is missing', async () => {
    await down();
    for (const spec of engine.ledgerProcesses(context)) {
      processes.start(spec);
    }
    await engine.join(context);
    await assert.rejects(engine.ready(context, 1000), (error: NetworkError) => {
      assert.equal(error.code, 'NOT_READY');
      assert.equal(error.problems.length, 5);
      assert.match(error.message, /care-notes of peer0\.hospital\.example does not listen/);
      return true;
    });
  });

  it('upgrades a chaincode to the next sequence, with its data', async () => {
    context = { ...context, topology: topologyOf('1.1') };
    const deployed = await up();
    assert.deepEqual(
      deployed.map(({ sequence, version }) => ({ sequence, version })),
      [
        { sequence: 2, version: '1.1' },
        { sequence: 2, version: '1.1' },
      ],
    );
    const notes = await contractOf('clinic', CLINIC, 'care');
    await eventually(async () => {
      assert.equal(text(await notes.evaluateTransaction('read', 'request')), 'cohort again');
    });
    await notes.submit('writePrivate', privateNote('after', 'ClinicMSP'));
  });

  it('changes a policy by the next sequence without a new version', async () => {
    const { topology } = context;
    const chaincodes = topology.chaincodes.map((chaincode) => ({
      ...chaincode,
      policy: chaincode.name === 'registry-notes' ? "OR('InstituteMSP.peer')" : chaincode.policy,
    }));
    context = { ...context, topology: { ...topology, chaincodes } };
    const { sequence, version } = await engine.deploy(context, 'registry-notes');
    assert.deepEqual({ sequence, version }, { sequence: 3, version: '1.1' });
    await engine.ready(context, 30_000);
    const notes = await contractOf('institute', INSTITUTE, 'registry');
    await notes.submit('write', { arguments: ['alone', 'yes'], endorsingOrganizations: ['InstituteMSP'] });
  });

  it('removes its data and not the identities', async () => {
    await down();
    await engine.clean(context);
    assert.deepEqual((await readdir(root)).sort(), ['logs', 'organizations']);
  });
});
