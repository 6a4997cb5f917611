import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, type Contract, type Gateway } from '@hyperledger/fabric-gateway';
import type { DeployedChaincode, EngineContext, Ports, ProcessSpec } from '../engine/engine.js';
import { NetworkDirectory } from '../engine/network-directory.js';
import { issueIdentities } from '../identity/identities.js';
import type { ChaincodeSpec, OrganizationSpec, Topology } from '../topology/topology.js';
import { findBinaries, formatVersion } from './binaries.js';
import { loadUser } from './gateway-probe.js';
import { fabricEngine } from './index.js';
import { allPeers, orderersOf } from './members.js';

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

  async stopAll(): Promise<void> {
    const running = this.children
      .splice(0)
      .filter(({ exitCode, signalCode }) => (exitCode ?? signalCode) === null);
    const ended = running.map((child) => once(child, 'exit'));
    for (const child of running) {
      child.kill('SIGTERM');
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
  let root: string;
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
    const client = new Client(`127.0.0.1:${ports.peers[peer]!.listen}`, credentials.createSsl(tlsRoot));
    const gateway = connect({
      client,
      identity,
      signer,
      evaluateOptions: () => ({ deadline: Date.now() + 10_000 }),
    });
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

  /** What `network up` does, with the processes of this test. Returns seconds. */
  async function up(): Promise<{ seconds: number; deployed: readonly DeployedChaincode[] }> {
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
    steps.push(`ready ${Date.now() - begun} ms`);
    console.log(`      ${steps.join(', ')}`);
    return { seconds: (Date.now() - begun) / 1000, deployed };
  }

  function disconnect(): void {
    for (const { client, gateway } of clients.splice(0)) {
      gateway.close();
      client.close();
    }
  }

  async function down(): Promise<void> {
    disconnect();
    await processes.stopAll();
  }

  before(async function () {
    try {
      console.log(`      on Hyperledger Fabric ${formatVersion((await findBinaries()).version)}`);
    } catch (error) {
      console.log(`      SKIPPED: ${error instanceof Error ? error.message : String(error)}`);
      this.skip();
    }
    root = await mkdtemp(join(tmpdir(), 'vitaledger-fabric-'));
    const topology = topologyOf('1.0');
    const directory = new NetworkDirectory(root);
    await mkdir(directory.logs);
    processes = new Processes(directory.logs);
    context = { topology, directory, ports: await settlePorts(topology), progress: () => undefined };
  });

  after(async () => {
    if (root !== undefined) {
      await down();
      if (process.env.KEEP === undefined) await rm(root, { recursive: true, force: true });
      else console.log(root);
    }
  });

  it('takes a network from nothing to where every organization can endorse', async () => {
    const { deployed } = await up();
    assert.deepEqual(
      deployed.map(({ name, sequence, version }) => ({ name, sequence, version })),
      [
        { name: 'care-notes', sequence: 1, version: '1.0' },
        { name: 'registry-notes', sequence: 1, version: '1.0' },
      ],
    );
    assert.deepEqual(Object.keys(deployed[0]!.packageIds), [
      'peer0.hospital.example',
      'peer0.clinic.example',
    ]);
  });
});
