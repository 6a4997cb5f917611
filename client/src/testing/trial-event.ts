import type { TrialEvent } from '../events/trial-events.js';

const registered = '2026-03-01T12:00:00.000Z';

/** Registers, approves and amends trials in turn: event 3n, 3n + 1 and 3n + 2 are of trial n. */
export function trialEvent(number: number): TrialEvent {
  const [trial, transactionId] = [`T${Math.floor(number / 3)}`, `tx${number}`];
  const position = { block: BigInt(number + 5), transactionId };
  const record = (title: string) => ({ protocolSection: { identificationModule: { briefTitle: title } } });
  const version = (title: string) => ({ record: record(title), changes: [], digest: `d${title}` });
  const common = { trial, transactionId, position, instant: registered };
  const kinds: readonly TrialEvent[] = [
    {
      ...common,
      ...{ action: 'submit', status: 'submitted', version: 1, organization: 'ResearchMSP' },
      added: version('First'),
    },
    { ...common, ...{ action: 'approve', status: 'registered', version: 1, organization: 'EthicsMSP' } },
    {
      ...common,
      ...{ action: 'amend', status: 'registered', version: 2, organization: 'ResearchMSP', reason: 'Sites' },
      added: version('Second'),
    },
  ];
  const kind = kinds[number % 3];
  if (!kind) throw new Error('events are numbered from 0');
  return kind;
}
