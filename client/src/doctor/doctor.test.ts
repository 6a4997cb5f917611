import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { currentIdentity, selfSigned } from '../testing/certificate.js';
import { exampleProfile } from '../testing/profile.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { trustedRoots, validity } from './certificates.js';
import { clockFinding, examineChannels } from './channels.js';
import { examine } from './doctor.js';
import type { Finding } from './finding.js';
import { examinePeers } from './peers.js';

const NOW = new Date('2026-06-01T00:00:00.000Z');
const settings = { intervalSeconds: 300, skewSeconds: 30 };

async function all(findings: AsyncIterable<Finding>): Promise<readonly Finding[]> {
  const list: Finding[] = [];
  for await (const finding of findings) list.push(finding);
  return list;
}

describe('the doctor', () => {
  const folder = temporaryFolder();

  it('tells a certificate that ended, one that ends soon and one that is not valid yet from a good one', () => {
    const from = new Date('2025-01-01');
    const cases: readonly (readonly [string, Date, Finding['result'], RegExp])[] = [
      ['2026-05-31', from, 'failed', /ended on 2026-05-31/],
      ['2026-06-11', from, 'warning', /ends in 10 days/],
      ['2026-07-02', from, 'ok', /valid until 2026-07-02/],
      ['2027-01-01', new Date('2026-06-02'), 'failed', /only from 2026-06-02.*clock/],
    ];
    for (const [to, start, result, text] of cases) {
      const found = validity('it', start, new Date(to), NOW);
      assert.equal(found.result, result, to);
      assert.match(found.text, text);
    }
  });

  it('finds roots that end, and PEM without a certificate', async () => {
    const { certificate } = await selfSigned(new Date('2026-01-01'), new Date('2026-06-05'));
    assert.deepEqual(
      trustedRoots('root', certificate, NOW).map(({ result }) => result),
      ['warning'],
    );
    assert.deepEqual(
      trustedRoots('root', 'nothing', NOW).map(({ result }) => result),
      ['failed'],
    );
  });

  it('tells a clock that is ahead, one that is behind, and one that nobody beats', () => {
    const at = (seconds: number) =>
      clockFinding('care', NOW.getTime() + seconds * 1000, settings, NOW.getTime());
    assert.equal(at(20).result, 'ok');
    assert.match(at(31).text, /this machine is 31 s behind/);
    assert.equal(at(-299).result, 'ok');
    assert.equal(at(-310).result, 'warning');
    const silent = at(-331);
    assert.equal(silent.result, 'failed');
    assert.match(silent.text, /nobody beats/);
  });

  it('says what a channel whose contracts do not answer said, and looks at the other', async () => {
    const consortium = {
      clock: (channel: string) =>
        channel === 'care'
          ? Promise.reject(new Error('no peer answers\nat length'))
          : Promise.resolve({ beat: 1, instant: NOW.toISOString() }),
      document: () => Promise.resolve({ clock: settings }),
    };
    const found = await all(
      examineChannels(
        { consortium } as unknown as Parameters<typeof examineChannels>[0],
        exampleProfile(),
        () => NOW,
      ),
    );
    const texts = found.map(({ about, result, text }) => `${result} ${about}: ${text}`);
    assert.ok(texts.includes('failed contracts of care: no peer answers'), texts.join('\n'));
    for (const one of found.filter(({ about }) => about.includes('registry'))) assert.equal(one.result, 'ok');
  });

  it('tells a peer that does not listen from one that shows a certificate of somebody else', async () => {
    const [ours, theirs] = [await currentIdentity(), await currentIdentity()];
    const server = createServer({ cert: theirs.certificate, key: theirs.privateKey });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const examineAt = async (at: number, pem: string) =>
      all(
        examinePeers(
          {
            ...exampleProfile(),
            peers: { 'peer0.other.example': { url: `grpcs://127.0.0.1:${String(at)}`, tlsCACerts: { pem } } },
          },
          new Date(),
        ),
      );
    const foreign = (await examineAt(port, ours.certificate)).find(({ about }) => about.startsWith('peer0'));
    assert.equal(foreign?.result, 'failed');
    assert.match(foreign.text, /roots did not sign/);
    server.close();
    await once(server, 'close');
    const silent = (await examineAt(port, ours.certificate)).find(({ about }) => about.startsWith('peer0'));
    assert.match(silent?.text ?? '', /Nothing listens there/);
  });

  it('ends where nothing more can be found out, with the reason', async () => {
    const missing = await all(examine({ profile: join(folder(), 'none.json'), identity: folder() }));
    assert.deepEqual(
      missing.map(({ about, result }) => `${result} ${about}`),
      ['ok Node.js', 'failed profile'],
    );
    const profile = join(folder(), 'profile.json');
    writeFileSync(profile, JSON.stringify(exampleProfile()));
    mkdirSync(join(folder(), 'signcerts'));
    const lost = await all(examine({ profile, identity: folder() }));
    assert.deepEqual(
      lost.filter(({ result }) => result === 'failed').map(({ about }) => about),
      [
        'TLS root of peer0.hospital.example',
        'peer0.hospital.example',
        'TLS root of peer1.hospital.example',
        'peer1.hospital.example',
        'identity',
      ],
    );
  });
});
