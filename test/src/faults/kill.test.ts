import * as grpc from '@grpc/grpc-js';
import { connect, hash, type Contract, type Gateway } from '@hyperledger/fabric-gateway';
import { nativeSigner, readIdentity } from '@vitaledger/client';
import { verifyLedger } from '@vitaledger/embedded-ledger';
import { startNetwork, type Network, type Topology } from '@vitaledger/network';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const kills = 20;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** mulberry32: small, and the same everywhere. */
function randomOf(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const topology: Topology = {
  name: 'kill',
  organizations: [
    {
      name: 'org1',
      mspId: 'Org1MSP',
      displayName: 'Org1',
      domain: 'org1.example.com',
      kinds: [],
      jurisdiction: 'PT',
      peers: 1,
      identities: [],
    },
  ],
  orderers: { mspId: 'OrdererMSP', domain: 'example.com', count: 1 },
  channels: [
    {
      name: 'work',
      members: [{ organization: 'org1', peers: true }],
      batch: { timeoutMs: 50, maxMessages: 100, preferredMaxBytes: 524_288, absoluteMaxBytes: 10_485_760 },
      readers: 'members',
    },
  ],
  chaincodes: [
    {
      name: 'minimal',
      channel: 'work',
      version: '1.0',
      path: join(__dirname, '../../chaincodes/minimal'),
      tls: true,
      policy: 'majority',
      consortium: false,
    },
  ],
  basePort: 0,
  clock: { intervalSeconds: 60, skewSeconds: 30 },
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the embedded ledger, killed', () => {
  let network: Network;
  let client: grpc.Client | undefined;
  let gateway: Gateway | undefined;
  let contract: Contract;
  let running = true;
  /** Keys whose creation was acknowledged as VALID. */
  const acknowledged: string[] = [];

  /**
   * A connection for each life of the ledger: Node's HTTP/2 client may miss that a connection was reset while it was
   * writing, and calls on it then wait until gRPC's keepalive (two minutes, in the SDK) ends it.
   */
  const connectAnew = async (): Promise<void> => {
    gateway?.close();
    client?.close();
    const profile = JSON.parse(readFileSync(network.profile('org1'), 'utf8')) as {
      peers: Record<string, { url: string; tlsCACerts: { pem: string } }>;
    };
    const [name, peer] = Object.entries(profile.peers)[0]!;
    client = new grpc.Client(
      peer.url.replace('grpcs://', ''),
      grpc.credentials.createSsl(Buffer.from(peer.tlsCACerts.pem)),
      {
        'grpc.ssl_target_name_override': name,
        'grpc.initial_reconnect_backoff_ms': 50,
        'grpc.max_reconnect_backoff_ms': 200,
      },
    );
    const identity = await readIdentity(network.identity('org1', 'User1').mspDirectory);
    gateway = connect({
      client,
      identity: { mspId: 'Org1MSP', credentials: Buffer.from(identity.certificate) },
      signer: nativeSigner(identity.privateKey),
      hash: hash.none,
      endorseOptions: () => ({ deadline: Date.now() + 5_000 }),
      submitOptions: () => ({ deadline: Date.now() + 5_000 }),
      commitStatusOptions: () => ({ deadline: Date.now() + 10_000 }),
    });
    contract = gateway.getNetwork('work').getContract('minimal');
  };

  before(async function () {
    this.timeout(60_000);
    const directory = join(mkdtempSync(join(tmpdir(), 'vitaledger-kill-')), 'network');
    network = await startNetwork({ topology, engine: 'embedded', directory });
    await connectAnew();
  });

  after(async function () {
    this.timeout(30_000);
    running = false;
    gateway?.close();
    client?.close();
    await network.clean();
  });

  it(`${kills} times under load, keeps every acknowledged transaction, and its state is what its blocks say (seed ${seed})`, async function () {
    this.timeout(180_000);
    const random = randomOf(seed);
    let n = 0;
    let lost = 0;
    const worker = async (): Promise<void> => {
      while (running) {
        const key = `key-${String(n++)}`;
        try {
          await contract.submitTransaction('create', key, `value of ${key}`);
          acknowledged.push(key);
        } catch {
          // Its fate is unknown, or it never got there: nothing was promised.
          lost++;
          await pause(10);
        }
      }
    };
    const load = Array.from({ length: 16 }, worker);

    for (let kill = 0; kill < kills; kill++) {
      const before = acknowledged.length;
      // Under load: let some be acknowledged first, then choose an instant.
      while (acknowledged.length < before + 5) await pause(5);
      await pause(random() * 250);
      const status = await network.status();
      const ledger = status.processes.find(({ kind }) => kind === 'ledger');
      assert.ok(ledger?.pid, 'the ledger does not run');
      process.kill(ledger.pid, 'SIGKILL');
      // What an operator does after a crash.
      await startNetwork({ topology, engine: 'embedded', directory: network.directory.root });
      await connectAnew();
    }
    running = false;
    await Promise.all(load);
    assert.ok(lost > 0, 'no kill interrupted anything');
    assert.ok(acknowledged.length >= kills * 5);

    for (const key of acknowledged) {
      const value = await contract.evaluateTransaction('read', key);
      assert.equal(Buffer.from(value).toString(), `value of ${key}`);
    }

    await network.stop();
    const folder = join(network.directory.engine('embedded'), 'ledger', 'channels');
    assert.deepEqual(readdirSync(folder), ['work']);
    const { height, difference } = await verifyLedger(join(folder, 'work', 'ledger'));
    assert.equal(difference, undefined);
    assert.ok(height > BigInt(kills));
  });
});
