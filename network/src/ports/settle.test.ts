import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetworkDirectory } from '../engine/network-directory.js';
import { parseTopology } from '../topology/read.js';
import { PortClaims } from './claims.js';
import { requireFreePorts, settlePorts } from './settle.js';

const topologyAt = (basePort: number, more = '') =>
  parseTopology(
    `
name: ports
basePort: ${basePort}
organizations:
  - { name: a, mspId: AMSP, domain: a.example, kinds: [hospital], jurisdiction: DE${more} }
channels: [{ name: care, members: [a] }]
chaincodes: [{ name: notes, channel: care, path: x }]
`,
    '/',
  );

describe('ports', () => {
  let directory: NetworkDirectory;
  beforeEach(() => {
    directory = new NetworkDirectory(mkdtempSync(join(tmpdir(), 'ports-')));
  });
  afterEach(() => {
    rmSync(directory.root, { recursive: true });
  });

  it('follow basePort in a fixed order', async () => {
    const ports = await settlePorts(topologyAt(30_100), directory);
    assert.deepEqual(ports, {
      orderers: { 'orderer0.orderer.example': { listen: 30_100, admin: 30_101, operations: 30_102 } },
      peers: { 'peer0.a.example': { listen: 30_103, chaincode: 30_104, operations: 30_105 } },
      authorities: { a: 30_106 },
      chaincodes: { 'notes.peer0.a.example': 30_107 },
    });
  });

  it('leave out those that the topology gives away itself', async () => {
    const ports = await settlePorts(topologyAt(30_100, ', ports: [30101]'), directory);
    assert.equal(ports.peers['peer0.a.example']?.listen, 30_101);
    assert.equal(ports.orderers['orderer0.orderer.example']?.admin, 30_102);
  });

  it('are chosen among free ones for basePort 0, all different, and remembered', async () => {
    const chosen = await settlePorts(topologyAt(0), directory);
    assert.deepEqual(await settlePorts(topologyAt(0), directory), chosen);
    const all = [
      ...Object.values(chosen.orderers).flatMap((one) => Object.values(one)),
      ...Object.values(chosen.peers).flatMap((one) => Object.values(one)),
      ...Object.values(chosen.chaincodes),
      ...Object.values(chosen.authorities),
    ];
    assert.equal(new Set(all).size, 8);
    await requireFreePorts(topologyAt(0), directory);
  });

  it('of networks that choose at the same time are different, and free again when nobody came to listen', async () => {
    const folder = join(directory.root, 'claims');
    const choose = async (index: number): Promise<readonly number[]> => {
      const own = new NetworkDirectory(join(directory.root, String(index)));
      const { peers, chaincodes } = await settlePorts(topologyAt(0), own, new PortClaims(folder));
      return [...Object.values(peers).flatMap((one) => Object.values(one)), ...Object.values(chaincodes)];
    };
    const chosen = await Promise.all(Array.from({ length: 100 }, (_, index) => choose(index)));
    assert.equal(new Set(chosen.flat()).size, 400);
    const longAgo = new Date(Date.now() - 600_000);
    const claims = readdirSync(folder);
    assert.equal(claims.length, 100);
    for (const name of claims) utimesSync(join(folder, name), longAgo, longAgo);
    const again = await Promise.all(Array.from({ length: 100 }, (_, index) => choose(100 + index)));
    assert.equal(new Set(again.flat()).size, 400);
    assert.ok(readdirSync(folder).length < 200);
  });

  it('that are taken are reported with their owner', async () => {
    const { peers } = await settlePorts(topologyAt(0), directory);
    const port = peers['peer0.a.example']?.listen ?? 0;
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    try {
      const owner = process.platform === 'linux' ? `\\(pid ${process.pid}\\)` : '';
      await assert.rejects(requireFreePorts(topologyAt(0), directory), {
        code: 'PORT_TAKEN',
        message: new RegExp(`port ${port} \\(peer0\\.a\\.example/listen\\) is taken by .*${owner}`),
      });
    } finally {
      server.close();
      await once(server, 'close');
    }
  });
});
