import { channels } from '../network.js';
import type { CaseGroup } from './case.js';

const row = '2';
const own = { organizations: ['Org1MSP'] };
const implicit = '_implicit_org_Org1MSP';

export const privateData: CaseGroup = {
  name: 'private-data',
  cases: [
    {
      name: 'a private write and its hashes',
      row,
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['putPrivate', 'open', 'pd-a', 'secret'],
              ['put', 'pd-public', '1'],
            ],
          },
          own,
        );
        await s.evaluate({
          run: [
            ['getPrivate', 'open', 'pd-a'],
            ['getPrivateHash', 'open', 'pd-a'],
          ],
        });
        await s.transact(
          {
            run: [
              ['getPrivate', 'open', 'pd-a'],
              ['put', 'pd-public', '2'],
            ],
          },
          own,
        );
        await s.evaluate({
          run: [
            ['getPrivateHash', 'open', 'pd-none'],
            ['getPrivate', 'open', 'pd-none'],
          ],
        });
      },
    },
    {
      name: 'a private write that the gateway plans',
      row: '5.1',
      run: async (s) => {
        await s.transact({ run: [['putPrivate', 'open', 'pd-planned', 'x']] });
        await s.transact({ run: [['putPrivate', 'sealed', 'pd-planned', 'x']], transient: { a: 'b' } });
        await s.transact({ run: [['putPrivate', 'open', 'pd-planned', 'y']], transient: { a: 'b' } });
      },
    },
    {
      name: 'transient data of a client outside the collection',
      row: '5.1',
      run: async (s) => {
        await s.endorse({
          as: 'org3',
          run: [['putPrivate', 'open', 'pd-transient', 'x']],
          transient: { a: 'b' },
        });
        await s.endorse({
          as: 'org3',
          chaincode: 'probes',
          run: [['putPrivate', 'open', 'pd-transient', 'x']],
          transient: { a: 'b' },
        });
        await s.endorse(
          { as: 'org2', run: [['putPrivate', 'sealed', 'pd-transient', 'x']] },
          { organizations: ['Org2MSP'] },
        );
      },
    },
    {
      name: 'several private keys are sorted by their hashes',
      row: '5.4',
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['putPrivate', 'open', 'pd-1', 'a'],
              ['putPrivate', 'open', 'pd-2', 'b'],
              ['putPrivate', 'open', 'pd-3', 'c'],
              ['putPrivate', 'shared', 'pd-1', 'd'],
              ['getPrivateHash', 'open', 'pd-9'],
              ['getPrivateHash', 'open', 'pd-8'],
            ],
          },
          own,
        );
      },
    },
    {
      name: 'a peer outside the collection knows only the hash',
      row,
      run: async (s) => {
        await s.transact({ run: [['putPrivate', 'open', 'pd-hash', 'secret']] }, own);
        await s.evaluate({ as: 'org3', run: [['getPrivateHash', 'open', 'pd-hash']] });
        await s.evaluate({ as: 'org3', run: [['getPrivate', 'open', 'pd-hash']] });
        await s.evaluate({ as: 'org3', run: [['try', ['rangePrivate', 'open', '', '']]] });
      },
    },
    {
      name: 'only members read and write a collection that says so',
      row,
      run: async (s) => {
        await s.transact({ run: [['putPrivate', 'shared', 'pd-members', 'x']] }, own);
        await s.evaluate({ as: 'org3', run: [['getPrivate', 'shared', 'pd-members']] }, { at: 'org1' });
        await s.evaluate(
          { as: 'org3', run: [['try', ['getPrivate', 'shared', 'pd-members']]] },
          { at: 'org1' },
        );
        await s.evaluate(
          { as: 'org3', run: [['try', ['putPrivate', 'shared', 'pd-members', 'y']]] },
          { at: 'org1' },
        );
        await s.evaluate(
          { as: 'org3', run: [['try', ['delPrivate', 'shared', 'pd-members']]] },
          { at: 'org1' },
        );
        await s.evaluate({ as: 'org3', run: [['try', ['rangePrivate', 'shared', '', '']]] }, { at: 'org1' });
        await s.evaluate({ as: 'org3', run: [['getPrivateHash', 'shared', 'pd-members']] }, { at: 'org1' });
        await s.evaluate(
          { as: 'org3', run: [['try', ['purgePrivate', 'shared', 'pd-members']]] },
          { at: 'org1' },
        );
        await s.evaluate(
          { as: 'org3', run: [['try', ['setPrivatePolicy', 'shared', 'pd-members', 'Org1MSP']]] },
          { at: 'org1' },
        );
        await s.evaluate(
          { as: 'org3', run: [['try', ['getPrivatePolicy', 'shared', 'pd-members']]] },
          { at: 'org1' },
        );
      },
    },
    {
      name: 'collections that do not exist',
      row,
      run: async (s) => {
        await s.evaluate({ run: [['try', ['getPrivate', 'nothing', 'a']]] });
        await s.evaluate({ run: [['try', ['putPrivate', 'nothing', 'a', 'b']]] });
        await s.evaluate({ run: [['try', ['getPrivateHash', 'nothing', 'a']]] });
        await s.evaluate({ run: [['try', ['delPrivate', 'nothing', 'a']]] });
        await s.evaluate({ run: [['try', ['purgePrivate', 'nothing', 'a']]] });
        await s.evaluate({ run: [['try', ['rangePrivate', 'nothing', 'a', 'b']]] });
        await s.evaluate({ run: [['getPrivate', 'nothing', 'a']] });
        await s.evaluate({ run: [['try', ['getPrivate', '_implicit_org_Org9MSP', 'a']]] });
      },
    },
    {
      name: 'private keys that cannot be',
      row: '5.3',
      run: async (s) => {
        await s.evaluate({ run: [['try', ['putPrivate', 'open', '', 'b']]] });
        await s.evaluate({ run: [['try', ['putPrivate', '', 'a', 'b']]] });
        await s.evaluate({ run: [['try', ['getPrivate', 'open', '']]] });
      },
    },
    {
      name: 'deleting a private key',
      row,
      run: async (s) => {
        await s.transact({ run: [['putPrivate', 'open', 'pd-del', 'x']] }, own);
        await s.transact({ run: [['delPrivate', 'open', 'pd-del']] }, own);
        await s.evaluate({
          run: [
            ['getPrivate', 'open', 'pd-del'],
            ['getPrivateHash', 'open', 'pd-del'],
          ],
        });
        await s.transact({ run: [['delPrivate', 'open', 'pd-never']] }, own);
      },
    },
    {
      name: 'purging a private key',
      row,
      run: async (s) => {
        await s.transact({ run: [['putPrivate', 'open', 'pd-purge', 'x']] }, own);
        await s.transact({ run: [['purgePrivate', 'open', 'pd-purge']] }, own);
        await s.evaluate({
          run: [
            ['getPrivate', 'open', 'pd-purge'],
            ['getPrivateHash', 'open', 'pd-purge'],
          ],
        });
        await s.deliver({ content: 'private', start: 1, stop: 2 });
        await s.transact({ run: [['putPrivate', 'open', 'pd-purge', 'again']] }, own);
        await s.evaluate({ run: [['getPrivate', 'open', 'pd-purge']] });
      },
    },
    {
      name: 'an empty private value',
      row,
      run: async (s) => {
        await s.transact({ run: [['putPrivate', 'open', 'pd-empty', 'x']] }, own);
        await s.transact({ run: [['putPrivate', 'open', 'pd-empty', '']] }, own);
        await s.evaluate({
          run: [
            ['getPrivate', 'open', 'pd-empty'],
            ['getPrivateHash', 'open', 'pd-empty'],
          ],
        });
      },
    },
    {
      name: 'an own write is not read back',
      row,
      run: async (s) => {
        await s.propose({
          run: [
            ['putPrivate', 'open', 'pd-own', 'x'],
            ['getPrivate', 'open', 'pd-own'],
            ['getPrivateHash', 'open', 'pd-own'],
          ],
        });
        await s.propose({
          run: [
            ['getPrivate', 'open', 'pd-own'],
            ['putPrivate', 'open', 'pd-own', 'x'],
            ['delPrivate', 'open', 'pd-own'],
          ],
        });
      },
    },
    {
      name: 'ranges of private data are for transactions that only read',
      row,
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['putPrivate', 'open', 'pd-range-1', 'a'],
              ['putPrivate', 'open', 'pd-range-2', 'b'],
            ],
          },
          own,
        );
        await s.propose({ run: [['rangePrivate', 'open', 'pd-range-', 'pd-range-~']] });
        await s.propose({
          run: [
            ['rangePrivate', 'open', 'pd-range-', 'pd-range-~'],
            ['try', ['put', 'pd-x', 'y']],
          ],
        });
        await s.propose({
          run: [
            ['rangePrivate', 'open', 'pd-range-', 'pd-range-~'],
            ['try', ['putPrivate', 'open', 'pd-x', 'y']],
          ],
        });
        await s.propose({
          run: [
            ['put', 'pd-x', 'y'],
            ['try', ['rangePrivate', 'open', 'pd-range-', 'pd-range-~']],
          ],
        });
        await s.propose({
          run: [
            ['putPrivate', 'open', 'pd-x', 'y'],
            ['try', ['rangePrivate', 'open', 'pd-range-', 'pd-range-~']],
          ],
        });
      },
    },
    {
      name: 'an implicit collection belongs to its organization',
      row,
      run: async (s) => {
        await s.transact({ run: [['putPrivate', implicit, 'pd-implicit', 'x']] }, own);
        await s.evaluate({ run: [['getPrivate', implicit, 'pd-implicit']] });
        await s.evaluate({ as: 'org2', run: [['getPrivateHash', implicit, 'pd-implicit']] });
        await s.evaluate({ as: 'org2', run: [['try', ['getPrivate', implicit, 'pd-implicit']]] });
        await s.evaluate({ as: 'org2', run: [['getPrivate', implicit, 'pd-implicit']] }, { at: 'org1' });
        await s.transact({ chaincode: 'probes', run: [['putPrivate', implicit, 'pd-implicit', 'y']] }, own);
      },
    },
    {
      name: 'a collection’s own policy, met and not met',
      row: '5.6',
      run: async (s) => {
        await s.transact({ run: [['putPrivate', 'sealed', 'pd-sealed', 'x']] }, own);
        await s.transact({ chaincode: 'probes', run: [['putPrivate', 'sealed', 'pd-sealed', 'x']] }, own);
        await s.transact(
          {
            run: [
              ['putPrivate', 'sealed', 'pd-sealed', 'x'],
              ['put', 'pd-sealed-too', 'x'],
            ],
            chaincode: 'probes',
          },
          own,
        );
      },
    },
    {
      name: 'more peers must hold the data than there are',
      row,
      run: async (s) => {
        await s.propose({ run: [['putPrivate', 'demanding', 'pd-demanding', 'x']] });
        await s.endorse({ run: [['putPrivate', 'demanding', 'pd-demanding', 'x']] }, own);
      },
    },
    {
      name: 'blocks to live',
      row,
      run: async (s) => {
        await s.transact({ run: [['putPrivate', 'brief', 'pd-brief', 'x']] }, own);
        await s.evaluate({
          run: [
            ['getPrivate', 'brief', 'pd-brief'],
            ['getPrivateHash', 'brief', 'pd-brief'],
          ],
        });
        for (const value of ['1', '2', '3']) {
          await s.transact({ run: [['put', 'pd-time', value]] }, own);
          await s.evaluate({
            run: [
              ['getPrivate', 'brief', 'pd-brief'],
              ['getPrivateHash', 'brief', 'pd-brief'],
            ],
          });
        }
      },
    },
    {
      name: 'private reads that another transaction overtook',
      row: '5.6',
      run: async (s) => {
        await s.transact(
          { channel: channels.batch, chaincode: 'batched', run: [['putPrivate', 'open', 'pd-race', '0']] },
          own,
        );
        await s.together(
          [
            {
              run: [
                ['getPrivate', 'open', 'pd-race'],
                ['putPrivate', 'open', 'pd-race', '1'],
              ],
            },
            {
              run: [
                ['getPrivate', 'open', 'pd-race'],
                ['putPrivate', 'open', 'pd-race', '2'],
              ],
            },
            {
              run: [
                ['getPrivateHash', 'open', 'pd-race'],
                ['put', 'pd-raced', '3'],
              ],
            },
            { run: [['putPrivate', 'open', 'pd-race', '4']] },
          ],
          own,
        );
        await s.evaluate({
          channel: channels.batch,
          chaincode: 'batched',
          run: [['getPrivate', 'open', 'pd-race']],
        });
      },
    },
    {
      name: 'blocks with private data, for those who may have it',
      row: '5.7',
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['putPrivate', 'open', 'pd-block', 'x'],
              ['putPrivate', 'sealed', 'pd-block', 'y'],
              ['putPrivate', implicit, 'pd-block', 'z'],
            ],
          },
          own,
        );
        await s.deliver({ content: 'private', start: 1, stop: 1 });
        await s.deliver({ content: 'private', start: 1, stop: 1, as: 'org3' });
        await s.deliver({ content: 'private', start: 1, stop: 1, as: 'org2', at: 'org1' });
      },
    },
  ],
};
