import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { call } from '../grpc-outcome.js';
import { channels } from '../network.js';
import type { ProposalFlaw } from '../proposal.js';
import type { CaseGroup, ConformanceCase } from './case.js';

const row = '5.1';

/** What is wrong with a proposal, and how both calls of the gateway say so. */
const flaws: readonly ProposalFlaw[] = [
  'no channel',
  'no spec',
  'no chaincode id',
  'garbage payload',
  'garbage header',
  'garbage proposal',
  'no signature',
  'txid',
  'unknown organization',
];

const flawed: readonly ConformanceCase[] = flaws.map((flaw) => ({
  name: `a proposal with ${flaw}`,
  row,
  run: async (s) => {
    const spec = { run: [['get', 'a']], flaw } as const;
    await s.evaluate(spec);
    await s.endorse(spec);
  },
}));

export const gatewayCases: CaseGroup = {
  name: 'gateway',
  cases: [
    {
      name: 'evaluate returns what the chaincode returned',
      row,
      run: (s) => s.evaluate({ run: [['get', 'gw-none']] }),
    },
    {
      name: 'evaluate passes on a status below 400 with its message',
      row,
      run: (s) => s.evaluate({ run: [['answer', 299, 'some message', 'some payload']] }),
    },
    ...[399, 400, 404, 499, 500, 501, 600].flatMap((status): ConformanceCase[] => [
      {
        name: `a chaincode that answers ${String(status)} with a payload`,
        row,
        run: async (s) => {
          const spec = { run: [['answer', status, 'some message', 'some payload']] } as const;
          await s.evaluate(spec);
          await s.endorse(spec);
        },
      },
      {
        name: `a chaincode that answers ${String(status)} without a payload`,
        row,
        run: async (s) => {
          const spec = { run: [['answer', status, 'some message']] } as const;
          await s.evaluate(spec);
          await s.endorse(spec);
        },
      },
    ]),
    {
      name: 'a chaincode that answers no status',
      row,
      run: async (s) => {
        const spec = { run: [['answer', 0, 'nothing', '']] } as const;
        await s.evaluate(spec);
        await s.endorse(spec);
      },
    },
    {
      name: 'a chaincode that throws',
      row,
      run: async (s) => {
        const spec = {
          run: [
            ['put', 'gw-thrown', '1'],
            ['throw', 'CODE: refused'],
          ],
        } as const;
        await s.evaluate(spec);
        await s.endorse(spec);
        await s.endorse({ ...spec, chaincode: 'probes' });
      },
    },
    {
      name: 'a chaincode that throws nothing to say',
      row,
      run: async (s) => {
        await s.evaluate({ run: [['throw', '']] });
        await s.endorse({ run: [['throw', '']] });
      },
    },
    {
      name: 'a chaincode that was never defined',
      row,
      run: async (s) => {
        const spec = { chaincode: 'nothing', run: [['get', 'a']] } as const;
        await s.evaluate(spec);
        await s.evaluate(spec, { organizations: ['Org2MSP'] });
        await s.endorse(spec);
        await s.endorse(spec, { organizations: ['Org1MSP', 'Org2MSP'] });
        await s.evaluate({ ...spec, transient: { a: 'b' } });
        await s.endorse({ ...spec, transient: { a: 'b' } });
      },
    },
    {
      name: 'a channel that nobody joined',
      row,
      run: async (s) => {
        const spec = { channel: 'nowhere', run: [['get', 'a']] } as const;
        await s.evaluate(spec);
        await s.endorse(spec);
        await s.endorse(spec, { organizations: ['Org1MSP'] });
      },
    },
    {
      name: 'named organizations that do not exist',
      row,
      run: async (s) => {
        await s.evaluate({ run: [['get', 'a']] }, { organizations: ['Org9MSP'] });
        await s.endorse({ run: [['get', 'a']] }, { organizations: ['Org1MSP', 'Org9MSP'] });
        await s.endorse({ run: [['get', 'a']] }, { organizations: ['Org9MSP', 'Org8MSP'] });
      },
    },
    {
      name: 'a named organization evaluates with its own chaincode process',
      row,
      run: async (s) => {
        await s.evaluate({ run: [['organization']] });
        await s.evaluate({ run: [['organization']] }, { organizations: ['Org2MSP'] });
        await s.evaluate({ run: [['organization']] }, { organizations: ['Org3MSP'] });
        await s.evaluate({ run: [['organization']], as: 'org2' }, { at: 'org3' });
        await s.evaluate(
          { run: [['transient', 'a']], transient: { a: 'b' } },
          { organizations: ['Org2MSP'] },
        );
      },
    },
    {
      name: 'endorsers whose results differ',
      row,
      run: async (s) => {
        await s.endorse(
          { chaincode: 'probes', run: [['putRandom', 'gw-random']] },
          { organizations: ['Org1MSP', 'Org2MSP'] },
        );
        await s.endorse(
          { chaincode: 'probes', run: [['random']] },
          { organizations: ['Org1MSP', 'Org2MSP'] },
        );
        await s.endorse(
          { chaincode: 'probes', run: [['putOrganization', 'gw-org']] },
          { organizations: ['Org1MSP', 'Org3MSP'] },
        );
      },
    },
    {
      name: 'one endorser of several refuses',
      row,
      run: async (s) => {
        const spec = { chaincode: 'probes', run: [['failAt', 'Org2MSP']] } as const;
        await s.endorse(spec, { organizations: ['Org1MSP', 'Org2MSP'] });
        await s.endorse(spec, { organizations: ['Org2MSP', 'Org1MSP', 'Org3MSP'] });
        await s.endorse({ ...spec, run: [['failAt', 'Org1MSP']] });
      },
    },
    {
      name: 'a majority is collected without naming anybody',
      row,
      run: async (s) => {
        await s.transact({ chaincode: 'probes', run: [['put', 'gw-majority', 'x']] });
      },
    },
    {
      name: 'named organizations endorse, enough or not',
      row,
      run: async (s) => {
        await s.transact(
          { chaincode: 'probes', run: [['put', 'gw-named', 'x']] },
          { organizations: ['Org1MSP', 'Org2MSP', 'Org3MSP'] },
        );
        await s.transact(
          { chaincode: 'probes', run: [['put', 'gw-named', 'y']] },
          { organizations: ['Org3MSP'] },
        );
      },
    },
    {
      name: 'transient data reaches the chaincode and not the transaction',
      row,
      run: async (s) => {
        const id = await s.transact({
          run: [['transient', 'secret']],
          transient: { secret: 'not in the block' },
        });
        await s.query('GetTransactionByID', ['main', id]);
      },
    },
    {
      name: 'requests with nothing in them',
      row,
      run: async (s) => {
        const { gateway: one } = s.actors.peer('org1');
        await s.raw(
          { call: 'Evaluate', empty: true },
          call<gateway.EvaluateResponse>((options, done) =>
            one.evaluate(new gateway.EvaluateRequest(), options, done),
          ),
        );
        await s.raw(
          { call: 'Endorse', empty: true },
          call<gateway.EndorseResponse>((options, done) =>
            one.endorse(new gateway.EndorseRequest(), options, done),
          ),
        );
        await s.raw(
          { call: 'Submit', empty: true },
          call<gateway.SubmitResponse>((options, done) =>
            one.submit(new gateway.SubmitRequest(), options, done),
          ),
        );
        await s.raw(
          { call: 'CommitStatus', empty: true },
          call<gateway.CommitStatusResponse>((options, done) =>
            one.commitStatus(new gateway.SignedCommitStatusRequest(), options, done),
          ),
        );
      },
    },
    {
      name: 'requests with empty messages in them',
      row,
      run: async (s) => {
        const { gateway: one } = s.actors.peer('org1');
        const evaluate = new gateway.EvaluateRequest();
        evaluate.setProposedTransaction(new peer.SignedProposal());
        await s.raw(
          { call: 'Evaluate', proposal: 'empty' },
          call<gateway.EvaluateResponse>((options, done) => one.evaluate(evaluate, options, done)),
        );
        const endorse = new gateway.EndorseRequest();
        endorse.setProposedTransaction(new peer.SignedProposal());
        await s.raw(
          { call: 'Endorse', proposal: 'empty' },
          call<gateway.EndorseResponse>((options, done) => one.endorse(endorse, options, done)),
        );
        const submit = new gateway.SubmitRequest();
        submit.setPreparedTransaction(new common.Envelope());
        await s.raw(
          { call: 'Submit', transaction: 'empty' },
          call<gateway.SubmitResponse>((options, done) => one.submit(submit, options, done)),
        );
      },
    },
    ...flawed,
    {
      name: 'submit refuses what is not signed',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'gw-unsigned', '1']] });
        await s.submit(prepared!, { flaw: 'no signature' });
      },
    },
    {
      name: 'submit to a channel that nobody joined',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'gw-nowhere', '1']] });
        await s.submit({ ...prepared!, channel: 'nowhere' });
      },
    },
    {
      name: 'submit with a signature that is not the creator’s',
      row: '5.5',
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'gw-forged', '1']] });
        await s.submit(prepared!, { flaw: 'garbage signature' });
        await s.submit(prepared!, { flaw: 'signature of another' });
        await s.submit(prepared!, { flaw: 'high S' });
      },
    },
    {
      name: 'submit of more than a block may hold',
      row: '5.5',
      run: async (s) => {
        const prepared = await s.endorse({ run: [['putMany', 'gw-large', 12, 100_000]] });
        if (prepared) await s.submit(prepared);
      },
    },
    {
      name: 'submit of an envelope that is no transaction',
      row: '5.5',
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'gw-garbage', '1']] });
        const envelope = new common.Envelope();
        envelope.setPayload(Buffer.from('ffffffff', 'hex'));
        await s.submit({ ...prepared!, envelope });
      },
    },
    {
      name: 'a client of another organization submits through this peer',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ as: 'org2', run: [['put', 'gw-other', '1']] }, { at: 'org1' });
        await s.submit(prepared!, { at: 'org3' });
        await s.status(prepared!.txId, channels.main, { as: 'org3', at: 'org2' });
      },
    },
    {
      name: 'commit status of a transaction that was never submitted',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'gw-never', '1']] });
        await s.status(prepared!.txId, channels.main, { deadlineMs: 300 });
      },
    },
    {
      name: 'commit status without what it needs',
      row,
      run: async (s) => {
        await s.status('', channels.main);
        await s.status('abc', '');
        await s.status('abc', channels.main, { noIdentity: true });
        await s.status('abc', 'nowhere');
      },
    },
    {
      name: 'commit status asked by nobody with a right to it',
      row: '5.8',
      run: async (s) => {
        await s.status('abc', channels.main, { flaw: 'no signature' });
        await s.status('abc', channels.main, { flaw: 'garbage signature' });
        await s.status('abc', channels.main, { flaw: 'signature of another' });
      },
    },
    {
      name: 'a restricted channel still lets its clients work',
      row: '5.8',
      run: async (s) => {
        const spec = { channel: channels.guarded, chaincode: 'guarded' } as const;
        const id = await s.transact({ ...spec, run: [['put', 'gw-guarded', '1']] });
        await s.evaluate({ ...spec, as: 'org2', run: [['get', 'gw-guarded']] });
        await s.status(id, channels.guarded, { as: 'org3', at: 'org3' });
        await s.query('GetTransactionByID', [channels.guarded, id], { channel: channels.guarded });
        await s.query('GetBlockByNumber', [channels.guarded, 1], {
          channel: channels.guarded,
          as: 'org1/Admin',
        });
      },
    },
  ],
};
