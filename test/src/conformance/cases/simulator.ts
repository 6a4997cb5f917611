import { channels } from '../network.js';
import type { CaseGroup } from './case.js';

const row = '5.4';

export const simulator: CaseGroup = {
  name: 'simulator',
  cases: [
    {
      name: 'a write is not read back in its transaction',
      row,
      run: async (s) => {
        await s.transact({
          run: [
            ['put', 'si-own', 'new'],
            ['get', 'si-own'],
          ],
        });
        await s.transact({
          run: [
            ['get', 'si-own'],
            ['put', 'si-own', 'newer'],
            ['get', 'si-own'],
            ['del', 'si-own'],
            ['get', 'si-own'],
          ],
        });
        await s.evaluate({ run: [['get', 'si-own']] });
      },
    },
    {
      name: 'the last write of a key is the one that counts',
      row,
      run: async (s) => {
        await s.transact({
          run: [
            ['put', 'si-last', '1'],
            ['put', 'si-last', '2'],
            ['del', 'si-last'],
            ['put', 'si-last', '3'],
          ],
        });
        await s.evaluate({
          run: [
            ['get', 'si-last'],
            ['history', 'si-last'],
          ],
        });
      },
    },
    {
      name: 'a key read twice is one read',
      row,
      run: (s) =>
        s
          .propose({
            run: [
              ['get', 'si-twice'],
              ['get', 'si-twice'],
              ['get', 'si-a'],
            ],
          })
          .then(() => undefined),
    },
    {
      name: 'reads and writes are sorted by the bytes of their keys',
      row,
      run: async (s) => {
        await s.transact({
          run: [
            ['put', 'si-\u{10ffff}', '1'],
            ['put', 'si-\uff5e', '2'],
            ['put', 'si-é', '3'],
            ['put', 'si-Z', '4'],
            ['put', 'si-a', '5'],
            ['get', 'si-z\u{10000}'],
            ['get', 'si-z\uffee'],
          ],
        });
        await s.evaluate({ run: [['range', 'si-', 'si.']] });
      },
    },
    {
      name: 'an empty value deletes',
      row: '2',
      run: async (s) => {
        await s.transact({ run: [['put', 'si-empty', 'x']] });
        await s.transact({ run: [['put', 'si-empty', '']] });
        await s.evaluate({
          run: [
            ['get', 'si-empty'],
            ['history', 'si-empty'],
            ['range', 'si-empty', 'si-empty~'],
          ],
        });
      },
    },
    {
      name: 'keys that cannot be',
      row: '5.3',
      run: async (s) => {
        await s.propose({ run: [['try', ['put', '', 'x']]] });
        await s.propose({ run: [['put', '', 'x']] });
        await s.propose({
          run: [
            ['try', ['get', '']],
            ['try', ['del', '']],
          ],
        });
        await s.propose({ run: [['try', ['range', '\u0000', '']]] });
        await s.propose({ run: [['try', ['history', '']]] });
      },
    },
    {
      name: 'a range that was read to its end',
      row,
      run: async (s) => {
        await s.transact({ run: [['putMany', 'si-range-', 5]] });
        await s.transact({
          run: [
            ['range', 'si-range-', 'si-range-~'],
            ['put', 'si-ranged', '1'],
          ],
        });
        await s.transact({
          run: [
            ['range', 'si-range-0001', 'si-range-0003'],
            ['range', 'si-range-0001', 'si-range-0003'],
            ['put', 'si-ranged', '2'],
          ],
        });
        await s.propose({ run: [['range', 'si-range-9', 'si-range-~']] });
        await s.propose({ run: [['range', 'si-range-~', 'si-range-']] });
      },
    },
    {
      name: 'a range of which only the first is wanted',
      row: '2',
      run: async (s) => {
        await s.transact({ run: [['putMany', 'si-first-', 5]] });
        await s.propose({ run: [['range', 'si-first-', 'si-first-~', 1]] });
      },
    },
    {
      name: 'a range larger than one batch',
      row: '5.3',
      run: async (s) => {
        await s.transact({ run: [['putMany', 'si-big-', 205]] });
        await s.propose({ run: [['range', 'si-big-', 'si-big-~', 1]] });
        await s.propose({ run: [['range', 'si-big-', 'si-big-0100']] });
        await s.propose({ run: [['range', 'si-big-', 'si-big-0101']] });
        await s.propose({
          run: [
            ['range', 'si-big-', 'si-big-0050'],
            ['range', 'si-big-', 'si-big-0051'],
          ],
        });
        await s.propose({ run: [['range', 'si-big-', 'si-big-~']] });
      },
    },
    {
      name: 'a range does not see the writes of its transaction',
      row,
      run: async (s) => {
        await s.propose({
          run: [
            ['put', 'si-unseen-1', 'x'],
            ['range', 'si-unseen-', 'si-unseen-~'],
          ],
        });
      },
    },
    {
      name: 'pages and their bookmarks',
      row,
      run: async (s) => {
        await s.transact({ run: [['putMany', 'si-page-', 5]] });
        await s.evaluate({ run: [['page', 'si-page-', 'si-page-~', 2, '']] });
        await s.evaluate({ run: [['page', 'si-page-', 'si-page-~', 2, 'si-page-0002']] });
        await s.evaluate({ run: [['page', 'si-page-', 'si-page-~', 2, 'si-page-0004']] });
        await s.evaluate({ run: [['page', 'si-page-', 'si-page-~', 5, '']] });
        await s.evaluate({ run: [['page', 'si-page-', 'si-page-~', 9, '']] });
        await s.propose({ run: [['page', 'si-page-', 'si-page-~', 2, '']] });
      },
    },
    {
      name: 'a write after a page, and a page after a write',
      row: '2',
      run: async (s) => {
        await s.propose({
          run: [
            ['page', 'si-page-', 'si-page-~', 2, ''],
            ['try', ['put', 'si-paged', '1']],
          ],
        });
        await s.propose({
          run: [
            ['page', 'si-page-', 'si-page-~', 2, ''],
            ['put', 'si-paged', '1'],
          ],
        });
        await s.propose({
          run: [
            ['put', 'si-paged', '1'],
            ['try', ['page', 'si-page-', 'si-page-~', 2, '']],
          ],
        });
        await s.propose({
          run: [
            ['page', 'si-page-', 'si-page-~', 2, ''],
            ['try', ['setPolicy', 'si-paged', 'Org1MSP']],
          ],
        });
        await s.propose({
          run: [
            ['page', 'si-page-', 'si-page-~', 2, ''],
            ['try', ['putPrivate', 'open', 'a', 'b']],
          ],
        });
      },
    },
    {
      name: 'composite keys and their ranges',
      row,
      run: async (s) => {
        await s.transact({
          run: [
            ['putComposite', 'si~type', ['a', '1'], 'x'],
            ['putComposite', 'si~type', ['a', '2'], 'y'],
            ['putComposite', 'si~type', ['b', '1'], 'z'],
          ],
        });
        await s.propose({
          run: [
            ['composite', 'si~type', ['a']],
            ['composite', 'si~type', []],
          ],
        });
        await s.evaluate({ run: [['range', 'si~', 'si~~']] });
      },
    },
    {
      name: 'the history of a key, deletions included',
      row,
      run: async (s) => {
        await s.transact({ run: [['put', 'si-history', '1']] });
        await s.transact({ run: [['del', 'si-history']] });
        await s.transact({ run: [['put', 'si-history', '3']] });
        await s.propose({
          run: [
            ['history', 'si-history'],
            ['history', 'si-no-history'],
          ],
        });
      },
    },
    {
      name: 'rich queries are refused without CouchDB',
      row: '2',
      run: async (s) => {
        await s.propose({ run: [['try', ['query', '{"selector":{}}']]] });
        await s.evaluate({ run: [['query', '{"selector":{}}']] });
        await s.propose({ run: [['try', ['queryPrivate', 'open', '{"selector":{}}']]] });
      },
    },
    {
      name: 'a chaincode calls another one of its channel',
      row: '5.3',
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['call', 'probes', '', ['put', 'si-called', '1'], ['get', 'si-b']],
              ['put', 'si-caller', '1'],
            ],
          },
          { organizations: ['Org1MSP', 'Org2MSP'] },
        );
        await s.evaluate({ chaincode: 'probes', run: [['get', 'si-called']] });
        await s.evaluate({
          run: [
            ['get', 'si-called'],
            ['get', 'si-caller'],
          ],
        });
      },
    },
    {
      name: 'a called chaincode that only reads',
      row: '5.3',
      run: async (s) => {
        await s.propose({ run: [['call', 'probes', '', ['get', 'si-b']]] });
        await s.propose({ run: [['call', 'probes', channels.main, ['get', 'si-b']]] });
      },
    },
    {
      name: 'a called chaincode’s event is dropped',
      row: '2',
      run: async (s) => {
        await s.propose({ run: [['call', 'probes', '', ['event', 'inner', '1']]] });
        await s.propose({
          run: [
            ['event', 'outer', '1'],
            ['call', 'probes', '', ['event', 'inner', '1']],
          ],
        });
      },
    },
    {
      name: 'a called chaincode that refuses',
      row: '5.3',
      run: async (s) => {
        await s.propose({ run: [['call', 'probes', '', ['answer', 404, 'nothing there', 'p']]] });
        await s.propose({ run: [['call', 'probes', '', ['throw', 'inner failure']]] });
        await s.propose({
          run: [['try', ['call', 'probes', '', ['put', 'si-x', '1'], ['throw', 'inner failure']]]],
        });
      },
    },
    {
      name: 'a called chaincode that is not there',
      row: '5.3',
      run: async (s) => {
        await s.propose({ run: [['try', ['call', 'nothing', '', ['get', 'a']]]] });
        await s.propose({ run: [['call', 'nothing', '', ['get', 'a']]] });
        await s.propose({ run: [['try', ['call', 'probes', 'nowhere', ['get', 'a']]]] });
      },
    },
    {
      name: 'a chaincode that calls itself',
      row: '2',
      run: async (s) => {
        await s.propose({ run: [['try', ['call', 'any', '', ['get', 'a']]]] });
      },
    },
    {
      name: 'a chaincode of another channel may be read, and what it writes is lost',
      row: '5.3',
      run: async (s) => {
        await s.transact({
          channel: channels.batch,
          chaincode: 'batched',
          run: [['put', 'si-there', 'there']],
        });
        await s.transact({
          run: [
            ['call', 'batched', channels.batch, ['get', 'si-there'], ['put', 'si-lost', '1']],
            ['put', 'si-here', '1'],
          ],
        });
        await s.evaluate({ channel: channels.batch, chaincode: 'batched', run: [['get', 'si-lost']] });
      },
    },
    {
      name: 'system chaincodes called by a chaincode',
      row: '5.9',
      run: async (s) => {
        await s.propose({ run: [['try', ['callRaw', 'qscc', '', 'GetChainInfo', 'main']]] });
      },
    },
    {
      name: 'the sizes of what is written',
      row,
      run: async (s) => {
        await s.transact({
          run: [
            ['putMany', 'si-size-', 1, 50_000],
            ['putMany', 'si-many-', 60],
          ],
        });
        await s.evaluate({ run: [['range', 'si-many-', 'si-many-0003']] });
      },
    },
  ],
};
