import { dirname } from 'node:path';
import { isId, parseJson, VitaledgerError } from '@vitaledger/domain';
import { formatFillToken, parseFillToken, type FillToken } from '../../prescriptions/prescription-token.js';
import { DurableFiles } from '../../vault/durable-file.js';
import { readPrivateFile } from '../private-file.js';
import { writePrivate } from './token-files.js';

/** What a pharmacy keeps between reading a prescription and handing out, and after it for the rest. */
export interface RedemptionNote {
  readonly token: FillToken;
  /** Id of the redemption. */
  readonly receipt: string;
  /** Id of the dispense, chosen before its first attempt, so that another attempt is the same dispense. */
  readonly dispense?: string;
}

/** Keeps the note in a new file that only its owner can read. */
export function createRedemptionFile(file: string, note: RedemptionNote): Promise<void> {
  return writePrivate(file, textOf(note));
}

export async function replaceRedemptionFile(file: string, note: RedemptionNote): Promise<void> {
  await new DurableFiles(dirname(file)).replace(file, Buffer.from(`${textOf(note)}\n`));
}

/** @throws VitaledgerError `NOT_FOUND`, `INVALID_ARGUMENT`, `PRECONDITION_FAILED` (others may read the file) */
export async function readRedemptionFile(file: string): Promise<RedemptionNote> {
  const text = await readPrivateFile(file, 'a prescription that was redeemed');
  const { token, receipt, dispense } = parseJson(text, file) as Partial<Record<string, unknown>>;
  const hasDispense = dispense === undefined || isId(dispense);
  if (typeof token !== 'string' || typeof receipt !== 'string' || !hasDispense) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `${file} is not what was written by: vitaledger prescription redeem --output <file>`,
    );
  }
  return { token: parseFillToken(token), receipt, ...(dispense === undefined ? {} : { dispense }) };
}

/** The dispense that was begun with a redemption. Throws `PRECONDITION_FAILED` when none was. */
export async function readDispense(file: string): Promise<string> {
  const { dispense } = await readRedemptionFile(file);
  if (dispense !== undefined) return dispense;
  throw new VitaledgerError('PRECONDITION_FAILED', 'Nothing was dispensed with this redemption yet');
}

function textOf({ token, ...rest }: RedemptionNote): string {
  return JSON.stringify({ token: formatFillToken(token), ...rest }, undefined, 2);
}
