import assert from 'node:assert/strict';
import { validateProofStatement, type ProofStatement } from '@vitaledger/domain';
import { Bench, caller, consortiumDocument, random } from '../testing/bench.js';
import { trialDocument, trialRecord } from '../testing/trial.js';
import { TrialDocumentContract } from '../trial-documents/trial-document-contract.js';
import { TrialRegistryContract } from '../trials/trial-registry-contract.js';
import { ProofContract } from './proof-contract.js';

const registry = new TrialRegistryContract();
const documents = new TrialDocumentContract();
const proofs = new ProofContract();
const sponsor = caller('ResearchMSP', 'sponsor');
const anyone = caller('PharmacyMSP', undefined, undefined);
const minute = 60_000;

describe('ProofContract', () => {
  let bench: Bench;
  let trial: string;
  const description = trialDocument();

  beforeEach(async () => {
    bench = await Bench.founded();
    const args = [JSON.stringify(trialRecord())];
    trial = (JSON.parse(await bench.submit(registry, 'register', { as: sponsor, args })) as { trial: string })
      .trial;
    await bench.pass(minute);
    await bench.submit(documents, 'register', { as: sponsor, args: [trial, JSON.stringify(description)] });
  });

  const ask = async (name: string, args: readonly string[], timestamp = bench.now) => {
    const text = await bench.evaluate(proofs, name, { as: anyone, args, timestamp });
    return { text, statement: validateProofStatement(JSON.parse(text)) };
  };
  const document = (digest = description.digest) => ask('document', [trial, digest]);
  const twoBeats = async (): Promise<void> => {
    await bench.pass(minute);
    await bench.pass(minute);
  };

  it('states a document with the beat before it and the second one after it', async () => {
    await twoBeats();
    const { statement } = await document();
    const { document: number, ...subject } = statement.subject;
    assert.match(number ?? '', /^VD-[0-9a-f]{16}$/);
    assert.deepEqual(subject, {
      kind: 'document',
      trial,
      documentKind: 'protocol',
      version: 1,
      digest: description.digest,
      organization: 'ResearchMSP',
      instant: new Date(Date.parse(bench.now) - 2 * minute).toISOString(),
    });
    assert.equal(statement.after.beat, 2);
    assert.deepEqual(statement.before, { beat: 4, instant: bench.now, skewSeconds: 30 });
    assert.deepEqual(statement.consortium, consortiumDocument());
    assert.equal(statement.proved, bench.now);
  });

  it('states a version of a record', async () => {
    await twoBeats();
    const { statement } = await ask('version', [trial, '1']);
    const head = await bench.evaluate(registry, 'get', { as: anyone, args: [trial] });
    const { digest, registered } = JSON.parse(head) as { digest: string; registered: string };
    assert.deepEqual(statement.subject, {
      kind: 'trial-version',
      trial,
      version: 1,
      digest,
      organization: 'ResearchMSP',
      instant: registered,
    });
    assert.deepEqual([statement.after.beat, statement.before.beat], [1, 3]);
  });

  it('answers the same at every peer, with clocks as far apart as they may be', async () => {
    await twoBeats();
    const timestamp = bench.now;
    const [args, answers] = [[trial, description.digest], new Set<string>()];
    for (const [at, skew] of [
      ['HospitalMSP', -30_000],
      ['ResearchMSP', 0],
      ['EthicsMSP', 30_000],
    ] as const) {
      bench.skip(skew);
      answers.add(await bench.evaluate(proofs, 'document', { as: anyone, at, args, timestamp }));
      bench.skip(-skew);
    }
    assert.equal(answers.size, 1);
    bench.skip(30_001);
    await assert.rejects(ask('document', args, timestamp), { details: { reason: 'TIMESTAMP_NOT_NOW' } });
  });

  it('states the same of the registration whenever it is asked', async () => {
    await twoBeats();
    const { statement: first } = await document();
    await twoBeats();
    const { statement: later } = await document();
    const lasting = ({ subject, after, before }: ProofStatement) => ({ subject, after, before });
    assert.deepEqual(lasting(later), lasting(first));
    assert.notEqual(later.proved, first.proved);
  });

  it('waits for two beats, since the first one may have been held back', async () => {
    const bounded = { code: 'PRECONDITION_FAILED', details: { reason: 'NOT_YET_BOUNDED', beat: 4 } };
    await assert.rejects(document(), bounded);
    await bench.pass(minute);
    await assert.rejects(document(), bounded);
    await bench.pass(minute);
    await document();
  });

  it('states nothing that was not committed as valid', async () => {
    const held = trialDocument();
    const call = { as: sponsor, args: [trial, JSON.stringify(held)] };
    const transaction = bench.begin(call);
    await bench.execute(documents, 'register', call, transaction);
    await twoBeats();
    await assert.rejects(document(held.digest), { code: 'NOT_FOUND' });
    assert.equal(transaction.commit(), false, 'the beats have invalidated it');
    await assert.rejects(document(held.digest), { code: 'NOT_FOUND' });
  });

  it('refuses what is no number of this registry, no digest, or not there', async () => {
    await assert.rejects(ask('document', ['ResearchMSP/VITA-1', description.digest]), {
      code: 'INVALID_ARGUMENT',
    });
    await assert.rejects(ask('document', [trial, 'x']), { code: 'INVALID_ARGUMENT' });
    await assert.rejects(document(random(256)), { code: 'NOT_FOUND' });
    await assert.rejects(ask('version', [trial, '2']), { code: 'NOT_FOUND' });
    await assert.rejects(ask('version', [trial, '01']), { code: 'INVALID_ARGUMENT' });
  });
});
