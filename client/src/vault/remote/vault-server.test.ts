import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { VitaledgerError } from '@vitaledger/domain';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { localhostIdentity } from '../../testing/certificate.js';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import type { IdentityPem } from '../../connection/identity.js';
import { FileVault } from '../file-vault.js';
import { newObjectName, readContent, storeContent } from '../objects.js';
import type { Vault } from '../vault.js';
import { Capabilities } from './capabilities.js';
import type { SignedProposal } from './loan.js';
import { RemoteVault } from './remote-vault.js';
import { VaultServer, type VaultServerEvent, type VaultServerOptions } from './vault-server.js';

const context = { record: 'r1', version: 1 };
let transactions = 0;

/** A proposal as an asker signs it; what the peer thinks of it is for the test to say. */
function proposal(
  changes: { name?: string; channel?: string; to?: string[]; time?: Date; id?: string } = {},
): SignedProposal {
  const channel = new common.ChannelHeader();
  channel.setChannelId(changes.channel ?? 'care');
  channel.setTxId(changes.id ?? `tx${transactions++}`);
  const time = new Timestamp();
  time.fromDate(changes.time ?? new Date());
  channel.setTimestamp(time);
  const header = new common.Header();
  header.setChannelHeader(channel.serializeBinary());
  const input = new peer.ChaincodeInput();
  input.setArgsList([Buffer.from(changes.name ?? 'AccessContract:open')]);
  const spec = new peer.ChaincodeSpec();
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  const inner = new peer.Proposal();
  inner.setHeader(header.serializeBinary());
  inner.setPayload(payload.serializeBinary());
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(inner.serializeBinary());
  const proposed = new gateway.ProposedTransaction();
  proposed.setProposal(signed);
  proposed.setEndorsingOrganizationsList(changes.to ?? ['HospitalMSP']);
  const message = Buffer.from(proposed.serializeBinary()).toString('base64');
  return { message, signature: Buffer.from('signature').toString('base64') };
}

