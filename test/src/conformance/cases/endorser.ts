import { channels } from '../network.js';
import type { ProposalFlaw } from '../proposal.js';
import type { CaseGroup } from './case.js';

const row = '5.2';

const flaws: readonly ProposalFlaw[] = [
  'header type',
  'epoch',
  'no nonce',
  'no creator',
  'malformed creator',
  'unknown organization',
  'foreign certificate',
  'txid',
  'no txid',
  'no signature',
  'garbage signature',
  'signature of another',
  'high S',
  'no channel',
  'no extension',
  'garbage extension',
  'no chaincode id',
  'no chaincode name',
  'other chaincode in extension',
  'no spec',
  'no input',
  'garbage payload',
  'garbage header',
  'garbage proposal',
  'timestamp',
  'no timestamp',
];

export const endorser: CaseGroup = {
  name: 'endorser',
  cases: [
    ...flaws.map((flaw) => ({
      name: `a proposal with ${flaw}`,
      row,
      run: async (s: Parameters<CaseGroup['cases'][number]['run']>[0]) => {
        await s.propose({ run: [['get', 'en-flaw']], flaw });
      },
    })),
    {
      name: 'an endorsement and what is signed',
      row,
      run: async (s) => {
        await s.propose({
          run: [
            ['put', 'en-put', 'value'],
            ['get', 'en-other'],
          ],
        });
        await s.propose({ run: [['context'], ['creator']], as: 'org2' }, { at: 'org3' });
      },
    },
    ...[200, 201, 299, 399, 400, 499, 500, 599].map((status) => ({
      name: `a chaincode that answers ${String(status)}`,
      row,
      run: async (s: Parameters<CaseGroup['cases'][number]['run']>[0]) => {
        await s.propose({
          run: [
            ['put', 'en-status', 'x'],
            ['event', 'e', 'p'],
            ['answer', status, 'some message', 'some payload'],
          ],
        });
      },
    })),
    {
      name: 'a chaincode that was never defined, and a channel that nobody joined',
      row,
      run: async (s) => {
        await s.propose({ chaincode: 'nothing', run: [['get', 'a']] });
        await s.propose({ channel: 'nowhere', run: [['get', 'a']] });
        await s.propose({ channel: channels.batch, chaincode: 'any', run: [['get', 'a']] });
      },
    },
    {
      name: 'the same proposal again, before and after it was committed',
      row,
      run: async (s) => {
        const proposal = await s.propose({ run: [['put', 'en-again', '1']] });
        await s.propose({ run: [['put', 'en-again', '1']] }, {}, proposal);
        const prepared = await s.endorse({ run: [['put', 'en-again', '1']] }, {}, proposal);
        await s.submit(prepared!);
        await s.status(prepared!.txId, channels.main);
        await s.propose({ run: [['put', 'en-again', '1']] }, {}, proposal);
        await s.endorse({ run: [['put', 'en-again', '1']] }, {}, proposal);
        await s.evaluate({ run: [['get', 'en-again']] });
      },
    },
    {
      name: 'a chaincode with arguments it does not know',
      row,
      run: async (s) => {
        await s.propose({ args: ['nothing'] });
        await s.propose({ args: [] });
        await s.propose({ args: ['run', 'no JSON'] });
      },
    },
    {
      name: 'a chaincode that ends while it executes',
      row,
      run: async (s) => {
        await s.propose({ chaincode: 'guarded', channel: channels.guarded, run: [['exit']] }, { at: 'org3' });
      },
    },
  ],
};
