import { channels } from '../network.js';
import type { ProposalSpec } from '../proposal.js';
import type { SystemCall } from '../system-calls.js';
import type { CaseGroup, ConformanceCase } from './case.js';

const row = '5.9';

/** `cscc` is asked without a channel, as the `peer` command does. */
const ask = (system: SystemCall, options: Partial<ProposalSpec> = {}): ProposalSpec => ({
  chaincode: 'cscc',
  flaw: 'no channel',
  system,
  ...options,
});

const asked = (name: string, specs: readonly ProposalSpec[]): ConformanceCase => ({
  name,
  row,
  run: async (s) => {
    for (const spec of specs) await s.propose(spec);
  },
});

/** Fabric's `cscc`. */
export const configurationCases: CaseGroup = {
  name: 'cscc',
  cases: [
    asked('the channels of a peer', [
      ask({ name: 'GetChannels', flaw: 'none' }),
      ask({ name: 'GetChannels', flaw: 'none' }, { as: 'org1/Admin' }),
    ]),
    {
      name: 'the channels of a peer of another organization',
      row: '5.8',
      run: async (s) => {
        await s.propose(ask({ name: 'GetChannels', flaw: 'none' }, { as: 'org2' }), { at: 'org1' });
        await s.propose(
          { chaincode: 'cscc', system: { name: 'GetChannels', flaw: 'none' }, as: 'org2' },
          { at: 'org1' },
        );
      },
    },
    asked('the configuration of a channel', [
      ask({ name: 'GetConfigBlock', text: ['main'] }),
      ask({ name: 'GetChannelConfig', text: ['main'] }),
      ask({ name: 'GetConfigBlock', text: [channels.guarded] }, { as: 'org1/Admin' }),
    ]),
    asked('the configuration of a channel that there is not', [
      ask({ name: 'GetConfigBlock', text: ['nowhere'] }),
      ask({ name: 'GetChannelConfig', text: ['nowhere'] }),
      ask({ name: 'GetChannelConfig', text: [''] }),
    ]),
    asked('the configuration of a restricted channel, for a client', [
      ask({ name: 'GetConfigBlock', text: [channels.guarded] }),
      ask({ name: 'GetChannelConfig', text: [channels.guarded] }),
    ]),
    asked('a channel joined with garbage', [
      ask({ name: 'JoinChain', flaw: 'garbage' }, { as: 'org1/Admin' }),
    ]),
    asked('a status of joining by snapshot', [
      ask({ name: 'JoinBySnapshotStatus', flaw: 'none' }, { as: 'org1/Admin' }),
      ask({ name: 'JoinBySnapshotStatus', flaw: 'none' }),
      ask({ name: 'JoinChainBySnapshot', text: [''] }, { as: 'org1/Admin' }),
      ask({ name: 'JoinChainBySnapshot', text: ['x'] }),
    ]),
    asked('questions that are none', [
      ask({ name: 'Nothing', text: ['main'] }),
      ask({ name: 'GetConfigBlock', flaw: 'none' }),
    ]),
    {
      name: 'a question through the gateway',
      row: '5.1',
      run: async (s) => {
        await s.evaluate({ chaincode: 'cscc', system: { name: 'GetChannelConfig', text: ['nowhere'] } });
        await s.endorse({ chaincode: 'cscc', system: { name: 'GetChannels', flaw: 'none' } });
      },
    },
  ],
};
