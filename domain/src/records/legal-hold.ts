import { VitaledgerError } from '../errors/vitaledger-error.js';
import type { Change } from './change.js';

/** An order to keep a patient's records, or some of them, whatever else would erase them: litigation, an inquiry. */
export interface LegalHold {
  readonly hold: string;
  /** Record ids; all of the patient's when absent. */
  readonly records?: readonly string[];
  readonly placed: Change;
  readonly released?: Change;
}

/** The holds on a patient's records at a custodian, one document. */
export interface LegalHolds {
  readonly patient: string;
  readonly holds: readonly LegalHold[];
  readonly salt: string;
}

export const MAX_HOLDS = 200;

export function placeHold(before: LegalHolds | undefined, hold: LegalHold): readonly LegalHold[] {
  const holds = before?.holds ?? [];
  if (holds.some((other) => other.hold === hold.hold)) {
    throw new VitaledgerError('ALREADY_EXISTS', 'A hold with this id exists; make a new random id.', {
      what: 'hold',
    });
  }
  if (holds.length >= MAX_HOLDS) {
    throw new VitaledgerError('PRECONDITION_FAILED', `A patient has at most ${MAX_HOLDS} holds.`, {
      reason: 'TOO_MANY_HOLDS',
    });
  }
  return [...holds, hold];
}

export function releaseHold(
  before: LegalHolds | undefined,
  id: string,
  released: Change,
): readonly LegalHold[] {
  const holds = before?.holds ?? [];
  const found = holds.find(({ hold }) => hold === id);
  if (!found) throw new VitaledgerError('NOT_FOUND', 'There is no such hold here.', { what: 'hold' });
  if (found.released) {
    throw new VitaledgerError('PRECONDITION_FAILED', 'This hold was released already.', {
      reason: 'RELEASED',
    });
  }
  return holds.map((hold) => (hold === found ? { ...hold, released } : hold));
}

/** How many holds in force keep a record. */
export function holdsOn(holds: LegalHolds | undefined, record: string): number {
  return (holds?.holds ?? []).filter(
    ({ released, records }) => !released && (records === undefined || records.includes(record)),
  ).length;
}

/** @throws VitaledgerError `PRECONDITION_FAILED` (`LEGAL_HOLD`) where a hold keeps the record, whatever the ground. */
export function refuseHeld(holds: LegalHolds | undefined, record: string): void {
  if (holdsOn(holds, record) === 0) return;
  throw new VitaledgerError(
    'PRECONDITION_FAILED',
    'A legal hold keeps this record (Regulation (EU) 2016/679 art. 17(3)(e), and alike elsewhere); an auditor must release the hold first.',
    { reason: 'LEGAL_HOLD', citation: 'Regulation (EU) 2016/679 art. 17(3)(e)' },
  );
}
