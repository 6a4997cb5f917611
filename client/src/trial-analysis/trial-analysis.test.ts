import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { randomizationCommitment, VitaledgerError, type CommittedList } from '@vitaledger/domain';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import type { PublicCall } from '../transaction/index.js';
import { FileVault } from '../vault/file-vault.js';
import { TrialAnalysis } from './trial-analysis.js';

const list = Buffer.from('1,A\n2,B\n3,B\n');
const digest = createHash('sha256').update(list).digest('hex');
const moment = { instant: '2026-03-01T12:00:00.000Z', beat: 1 };

/** The contract in memory, without its rules. */
class Registry {
  readonly lists: CommittedList[] = [];
  session!: ScriptedSession;

  readonly answer: Script = (call) => {
    const [trial = '', first = '', second = '', salt = ''] = (call as PublicCall).arguments;
    if (call.function === 'TrialAnalysisContract:commitList') {
      this.lists.push({ commitment: first, late: false, ...moment });
      return { trial, list: this.lists.length, late: false };
    }
    if (call.function === 'TrialAnalysisContract:revealList') {
      const number = Number(first) - 1;
      this.lists[number] = { ...this.lists[number]!, revealed: { digest: second, salt, ...moment } };
      return { trial, list: number + 1 };
    }
    return call.function === 'TrialAnalysisContract:get'
      ? { trial, lists: this.lists, plans: [] }
      : { trial, plan: first, reason: second };
  };
}

describe('the analysis of a trial', () => {
  const folder = temporaryFolder();
  let registry: Registry;
  let analysis: TrialAnalysis;

  const withVault = (path: string, script: Script = registry.answer): TrialAnalysis => {
    registry.session = new ScriptedSession(script, new FileVault(path));
    return new TrialAnalysis(registry.session);
  };
  const sent = (): readonly string[] => (registry.session.calls.at(-1) as PublicCall).arguments;

  beforeEach(() => {
    registry = new Registry();
    analysis = withVault(folder());
  });

  it('commits to a list by a salted digest, and tells the registry neither digest nor salt', async () => {
    const { commitment, list: number } = await analysis.commitList('VL-1', list);
    assert.equal(number, 1);
    assert.deepEqual(sent(), ['VL-1', commitment]);
    assert.notEqual(commitment, digest);
    const again = await analysis.commitList('VL-1', list);
    assert.notEqual(again.commitment, commitment, 'one list twice must not be recognized');
  });

  it('takes a list as a stream too', async () => {
    const parts = [list.subarray(0, 5), list.subarray(5)];
    await analysis.commitList(
      'VL-1',
      (async function* () {
        for (const part of parts) yield await Promise.resolve(part);
      })(),
    );
    await analysis.revealList('VL-1', 1);
    assert.equal(sent()[2], digest);
  });

  it('keeps the salt before it commits, so that whatever becomes of the transaction the list can be revealed', async () => {
    const failing = withVault(folder(), () => {
      throw new VitaledgerError('UNAVAILABLE', 'no answer');
    });
    await assert.rejects(failing.commitList('VL-1', list), { code: 'UNAVAILABLE' });
    const [, commitment = ''] = sent();
    registry.lists.push({ commitment, late: false, ...moment });
    await withVault(folder()).revealList('VL-1', 1);
    const [, , shown = '', salt = ''] = sent();
    assert.equal(shown, digest);
    assert.equal(randomizationCommitment(shown, salt), commitment);
  });

  it('cannot reveal what another vault committed to, nor a list that is not there', async () => {
    await analysis.commitList('VL-1', list);
    await assert.rejects(analysis.revealList('VL-1', 2), {
      code: 'NOT_FOUND',
      details: { what: 'list', lists: 1 },
    });
    await assert.rejects(withVault(`${folder()}/other`).revealList('VL-1', 1), {
      code: 'NOT_FOUND',
      details: { what: 'salt', commitment: registry.lists[0]!.commitment },
    });
    assert.equal(registry.lists[0]!.revealed, undefined);
  });

  it('holds a list against the commitment itself, whatever the registry says was revealed', async () => {
    await analysis.commitList('VL-1', list);
    await assert.rejects(analysis.verifyList('VL-1', 1, list), { code: 'PRECONDITION_FAILED' });
    await analysis.revealList('VL-1', 1);
    assert.equal((await analysis.verifyList('VL-1', 1, list)).commitment, registry.lists[0]!.commitment);
    const other = Buffer.from('1,B\n2,B\n3,B\n');
    await assert.rejects(analysis.verifyList('VL-1', 1, other), { code: 'INTEGRITY' });
    // A registry that lies: it shows the digest of the other list.
    const [committed] = registry.lists;
    const otherDigest = createHash('sha256').update(other).digest('hex');
    registry.lists[0] = { ...committed!, revealed: { ...committed!.revealed!, digest: otherDigest } };
    await assert.rejects(analysis.verifyList('VL-1', 1, other), { code: 'INTEGRITY' });
    assert.ok(await analysis.verifyList('VL-1', 1, list));
  });

  it('says when the data were unblinded under which plan', async () => {
    await analysis.unblind('VL-1', { plan: digest, reason: 'Database locked' });
    assert.deepEqual(sent(), ['VL-1', digest, 'Database locked']);
  });
});
