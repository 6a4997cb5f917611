import assert from 'node:assert/strict';
import { digestOf, FIRST_SENSITIVITY_MAP } from '@vitaledger/domain';
import { Bench, caller, consortiumDocument } from '../testing/bench.js';

const admin = (mspId: string) => caller(mspId, 'admin');

describe('ConsortiumContract', () => {
  describe('founding', () => {
    it('adopts the first document when all its organizations have voted for it', async () => {
      const bench = new Bench();
      const document = consortiumDocument();
      const propose = { as: admin('HospitalMSP'), args: [JSON.stringify(document)] };
      const { digest } = JSON.parse(await bench.submit(bench.consortium, 'propose', propose)) as {
        digest: string;
      };
      assert.equal(digest, digestOf(document));
      await assert.rejects(bench.evaluate(bench.consortium, 'document', { as: admin('HospitalMSP') }), {
        code: 'NOT_FOUND',
      });

      const vote = async (mspId: string) =>
        JSON.parse(
          await bench.submit(bench.consortium, 'vote', { as: admin(mspId), args: [digest] }),
        ) as object;
      assert.deepEqual(await vote('ClinicMSP'), {
        digest,
        votes: { HospitalMSP: true, ClinicMSP: true },
        adopted: false,
      });
      await vote('EthicsMSP');
      const votes = { HospitalMSP: true, ClinicMSP: true, EthicsMSP: true, ResearchMSP: true };
      assert.deepEqual(await vote('ResearchMSP'), { digest, votes, adopted: false });
      assert.deepEqual(await vote('PharmacyMSP'), {
        digest,
        votes: { ...votes, PharmacyMSP: true },
        adopted: true,
      });
      const adopted = await bench.evaluate(bench.consortium, 'document', {
        as: caller('ResearchMSP', 'researcher'),
      });
      assert.deepEqual(JSON.parse(adopted), document);
    });

    it('refuses a first document in which the endorsing organization does not find itself', async () => {
      const bench = new Bench();
      const { HospitalMSP } = consortiumDocument().organizations;
      const document = consortiumDocument({ organizations: { HospitalMSP: HospitalMSP! } });
      await assert.rejects(
        bench.submit(bench.consortium, 'propose', {
          as: admin('HospitalMSP'),
          at: 'ClinicMSP',
          args: [JSON.stringify(document)],
        }),
        { code: 'PERMISSION_DENIED', details: { reason: 'ENDORSER_NOT_NAMED' } },
      );
    });

    it('refuses a first document that gives the endorsing organization no vote: nobody founds a consortium alone', async () => {
      const bench = new Bench();
      const organizations = Object.fromEntries(
        Object.entries(consortiumDocument().organizations).map(([mspId, organization]) => {
          const status: 'active' | 'suspended' = mspId === 'HospitalMSP' ? 'active' : 'suspended';
          return [mspId, { ...organization, status }];
        }),
      );
      await assert.rejects(
        bench.submit(bench.consortium, 'propose', {
          as: admin('HospitalMSP'),
          at: 'ClinicMSP',
          args: [JSON.stringify(consortiumDocument({ organizations }))],
        }),
        { code: 'PERMISSION_DENIED', details: { reason: 'ENDORSER_NOT_NAMED' } },
      );
    });

    it('refuses a proposer whom the first document does not name, and one who is no administrator', async () => {
      const bench = new Bench();
      const args = [JSON.stringify(consortiumDocument())];
      await assert.rejects(
        bench.submit(bench.consortium, 'propose', { as: admin('StrangerMSP'), at: 'HospitalMSP', args }),
        { code: 'PERMISSION_DENIED', details: { reason: 'NOT_A_MEMBER' } },
      );
      await assert.rejects(
        bench.submit(bench.consortium, 'propose', { as: caller('HospitalMSP', 'registrar'), args }),
        { code: 'PERMISSION_DENIED', details: { reason: 'ROLE' } },
      );
    });
  });

  describe('changing the document', () => {
    it('counts the votes of organizations active in the document in force, not of those it would add', async () => {
      const bench = await Bench.founded();
      const organizations = {
        ...consortiumDocument().organizations,
        NewMSP: { name: 'New', kinds: ['clinic' as const], jurisdiction: 'DE', status: 'active' as const },
      };
      const next = consortiumDocument({ version: 2, organizations });
      const proposed = await bench.submit(bench.consortium, 'propose', {
        as: admin('ClinicMSP'),
        args: [JSON.stringify(next)],
      });
      const { digest } = JSON.parse(proposed) as { digest: string };
      const vote = (mspId: string, at = mspId) =>
        bench.submit(bench.consortium, 'vote', { as: admin(mspId), at, args: [digest] });
      await assert.rejects(vote('NewMSP', 'ClinicMSP'), { code: 'PERMISSION_DENIED' });
      await vote('EthicsMSP');
      await assert.rejects(vote('EthicsMSP'), { code: 'ALREADY_EXISTS' });
      const third = await vote('PharmacyMSP');
      assert.equal((JSON.parse(third) as { adopted: boolean }).adopted, true);
      const proposal = await bench.evaluate(bench.consortium, 'proposal', {
        as: admin('NewMSP'),
        args: [digest],
      });
      assert.deepEqual(JSON.parse(proposal), {
        document: next,
        proposer: 'ClinicMSP',
        votes: { ClinicMSP: true, EthicsMSP: true, PharmacyMSP: true },
      });
    });

    it('refuses a document that does not follow the one in force, and a vote for one that was overtaken', async () => {
      const bench = await Bench.founded();
      const propose = (version: number, skewSeconds: number) =>
        bench.submit(bench.consortium, 'propose', {
          as: admin('HospitalMSP'),
          args: [
            JSON.stringify(consortiumDocument({ version, clock: { intervalSeconds: 300, skewSeconds } })),
          ],
        });
      await assert.rejects(propose(1, 10), { code: 'CONFLICT', details: { expected: 2 } });
      await assert.rejects(propose(3, 10), { code: 'CONFLICT', details: { expected: 2 } });
      const { digest: first } = JSON.parse(await propose(2, 10)) as { digest: string };
      const { digest: second } = JSON.parse(await propose(2, 20)) as { digest: string };
      await assert.rejects(propose(2, 20), { code: 'ALREADY_EXISTS' });
      for (const mspId of ['ClinicMSP', 'PharmacyMSP']) {
        await bench.submit(bench.consortium, 'vote', { as: admin(mspId), args: [first] });
      }
      await assert.rejects(
        bench.submit(bench.consortium, 'vote', { as: admin('EthicsMSP'), args: [second] }),
        {
          code: 'CONFLICT',
        },
      );
    });

    it('takes a suspended organization its vote', async () => {
      const { EthicsMSP, ...others } = consortiumDocument().organizations;
      const organizations = { ...others, EthicsMSP: { ...EthicsMSP!, status: 'suspended' as const } };
      const bench = await Bench.founded(consortiumDocument({ organizations }));
      await assert.rejects(
        bench.submit(bench.consortium, 'propose', {
          as: admin('EthicsMSP'),
          args: [JSON.stringify(consortiumDocument({ version: 2 }))],
        }),
        { code: 'PERMISSION_DENIED', details: { reason: 'SUSPENDED' } },
      );
    });

    it('names what is wrong with a document', async () => {
      const bench = await Bench.founded();
      const propose = (document: string) =>
        bench.submit(bench.consortium, 'propose', { as: admin('HospitalMSP'), args: [document] });
      await assert.rejects(propose('{'), { code: 'INVALID_ARGUMENT', details: { path: 'document' } });
      await assert.rejects(propose(JSON.stringify({ ...consortiumDocument({ version: 2 }), packs: ['x'] })), {
        code: 'INVALID_ARGUMENT',
      });
    });

    it('says that a digest is malformed or unknown', async () => {
      const bench = await Bench.founded();
      const ask = (digest: string) =>
        bench.evaluate(bench.consortium, 'proposal', { as: admin('HospitalMSP'), args: [digest] });
      await assert.rejects(ask('../clock'), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(ask(digestOf('unknown')), { code: 'NOT_FOUND' });
    });
  });

  describe('sensitivity maps', () => {
    const { id, version } = FIRST_SENSITIVITY_MAP;
    const digest = digestOf(FIRST_SENSITIVITY_MAP);
    const args = [JSON.stringify(FIRST_SENSITIVITY_MAP)];
    const propose = (bench: Bench, map: object) =>
      bench.submit(bench.consortium, 'propose', {
        as: admin('HospitalMSP'),
        args: [JSON.stringify({ ...consortiumDocument({ version: 2 }), maps: [map] })],
      });

    it('are published once, by an administrator, and read by their digest', async () => {
      const bench = await Bench.founded();
      const publish = (role: string) =>
        bench.submit(bench.consortium, 'publishMap', { as: caller('ClinicMSP', role), args });
      await assert.rejects(publish('practitioner'), { code: 'PERMISSION_DENIED' });
      assert.deepEqual(JSON.parse(await publish('admin')), { digest });
      await assert.rejects(publish('admin'), { code: 'ALREADY_EXISTS' });
      const read = { as: caller('EthicsMSP', 'ethics'), args: [digest] };
      const map = await bench.evaluate(bench.consortium, 'map', read);
      assert.deepEqual(JSON.parse(map), JSON.parse(args[0]!));
      const unknown = bench.evaluate(bench.consortium, 'map', { ...read, args: [digestOf('unknown')] });
      await assert.rejects(unknown, { code: 'NOT_FOUND' });
    });

    it('can be published for the founding document, by whose certificate says administrator', async () => {
      const bench = new Bench();
      const publish = (role: string) =>
        bench.submit(bench.consortium, 'publishMap', { as: caller('HospitalMSP', role), args });
      await assert.rejects(publish('registrar'), { code: 'PERMISSION_DENIED' });
      await publish('admin');
      await bench.adopt(consortiumDocument({ maps: [{ id, version, digest }] }));
    });

    it('are named by a document only when the ledger holds exactly that map', async () => {
      const bench = await Bench.founded();
      const missing = { code: 'NOT_FOUND', details: { reason: 'MAP_NOT_PUBLISHED' } };
      await assert.rejects(propose(bench, { id, version, digest }), missing);
      await bench.submit(bench.consortium, 'publishMap', { as: admin('HospitalMSP'), args });
      await assert.rejects(propose(bench, { id, version: version + 1, digest }), missing);
      await propose(bench, { id, version, digest });
    });

    it('are refused with the path of what is wrong', async () => {
      const bench = await Bench.founded();
      const map = { ...FIRST_SENSITIVITY_MAP, rules: [] };
      await assert.rejects(
        bench.submit(bench.consortium, 'publishMap', {
          as: admin('HospitalMSP'),
          args: [JSON.stringify(map)],
        }),
        { code: 'INVALID_ARGUMENT', details: { path: 'map.rules' } },
      );
    });
  });

  describe('the clock', () => {
    it('counts beats and holds the last one’s instant', async () => {
      const bench = await Bench.founded();
      await bench.pass(60_000);
      const clock = await bench.evaluate(bench.consortium, 'clock', { as: caller('EthicsMSP', 'ethics') });
      assert.deepEqual(JSON.parse(clock), { beat: 2, instant: bench.now });
    });

    it('beats before there is a consortium, with 30 seconds of tolerance', async () => {
      const bench = new Bench();
      await assert.rejects(bench.evaluate(bench.consortium, 'clock', { as: admin('HospitalMSP') }), {
        code: 'NOT_FOUND',
      });
      const early = { as: admin('HospitalMSP'), timestamp: '2026-03-01T11:59:29.999Z' };
      await assert.rejects(bench.submit(bench.consortium, 'beat', early), {
        code: 'INVALID_ARGUMENT',
        details: { reason: 'TIMESTAMP_NOT_NOW' },
      });
      const beat = await bench.submit(bench.consortium, 'beat', {
        ...early,
        timestamp: '2026-03-01T11:59:30.000Z',
      });
      assert.deepEqual(JSON.parse(beat), { beat: 1, instant: '2026-03-01T11:59:30.000Z' });
    });

    it('takes no beats in quick succession, each of which would invalidate what others have under way', async () => {
      const bench = await Bench.founded();
      const beat = async () =>
        JSON.parse(await bench.submit(bench.consortium, 'beat', { as: admin('HospitalMSP') })) as {
          beat: number;
        };
      assert.equal((await beat()).beat, 2);
      bench.skip(29_999);
      await assert.rejects(beat(), { code: 'CONFLICT', details: { reason: 'BEAT_TOO_SOON' } });
      bench.skip(1);
      assert.equal((await beat()).beat, 3);
    });

    it('never goes back, and beats only for administrators of active members', async () => {
      const bench = await Bench.founded();
      const back = new Date(Date.parse(bench.now) - 30_000).toISOString();
      await assert.rejects(
        bench.submit(bench.consortium, 'beat', { as: admin('HospitalMSP'), timestamp: back }),
        { code: 'CONFLICT' },
      );
      await assert.rejects(bench.submit(bench.consortium, 'beat', { as: caller('HospitalMSP', 'service') }), {
        code: 'PERMISSION_DENIED',
      });
      await assert.rejects(
        bench.submit(bench.consortium, 'beat', { as: admin('StrangerMSP'), at: 'HospitalMSP' }),
        { code: 'PERMISSION_DENIED' },
      );
    });
  });
});
