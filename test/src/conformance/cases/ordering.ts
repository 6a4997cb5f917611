import type { BroadcastFlaw } from '../broadcast.js';
import { channels } from '../network.js';
import type { DeliverRequest } from '../deliver.js';
import type { CaseGroup, ConformanceCase } from './case.js';

const row = '5.5';

const flaws: readonly BroadcastFlaw[] = [
  'no signature',
  'garbage signature',
  'signature of another',
  'empty',
  'garbage payload',
  'no header',
  'no channel header',
  'garbage channel header',
  'garbage signature header',
  'no creator',
  'unknown channel',
  'type CONFIG',
  'type ORDERER_TRANSACTION',
];

const once = (name: string, request: DeliverRequest): ConformanceCase => ({
  name,
  row: '5.7',
  run: (s) => s.deliver({ at: 'orderer', ...request }),
});

/** Straight to the orderer, without a peer's gateway. */
export const ordering: CaseGroup = {
  name: 'ordering',
  cases: [
    {
      name: 'a transaction sent to the orderer is committed',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'or-1', '1']] });
        await s.broadcast([prepared!]);
        await s.status(prepared!.txId, channels.main);
      },
    },
    {
      name: 'several messages in one stream',
      row,
      run: async (s) => {
        const spec = { channel: channels.batch, chaincode: 'batched' } as const;
        const one = await s.endorse({ ...spec, run: [['put', 'or-2', '1']] });
        const other = await s.endorse({ ...spec, run: [['put', 'or-3', '1']] });
        await s.broadcast([one!, other!]);
        await s.status(one!.txId, channels.batch);
        await s.status(other!.txId, channels.batch);
      },
    },
    {
      name: 'a client of another organization sends what it did not create',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'or-4', '1']] });
        await s.broadcast([prepared!], { as: 'org2' });
      },
    },
    {
      name: 'the same transaction sent twice is ordered twice',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'or-5', '1']] });
        await s.broadcast([prepared!]);
        await s.status(prepared!.txId, channels.main);
        await s.broadcast([prepared!]);
        await s.deliver({ start: 1, stop: 2 });
      },
    },
    {
      name: 'more than a block may hold',
      row,
      run: async (s) => {
        const prepared = await s.endorse({ run: [['putMany', 'or-large', 12, 100_000]] });
        await s.broadcast([prepared!]);
      },
    },
    {
      name: 'after a refused message the stream is over',
      row,
      run: async (s) => {
        const one = await s.endorse({ run: [['put', 'or-6', '1']] });
        const other = await s.endorse({ run: [['put', 'or-7', '1']] });
        await s.broadcast([one!, other!], { flaw: 'unknown channel' });
      },
    },
    ...flaws.map((flaw): ConformanceCase => ({
      name: `a message with ${flaw}`,
      row,
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'or-flaw', '1']] });
        await s.broadcast([prepared!], { flaw });
      },
    })),
    {
      name: 'a message of a type that peers do not know',
      row: '5.6',
      run: async (s) => {
        const prepared = await s.endorse({ run: [['put', 'or-type', '1']] });
        await s.broadcast([prepared!], { flaw: 'type MESSAGE' });
        await s.deliver({ content: 'filtered', start: 1, stop: 1 });
      },
    },
    {
      name: 'blocks as an orderer has them',
      row: '5.7',
      run: async (s) => {
        await s.transact({ run: [['put', 'or-8', '1']] });
        await s.deliver({ at: 'orderer', start: 1, stop: 1 });
        await s.deliver({ at: 'orderer', start: 'newest', stop: 'newest' });
        await s.deliver({ at: 'orderer', start: 1, stop: 1, headersOnly: true });
      },
    },
    once('an orderer asked for a channel that it does not have', { channel: 'nowhere' }),
    once('an orderer asked without a start', { start: 'none' }),
    once('an orderer asked for a far block, not waited for', {
      start: 'far',
      stop: 'far',
      ifNotReady: 'fail',
    }),
    once('an orderer asked for a start after the stop', { start: 'newest', stop: 'genesis' }),
    once('a restricted channel’s blocks at the orderer, for a client', {
      channel: channels.guarded,
      start: 'newest',
    }),
    ...(['garbage signature', 'old timestamp', 'garbage seek', 'no header'] as const).map((flaw) =>
      once(`an orderer asked with ${flaw}`, { flaw }),
    ),
  ],
};
