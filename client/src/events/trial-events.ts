import {
  VitaledgerError,
  type FieldChange,
  type TrialAction,
  type TrialRecord,
  type TrialStatus,
} from '@vitaledger/domain';
import type { EventPosition } from '../connection/follow.js';
import type { Passed } from './checkpoint.js';
import type { BlockTransaction, LedgerBlock, PublicWrite } from './ledger-block.js';

/** Something that was done with a trial, and committed. */
export interface TrialEvent {
  /** `submit`: registered, or submitted again; `approve`, `reject`; `amend`; a step of its life, such as `recruit`, `post-results`. */
  readonly action: TrialAction;
  /** The registry's own number. */
  readonly trial: string;
  /** After it. */
  readonly status: TrialStatus;
  /** The latest version after it. */
  readonly version: number;
  /** When the ledger was told. */
  readonly instant: string;
  /** MSP id of who did it. */
  readonly organization: string;
  readonly reason?: string;
  /** The version that it added, if it added one. */
  readonly added?: AddedVersion;
  readonly transactionId: string;
  /** To go on behind it later. */
  readonly position: EventPosition;
}

/** A version that was added to a trial. */
export interface AddedVersion {
  readonly record: TrialRecord;
  readonly changes: readonly FieldChange[];
  /** SHA-256 of the canonical record. */
  readonly digest: string;
  /** Since when, or from when on, it is in force; absent when that is the event's instant. */
  readonly effective?: string;
}

/** A step as the ledger keeps it. */
type Step = Pick<TrialEvent, 'action' | 'status' | 'version' | 'instant' | 'organization' | 'reason'>;

const steps = 'trial-steps/';

/**
 * What was done with trials, read from what the registry's chaincode wrote. Begins behind `after`, whose block the blocks begin with.
 */
export async function* trialEvents(
  blocks: AsyncIterable<LedgerBlock>,
  chaincode: string,
  after: EventPosition | undefined,
): AsyncGenerator<Passed<TrialEvent>> {
  for await (const block of blocks) {
    for (const transaction of unseen(block, after)) {
      for (const event of unseenOf(transaction, eventsOf(transaction, chaincode), after)) {
        yield { behind: event.position, event };
      }
    }
    yield { behind: { block: block.number + 1n } };
  }
}

function unseen({ number, transactions }: LedgerBlock, after: EventPosition | undefined) {
  if (after?.transactionId === undefined || after.block !== number) return transactions;
  const seen = transactions.findIndex(({ transactionId }) => transactionId === after.transactionId);
  // Of what was handled only in part the rest is still to come.
  if (seen >= 0) return transactions.slice(after.trial === undefined ? seen + 1 : seen);
  throw new VitaledgerError(
    'INTEGRITY',
    `Block ${number.toString()} lacks the transaction that was handled last: this is another ledger, or it was altered`,
    { block: number.toString() },
  );
}

/** Of a transaction with events of several trials, those behind the one that was handled last. */
function unseenOf(
  { transactionId, block }: BlockTransaction,
  events: readonly TrialEvent[],
  after: EventPosition | undefined,
): readonly TrialEvent[] {
  const isPart = after?.block === block && after.transactionId === transactionId;
  return isPart && after.trial !== undefined
    ? events.slice(events.findIndex(({ trial }) => trial === after.trial) + 1)
    : events;
}

/** What a transaction did: with one trial, or with several that were registered together. */
function eventsOf(transaction: BlockTransaction, chaincode: string): readonly TrialEvent[] {
  if (!transaction.isValid || !transaction.action) return [];
  const own = new Map<string, PublicWrite>();
  for (const write of transaction.action.writes) if (write.chaincode === chaincode) own.set(write.key, write);
  const trials = [...own.keys()].filter((key) => key.startsWith(steps)).map((key) => key.slice(steps.length));
  return trials.flatMap((trial, index) => {
    const isLast = index === trials.length - 1;
    return eventOf(transaction, own, trial, isLast) ?? [];
  });
}

function eventOf(
  { block, transactionId }: BlockTransaction,
  own: ReadonlyMap<string, PublicWrite>,
  trial: string,
  isLast: boolean,
): TrialEvent | undefined {
  const last = (json(own.get(`${steps}${trial}`)) as readonly Step[]).at(-1);
  if (!last) return undefined;
  const { action, status, version, instant, organization, reason } = last;
  const added = own.get(`trial-version/${trial}/${String(version).padStart(6, '0')}`);
  return {
    ...{ action, trial, status, version, instant, organization },
    ...(reason === undefined ? {} : { reason }),
    ...(added ? { added: addedVersion(json(added) as AddedVersion) } : {}),
    transactionId,
    position: { block, transactionId, ...(isLast ? {} : { trial }) },
  };
}

function addedVersion({ record, changes, digest, effective }: AddedVersion): AddedVersion {
  return { record, changes, digest, ...(effective === undefined ? {} : { effective }) };
}

/** The contracts of the consortium's own chaincode wrote it, so it is typed by its key. */
function json(write: PublicWrite | undefined): unknown {
  return JSON.parse(new TextDecoder().decode(write?.value));
}
