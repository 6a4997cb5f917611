import { channels } from '../network.js';
import type { CaseGroup } from './case.js';

const row = '5.1';

export const events: CaseGroup = {
  name: 'events',
  cases: [
    {
      name: 'events of valid transactions only, by block',
      row,
      run: async (s) => {
        await s.transact({
          run: [
            ['put', 'ev-1', '1'],
            ['event', 'first', 'one'],
          ],
        });
        await s.transact(
          {
            chaincode: 'probes',
            run: [
              ['put', 'ev-1', '1'],
              ['event', 'invalid', 'no'],
            ],
          },
          { organizations: ['Org1MSP'] },
        );
        await s.transact({ run: [['put', 'ev-2', '1']] });
        await s.transact({ run: [['event', 'second', 'two']] });
        await s.events({ start: 1, take: 2 });
        await s.events({ chaincode: 'probes', start: 1, take: 1, withinMs: 300 });
      },
    },
    {
      name: 'events of several transactions in a block',
      row,
      run: async (s) => {
        await s.together(
          ['a', 'b', 'c'].map((name) => ({
            run: [
              ['put', `ev-${name}`, name],
              ['event', name, name],
            ],
          })),
        );
        await s.events({ channel: channels.batch, chaincode: 'batched', start: 1, take: 1 });
      },
    },
    {
      name: 'events after a transaction',
      row,
      run: async (s) => {
        const [, second = ''] = await s.together(
          ['a', 'b', 'c'].map((name) => ({
            run: [
              ['put', `ev-after-${name}`, name],
              ['event', name, name],
            ],
          })),
        );
        const at = { channel: channels.batch, chaincode: 'batched', start: 1 } as const;
        await s.events({ ...at, after: second, take: 1 });
        await s.events({ ...at, after: '00'.repeat(32), take: 1 });
      },
    },
    {
      name: 'events without a start come from now on',
      row,
      run: async (s) => {
        await s.transact({ run: [['event', 'before', 'x']] });
        const waiting = s.events({ take: 1 });
        await new Promise((resolve) => setTimeout(resolve, 200));
        await s.transact({ run: [['event', 'after', 'y']] });
        await waiting;
      },
    },
    {
      name: 'the last event set is the transaction’s',
      row: '2',
      run: async (s) => {
        await s.transact({
          run: [
            ['event', 'one', '1'],
            ['event', 'two', '2'],
          ],
        });
        await s.events({ start: 1, take: 1 });
      },
    },
    {
      name: 'an event without a name',
      row: '2',
      run: async (s) => {
        await s.propose({ run: [['event', '', '1']] });
      },
    },
    {
      name: 'events asked for without what is needed',
      row,
      run: async (s) => {
        await s.events({ channel: '' });
        await s.events({ chaincode: '' });
        await s.events({ channel: 'nowhere' });
        await s.events({ noIdentity: true });
        await s.events({ start: 'none' });
        await s.events({ chaincode: 'nothing', start: 1, take: 1, withinMs: 300 });
      },
    },
    {
      name: 'events asked for by nobody with a right to them',
      row: '5.8',
      run: async (s) => {
        await s.events({ flaw: 'no signature' });
        await s.events({ flaw: 'garbage signature' });
        await s.events({ flaw: 'signature of another' });
      },
    },
    {
      name: 'a restricted channel’s events',
      row: '5.8',
      run: async (s) => {
        await s.transact({
          channel: channels.guarded,
          chaincode: 'guarded',
          run: [['event', 'guarded', 'x']],
        });
        await s.events({ channel: channels.guarded, chaincode: 'guarded', start: 1, take: 1 });
      },
    },
  ],
};
