import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineContext } from '../engine/engine.js';
import { NetworkDirectory } from '../engine/network-directory.js';
import type { FabricBinaries } from './binaries.js';
import { parseChannelList, parseParticipation } from './channel-membership.js';
import { prepareChannel } from './channels.js';
import { FabricLayout } from './fabric-layout.js';
import { leads } from './orderer-leaders.js';
import { majorityOf } from './policies.js';

describe('A channel that exists', () => {
  it('is not served by programs that are older than it', async () => {
    const root = await mkdtemp(join(tmpdir(), 'vitaledger-channel-'));
    try {
      const layout = new FabricLayout(new NetworkDirectory(root));
      await mkdir(layout.channel('care'), { recursive: true });
      await writeFile(join(layout.channel('care'), 'made-of.json'), '{"capability":"V3_0"}');
      const channel = { name: 'care' } as Parameters<typeof prepareChannel>[0];
      const binaries = { version: { major: 2, minor: 5, patch: 16 } } as FabricBinaries;
      await assert.rejects(prepareChannel(channel, {} as EngineContext, layout, binaries), {
        code: 'BINARY_VERSION',
        message: /Channel care was made with Fabric 3, which Fabric 2\.5\.16 cannot serve/,
      });
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

describe('What Fabric’s programs print', () => {
  it('tells the channels of an orderer', () => {
    const list =
      '{"systemChannel":null,"channels":[{"name":"care","url":"/participation/v1/channels/care"}]}';
    assert.deepEqual(parseParticipation(`Status: 200\n${list}`), ['care']);
    assert.deepEqual(parseParticipation('Status: 200\n{"systemChannel":null,"channels":null}'), []);
    assert.equal(parseParticipation('Status: 503\n{"error":"starting"}'), undefined);
  });

  it('tells the channels of a peer', () => {
    assert.deepEqual(parseChannelList('Channels peers has joined: \ncare\nregistry\n'), ['care', 'registry']);
    assert.deepEqual(parseChannelList('Channels peers has joined: \n'), []);
    assert.equal(parseChannelList(''), undefined);
  });

  it('tells whether an orderer leads a channel', () => {
    const metrics =
      'consensus_etcdraft_is_leader{channel="care"} 1\nconsensus_etcdraft_is_leader{channel="b"} 0\n';
    assert.equal(leads(metrics, 'care'), true);
    assert.equal(leads(metrics, 'b'), false);
    assert.equal(leads(metrics, 'car'), false);
  });
});

describe('A majority', () => {
  for (const [organizations, needed] of [
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ] as const) {
    it(`of ${organizations} organizations is ${needed}`, () => {
      const names = Array.from({ length: organizations }, (_, index) => `Org${index}MSP`);
      assert.ok(majorityOf(names).startsWith(`OutOf(${needed}, 'Org0MSP.peer'`));
    });
  }
});