describe('a vault that is served', () => {
  const folder = temporaryFolder();
  let vault: FileVault;
  let tls: IdentityPem;
  let server: VaultServer;
  let url: string;
  let answered: number;
  let answer: () => Promise<unknown>;
  const events: VaultServerEvent[] = [];

  const serve = async (options: Partial<VaultServerOptions> = {}): Promise<void> => {
    server = new VaultServer({
      vault,
      custodian: 'HospitalMSP',
      evaluate: () => {
        answered++;
        return answer();
      },
      tls,
      onEvent: (event) => events.push(event),
      ...options,
    });
    url = `https://localhost:${await server.listen(Number(url ? new URL(url).port : 0), '127.0.0.1')}`;
  };
  const borrower = (sign: () => Promise<SignedProposal> = () => Promise.resolve(proposal())): Vault =>
    new RemoteVault({ url, tlsRoots: tls.certificate, attempts: 3, idleTimeout: 500 }).lend(sign);

  before(async () => {
    tls = await localhostIdentity();
  });
  beforeEach(async () => {
    vault = new FileVault(folder());
    [answered, url] = [0, ''];
    events.length = 0;
    answer = () => Promise.resolve();
    await serve();
  });
  afterEach(() => server.close());

  it('lends to whom the peer opens a receipt: one proposal for all that is read', async () => {
    const content = randomBytes(3_000_000);
    const stored = await storeContent(vault, content, context);
    const reader = borrower();
    assert.ok(content.equals(await all(readContent(reader, stored, context))));
    const rest = await all(readContent(reader, stored, { ...context, fromChunk: 1 }));
    assert.ok(content.subarray(stored.manifest.chunkSize).equals(rest));
    assert.equal(answered, 1);
    assert.deepEqual(events[0], { what: 'capability', outcome: 'OK' });
  });

  it('lends nothing when the peer refuses, with the peer’s own words', async () => {
    const { manifest } = await storeContent(vault, Buffer.from('text'), context);
    answer = () =>
      Promise.reject(new VitaledgerError('CONSENT_DENIED', 'The consent was revoked', { receipt: 'r' }));
    await assert.rejects(borrower().getShare(manifest.object), {
      code: 'CONSENT_DENIED',
      message: /revoked/,
      details: { receipt: 'r' },
    });
    assert.deepEqual(events, [{ what: 'capability', outcome: 'CONSENT_DENIED' }]);
    const without = new RemoteVault({ url, tlsRoots: tls.certificate });
    await assert.rejects(without.getShare(manifest.object), { code: 'PERMISSION_DENIED' });
  });

  it('has the peer answer nothing but the opening of a receipt at this custodian, once and in time', async () => {
    const object = newObjectName();
    const wrong: [Parameters<typeof proposal>[0], string][] = [
      [{ name: 'RecordContract:register' }, 'INVALID_ARGUMENT'],
      [{ channel: 'registry' }, 'INVALID_ARGUMENT'],
      [{ to: ['ClinicMSP'] }, 'INVALID_ARGUMENT'],
      [{ to: [] }, 'INVALID_ARGUMENT'],
      [{ to: ['HospitalMSP', 'ClinicMSP'] }, 'INVALID_ARGUMENT'],
      [{ time: new Date(Date.now() - 400_000) }, 'EXPIRED'],
      [{ time: new Date(Date.now() + 400_000) }, 'EXPIRED'],
    ];
    for (const [changes, code] of wrong) {
      await assert.rejects(borrower(() => Promise.resolve(proposal(changes))).getShare(object), { code });
    }
    for (const message of ['', 'AAAA', Buffer.from('text').toString('base64')]) {
      const bad = () => Promise.resolve({ message, signature: '' });
      await assert.rejects(borrower(bad).getShare(object), { code: 'INVALID_ARGUMENT' });
    }
    assert.equal(answered, 0);
    const same = () => Promise.resolve(proposal({ id: 'same' }));
    await assert.rejects(borrower(same).getShare(object), { code: 'NOT_FOUND' });
    await assert.rejects(borrower(same).getShare(object), { code: 'EXPIRED' });
    assert.equal(answered, 1);
  });

  it('asks anew when a capability has expired or the server was restarted', async () => {
    const stored = await storeContent(vault, Buffer.from('text'), context);
    const reader = borrower();
    await reader.getShare(stored.manifest.object);
    await server.close();
    await serve();
    await reader.getShare(stored.manifest.object);
    assert.equal(answered, 2);
    let now = 0;
    const capabilities = new Capabilities(1000, () => now);
    const { capability, expires } = capabilities.issue();
    assert.equal(expires, new Date(1000).toISOString());
    assert.ok(capabilities.isValid(capability));
    now = 1000;
    assert.ok(!capabilities.isValid(capability));
    now = 0;
    const [until, nonce, mac] = capability.split('.');
    for (const forged of [
      '',
      '..',
      `9${until}.${nonce}.${mac}`,
      `${until}.x.${mac}`,
      `${capability}.x`,
      `${until}.${nonce}.`,
    ])
      assert.ok(!capabilities.isValid(forged), forged);
  });

  it('that is down is said to be, and read on from where it broke off once it is back', async () => {
    const content = randomBytes(2_500_000);
    const stored = await storeContent(vault, content, context);
    let breaks = 1;
    const breaking: Vault = Object.assign(Object.create(vault) as FileVault, {
      getShare: (name: string) => vault.getShare(name),
      async *getObjectFrom(name: string, from: number): AsyncGenerator<Uint8Array> {
        let sent = 0;
        for await (const bytes of vault.getObjectFrom(name, from)) {
          if (breaks > 0 && sent > 500_000) {
            breaks--;
            throw new Error('the disk');
          }
          sent += bytes.length;
          yield bytes;
        }
      },
    });
    await server.close();
    await serve({ vault: breaking });
    const reader = borrower();
    assert.ok(content.equals(await all(readContent(reader, stored, context))));
    assert.equal(breaks, 0);
    await server.close();
    await assert.rejects(reader.getShare(stored.manifest.object), {
      code: 'UNAVAILABLE',
      details: { reason: 'VAULT_UNREACHABLE' },
      message: /localhost:\d+ does not answer/,
    });
    await serve();
    await reader.getShare(stored.manifest.object);
  });

  it('takes nothing, gives nothing without a capability, and is reached over TLS only', async () => {
    const reader = borrower();
    const writes = [reader.putObject('a', one()), reader.putShare('a', Buffer.from('s')), reader.erase('a')];
    for (const write of writes) await assert.rejects(write, { code: 'PERMISSION_DENIED' });
    assert.throws(() => reader.store('contacts'), { code: 'PERMISSION_DENIED' });
    assert.throws(() => new RemoteVault({ url: 'http://localhost' }), { code: 'INVALID_ARGUMENT' });
    const { manifest } = await storeContent(vault, Buffer.from('text'), context);
    for (const path of [
      `/objects/${manifest.object}`,
      `/shares/${manifest.object}`,
      '/stores/contacts',
      '/../objects',
    ])
      assert.ok([403, 404].includes(await statusOf(path)), path);
  });

  const statusOf = (path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      request(new URL(path, url), { ca: tls.certificate }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
});

async function* one(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('x'));
}

async function all(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of content) parts.push(bytes);
  return Buffer.concat(parts);
}
