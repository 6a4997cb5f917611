import type { CaseGroup } from './case.js';

const row = '5.9';

export const queries: CaseGroup = {
  name: 'qscc',
  cases: [
    {
      name: 'the chain’s height and hashes',
      row,
      run: async (s) => {
        await s.transact({ run: [['put', 'qs-1', '1']] });
        await s.query('GetChainInfo', ['main']);
      },
    },
    {
      name: 'blocks by number and by transaction',
      row,
      run: async (s) => {
        const id = await s.transact({
          run: [
            ['put', 'qs-2', '1'],
            ['event', 'e', 'p'],
          ],
        });
        await s.query('GetBlockByNumber', ['main', 1]);
        await s.query('GetBlockByTxID', ['main', id]);
        await s.query('GetTransactionByID', ['main', id]);
      },
    },
    {
      name: 'an invalid transaction is found too',
      row,
      run: async (s) => {
        const id = await s.transact(
          { chaincode: 'probes', run: [['put', 'qs-3', '1']] },
          { organizations: ['Org1MSP'] },
        );
        await s.query('GetTransactionByID', ['main', id]);
      },
    },
    {
      name: 'blocks that are not there',
      row,
      run: async (s) => {
        await s.query('GetBlockByNumber', ['main', '1000000']);
        await s.query('GetBlockByNumber', ['main', 'x']);
        await s.query('GetBlockByNumber', ['main', '-1']);
        await s.query('GetBlockByNumber', ['main', '']);
        await s.query('GetBlockByNumber', ['main', '18446744073709551616']);
        await s.query('GetBlockByHash', ['main', 'abc']);
        await s.query('GetBlockByHash', ['main', '']);
      },
    },
    {
      name: 'transactions that are not there',
      row,
      run: async (s) => {
        await s.query('GetTransactionByID', ['main', 'unknown']);
        await s.query('GetTransactionByID', ['main', '']);
        await s.query('GetBlockByTxID', ['main', 'unknown']);
      },
    },
    {
      name: 'questions with arguments missing',
      row,
      run: async (s) => {
        await s.query('GetChainInfo', []);
        await s.query('GetBlockByNumber', ['main']);
        await s.query('GetTransactionByID', ['main']);
        await s.query('GetChainInfo', ['nowhere']);
        await s.query('GetNothing', ['main', 'x']);
        await s.query('GetNothing', ['main']);
        await s.query('GetChainInfo', ['']);
      },
    },
    {
      name: 'more arguments than needed',
      row,
      run: async (s) => {
        await s.query('GetTransactionByID', ['main', 'unknown', 'more']);
      },
    },
    {
      name: 'an endorser signs the answer of a system chaincode',
      row: '5.2',
      run: async (s) => {
        await s.propose({ chaincode: 'qscc', args: ['GetTransactionByID', 'main', 'unknown'] });
        await s.endorse({ chaincode: 'qscc', args: ['GetTransactionByID', 'main', 'unknown'] });
      },
    },
  ],
};
