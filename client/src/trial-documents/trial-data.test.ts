import assert from 'node:assert/strict';
import { VitaledgerError, type PublicJwk } from '@vitaledger/domain';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { sealed } from '../testing/sealed-answer.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { isCustodianCall, type Call } from '../transaction/index.js';
import { FileVault } from '../vault/file-vault.js';
import { TrialData } from './trial-data.js';

const OF = { trial: 'VL-0123456789abcdef', document: 'VD-0123456789abcdef' };
const CONTENT = Buffer.from('arm,outcome\nA,1\n');
const inputOf = (call: Call) => (isCustodianCall(call) ? (call.input as Record<string, unknown>) : {});
const argumentsOf = (call: Call) => (isCustodianCall(call) ? [] : call.arguments);

describe('TrialData', () => {
  const folder = temporaryFolder();

  /** A sponsor that holds what it is given, and hands it over as the contract does. */
  function sponsor(change: (held: object) => object = (held) => held) {
    const vault = new FileVault(folder());
    let held: Record<string, unknown> = {};
    const script: Script = (call) => {
      if (call.function === 'TrialDataReleaseContract:hold') {
        held = inputOf(call);
        return '';
      }
      if (call.function === 'TrialDataReleaseContract:collect')
        return { request: 'VR-1', sponsor: 'HospitalMSP' };
      const { encryptionKey } = inputOf(call) as { encryptionKey: PublicJwk };
      return sealed(change({ request: 'VR-1', ...held }), encryptionKey).then((jwe) => ({ jwe }));
    };
    const session = new ScriptedSession(script, vault);
    return { session, vault, data: new TrialData(session) };
  }

  const read = async (content: AsyncIterable<Uint8Array>) => {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(part);
    return Buffer.concat(parts);
  };

  it('holds a data set in the vault and hands it over to a key made for it, which is on the log', async () => {
    const { session, data } = sponsor();
    await data.hold(OF, CONTENT);
    const [held = {}] = session.inputs('TrialDataReleaseContract:hold');
    assert.deepEqual([held.trial, held.document], [OF.trial, OF.document]);
    assert.ok(!JSON.stringify(held).includes(CONTENT.toString('base64').slice(0, 12)));
    assert.deepEqual(await read(data.content('VR-1')), CONTENT);
    const collected = session.calls.find((call) => call.function.endsWith(':collect'));
    const [opened] = session.inputs('TrialDataReleaseContract:open');
    const [request, key] = collected ? argumentsOf(collected) : [];
    assert.deepEqual([request, JSON.parse(key ?? '')], ['VR-1', opened?.encryptionKey]);
    await read(data.content('VR-1'));
    const keys = session.inputs('TrialDataReleaseContract:open').map((input) => input.encryptionKey);
    assert.notDeepEqual(keys[0], keys[1], 'each time a new key');
  });

  it('keeps nothing that the contract does not take', async () => {
    const vault = new FileVault(folder());
    const session = new ScriptedSession(() => {
      throw new VitaledgerError('NOT_FOUND', 'No document with this digest');
    }, vault);
    await assert.rejects(new TrialData(session).hold(OF, CONTENT), { code: 'NOT_FOUND' });
    const [held = {}] = session.inputs('TrialDataReleaseContract:hold');
    await assert.rejects(vault.getShare(String(held.record)), { code: 'NOT_FOUND' });
  });

  it('takes neither the answer to another request nor an altered content', async () => {
    const foreign = sponsor((held) => ({ ...held, request: 'VR-2' }));
    await foreign.data.hold(OF, CONTENT);
    await assert.rejects(read(foreign.data.content('VR-1')), { code: 'INTEGRITY' });
    const altered = sponsor((held) => ({ ...held, keyShare: Buffer.alloc(32, 1).toString('base64url') }));
    await altered.data.hold(OF, CONTENT);
    await assert.rejects(read(altered.data.content('VR-1')), { code: 'INTEGRITY' });
  });

  it('reads the log to its last page, with the terms once', async () => {
    const offer = { ...OF, terms: { permission: { code: 'GRU' }, modifiers: [] }, committee: 'EthicsMSP' };
    const session = new ScriptedSession((call) => {
      const { bookmark } = JSON.parse(argumentsOf(call)[2] ?? '') as { bookmark?: string };
      return bookmark === undefined
        ? { ...offer, requests: [1, 2], bookmark: 'next' }
        : { ...offer, requests: [3], bookmark: '' };
    });
    const log = await new TrialData(session).log(OF.trial, OF.document);
    assert.deepEqual(log, { ...offer, requests: [1, 2, 3] });
    assert.equal(session.calls.length, 2);
  });

  it('sends offers, requests, decisions and revocations as JSON in public', async () => {
    const session = new ScriptedSession(() => ({ request: 'VR-1', outcome: 'abstain' }));
    const data = new TrialData(session);
    const question = { title: 'Study', purpose: { aims: ['health'], undertakings: [] } } as const;
    assert.deepEqual(await data.request(OF.trial, OF.document, question), {
      request: 'VR-1',
      outcome: 'abstain',
    });
    await data.decide('VR-1', { approved: false });
    await data.revoke('VR-1', 'The plan was not kept');
    assert.deepEqual(
      session.calls.map((call) => [call.function, ...argumentsOf(call)]),
      [
        ['TrialDataContract:request', OF.trial, OF.document, JSON.stringify(question)],
        ['TrialDataContract:decide', 'VR-1', '{"approved":false}'],
        ['TrialDataContract:revoke', 'VR-1', 'The plan was not kept'],
      ],
    );
  });
});
