import { channels } from '../network.js';
import type { CaseGroup } from './case.js';

const row = '2';
const own = { organizations: ['Org1MSP'] };
const both = { organizations: ['Org1MSP', 'Org2MSP'] };

export const keyPolicies: CaseGroup = {
  name: 'key-policies',
  cases: [
    {
      name: 'a key’s policy replaces the chaincode’s',
      row,
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['put', 'kp-a', '1'],
              ['setPolicy', 'kp-a', 'Org1MSP', 'Org2MSP'],
            ],
          },
          own,
        );
        await s.evaluate({
          run: [
            ['getPolicy', 'kp-a'],
            ['getPolicy', 'kp-none'],
          ],
        });
        await s.transact({ run: [['put', 'kp-a', '2']] }, own);
        await s.transact({ run: [['put', 'kp-a', '3']] }, both);
        await s.evaluate({ run: [['get', 'kp-a']] });
      },
    },
    {
      name: 'a weaker policy than the chaincode’s',
      row,
      run: async (s) => {
        await s.transact(
          {
            chaincode: 'probes',
            run: [
              ['put', 'kp-weak', '1'],
              ['setPolicy', 'kp-weak', 'Org1MSP'],
            ],
          },
          both,
        );
        await s.transact({ chaincode: 'probes', run: [['put', 'kp-weak', '2']] }, own);
        await s.transact(
          {
            chaincode: 'probes',
            run: [
              ['put', 'kp-weak', '3'],
              ['put', 'kp-other', '3'],
            ],
          },
          own,
        );
      },
    },
    {
      name: 'the gateway plans for keys with policies',
      row: '5.1',
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['put', 'kp-plan', '1'],
              ['setPolicy', 'kp-plan', 'Org2MSP', 'Org3MSP'],
            ],
          },
          own,
        );
        await s.propose({ run: [['put', 'kp-plan', '2']] });
        await s.propose({
          run: [
            ['put', 'kp-plan', '2'],
            ['put', 'kp-free', '2'],
          ],
        });
        await s.propose({ run: [['get', 'kp-plan']] });
        await s.propose({ run: [['setPolicy', 'kp-plan', 'Org1MSP']] });
      },
    },
    {
      name: 'changing a policy needs the old one',
      row,
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['put', 'kp-change', '1'],
              ['setPolicy', 'kp-change', 'Org1MSP', 'Org2MSP'],
            ],
          },
          own,
        );
        await s.transact({ run: [['setPolicy', 'kp-change', 'Org1MSP']] }, own);
        await s.transact({ run: [['setPolicy', 'kp-change', 'Org1MSP']] }, both);
        await s.transact({ run: [['put', 'kp-change', '2']] }, own);
      },
    },
    {
      name: 'a policy is taken away',
      row,
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['put', 'kp-gone', '1'],
              ['setPolicy', 'kp-gone', 'Org1MSP', 'Org2MSP'],
            ],
          },
          own,
        );
        await s.transact({ run: [['setPolicy', 'kp-gone']] }, both);
        await s.evaluate({ run: [['getPolicy', 'kp-gone']] });
        await s.transact({ run: [['put', 'kp-gone', '2']] }, own);
      },
    },
    {
      name: 'deleting a key takes its policy away',
      row,
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['put', 'kp-del', '1'],
              ['setPolicy', 'kp-del', 'Org1MSP', 'Org2MSP'],
            ],
          },
          own,
        );
        await s.transact({ run: [['del', 'kp-del']] }, own);
        await s.transact({ run: [['del', 'kp-del']] }, both);
        await s.transact({ run: [['put', 'kp-del', '2']] }, own);
        await s.evaluate({
          run: [
            ['getPolicy', 'kp-del'],
            ['get', 'kp-del'],
          ],
        });
      },
    },
    {
      name: 'a policy of a key that does not exist does nothing',
      row: '5.6',
      run: async (s) => {
        await s.transact({ run: [['setPolicy', 'kp-missing', 'Org2MSP']] }, own);
        await s.evaluate({ run: [['getPolicy', 'kp-missing']] });
        await s.transact({ run: [['put', 'kp-missing', '1']] }, own);
      },
    },
    {
      name: 'a value and a policy in one transaction, in either order',
      row: '5.4',
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['setPolicy', 'kp-order', 'Org1MSP'],
              ['put', 'kp-order', '1'],
            ],
          },
          own,
        );
        await s.evaluate({
          run: [
            ['getPolicy', 'kp-order'],
            ['get', 'kp-order'],
          ],
        });
        await s.propose({
          run: [
            ['setPolicy', 'kp-order', 'Org1MSP'],
            ['getPolicy', 'kp-order'],
            ['setPolicy', 'kp-order', 'Org2MSP'],
          ],
        });
      },
    },
    {
      name: 'a policy that changes within a block',
      row,
      run: async (s) => {
        const setup = { channel: channels.batch, chaincode: 'batched' } as const;
        await s.transact({ ...setup, run: [['put', 'kp-block', '1']] }, own);
        await s.together(
          [
            { run: [['setPolicy', 'kp-block', 'Org1MSP']] },
            { run: [['put', 'kp-block', '2']] },
            { run: [['put', 'kp-elsewhere', '2']] },
          ],
          own,
        );
        await s.deliver({ channel: channels.batch, content: 'filtered', start: 2, stop: 2 });
        await s.evaluate({ ...setup, run: [['get', 'kp-block']] });
      },
    },
    {
      name: 'a key’s version changes with its policy',
      row: '5.6',
      run: async (s) => {
        const setup = { channel: channels.batch, chaincode: 'batched' } as const;
        await s.transact({ ...setup, run: [['put', 'kp-version', '1']] }, own);
        await s.together(
          [
            { run: [['setPolicy', 'kp-version', 'Org1MSP']] },
            {
              run: [
                ['get', 'kp-version'],
                ['put', 'kp-seen', '2'],
              ],
            },
          ],
          own,
        );
        await s.evaluate({
          ...setup,
          run: [
            ['get', 'kp-version'],
            ['history', 'kp-version'],
          ],
        });
      },
    },
    {
      name: 'policies of private keys',
      row,
      run: async (s) => {
        await s.transact(
          {
            run: [
              ['putPrivate', 'open', 'kp-private', '1'],
              ['setPrivatePolicy', 'open', 'kp-private', 'Org1MSP', 'Org2MSP'],
            ],
          },
          own,
        );
        await s.evaluate({ run: [['getPrivatePolicy', 'open', 'kp-private']] });
        await s.transact({ run: [['putPrivate', 'open', 'kp-private', '2']] }, own);
        await s.transact({ run: [['putPrivate', 'open', 'kp-private', '3']] }, both);
        await s.propose({ run: [['putPrivate', 'open', 'kp-private', '4']] });
      },
    },
  ],
};
