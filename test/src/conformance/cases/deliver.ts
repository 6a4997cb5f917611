import { channels } from '../network.js';
import type { DeliverRequest } from '../deliver.js';
import type { CaseGroup, ConformanceCase } from './case.js';

const row = '5.7';

const flaws: readonly NonNullable<DeliverRequest['flaw']>[] = [
  'no signature',
  'garbage signature',
  'signature of another',
  'old timestamp',
  'future timestamp',
  'no timestamp',
  'garbage payload',
  'garbage seek',
  'no header',
  'no creator',
];

const once = (name: string, request: DeliverRequest): ConformanceCase => ({
  name,
  row,
  run: (s) => s.deliver(request),
});

export const deliverCases: CaseGroup = {
  name: 'deliver',
  cases: [
    ...flaws.map((flaw) => once(`a request with ${flaw}`, { flaw })),
    once('a channel that nobody joined', { channel: 'nowhere' }),
    once('a request without a start', { start: 'none' }),
    once('a request without a stop', { stop: 'none' }),
    once('a start after the stop', { start: 'far', stop: 'genesis' }),
    once('the newest after an earlier stop', { start: 'newest', stop: 'genesis' }),
    once('a block that is not there yet, not waited for', { start: 1, stop: 1, ifNotReady: 'fail' }),
    once('a far block, not waited for', { start: 'far', stop: 'far', ifNotReady: 'fail' }),
    once('the next block, not waited for', { start: 'next', stop: 'far', ifNotReady: 'fail' }),
    once('a restricted channel’s blocks for a client', { channel: channels.guarded, start: 'newest' }),
    once('a restricted channel’s filtered blocks for a client', {
      channel: channels.guarded,
      content: 'filtered',
      start: 'newest',
    }),
    {
      name: 'blocks that follow each other',
      row,
      run: async (s) => {
        await s.transact({
          run: [
            ['put', 'de-1', '1'],
            ['event', 'one', 'payload'],
          ],
        });
        await s.transact({ run: [['put', 'de-2', '2']] });
        await s.deliver({ start: 1, stop: 2 });
        await s.deliver({ start: 1, stop: 2, as: 'org3' });
        await s.deliver({ content: 'filtered', start: 1, stop: 2 });
        await s.deliver({ content: 'private', start: 1, stop: 2 });
        await s.deliver({ start: 'newest', stop: 'newest' });
        await s.deliver({ start: 1, stop: 'newest' });
        await s.deliver({ start: 2, stop: 'far', ifNotReady: 'fail' });
        await s.deliver({ start: 1, stop: 1, headersOnly: true });
      },
    },
    {
      name: 'a filtered block tells events without their payload',
      row,
      run: async (s) => {
        await s.transact({
          run: [
            ['put', 'de-event', '1'],
            ['event', 'named', 'secret'],
          ],
        });
        await s.transact(
          {
            chaincode: 'probes',
            run: [
              ['put', 'de-event', '1'],
              ['event', 'invalid', 'secret'],
            ],
          },
          { organizations: ['Org1MSP'] },
        );
        await s.deliver({ content: 'filtered', start: 1, stop: 2 });
      },
    },
    {
      name: 'the configuration block',
      row,
      run: (s) => s.deliver({ content: 'filtered', start: 'genesis', stop: 'genesis' }),
    },
    {
      name: 'waiting for a block to come',
      row,
      run: async (s) => {
        const waiting = s.deliver({ content: 'filtered', start: 1, stop: 1 });
        await s.transact({ run: [['put', 'de-wait', '1']] });
        await waiting;
      },
    },
    {
      name: 'the next block, when it comes',
      row,
      run: async (s) => {
        const waiting = s.deliver({ content: 'filtered', start: 'next', stop: 'far', take: 1 });
        await new Promise((resolve) => setTimeout(resolve, 150));
        await s.transact({ run: [['put', 'de-next', '1']] });
        await waiting;
      },
    },
  ],
};
