import { dirname } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import {
  formatPrescriptionToken,
  newPrescriptionToken,
  parseFillToken,
  parsePrescriptionToken,
  type FillToken,
  type PrescriptionToken,
} from '../../prescriptions/prescription-token.js';
import { DurableFiles, isMissing, isTaken, one } from '../../vault/durable-file.js';
import { readPrivateFile } from '../private-file.js';

/**
 * The patient's token from a file; `-` is standard input. It is not taken from the command line, which other users of the machine
 * can see.
 *
 * @throws VitaledgerError `NOT_FOUND`, `INVALID_ARGUMENT`, `PRECONDITION_FAILED` (others may read the file)
 */
export async function readPrescriptionToken(file: string): Promise<PrescriptionToken> {
  return parsePrescriptionToken(await readPrivateFile(file, 'a prescription that whoever has it can use'));
}

/** The token of one fill, as a pharmacy is shown it; as {@link readPrescriptionToken}. */
export async function readFillToken(file: string): Promise<FillToken> {
  const text = await readPrivateFile(file, 'a fill that whoever has it can make');
  if (text.trim().startsWith('vitaledger-prescription:')) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      'This is the whole prescription, which stays with the patient. They show one fill: vitaledger prescription refill',
    );
  }
  return parseFillToken(text);
}

/**
 * The token that a prescription is issued under: the one that an interrupted issue left in the file, or a new one, kept there
 * before anybody is told of it.
 */
export async function tokenToIssue(file: string, prescriber: string): Promise<PrescriptionToken> {
  try {
    return await readPrescriptionToken(file);
  } catch (error) {
    if (!(error instanceof VitaledgerError && error.code === 'NOT_FOUND')) throw error;
  }
  const token = newPrescriptionToken(prescriber);
  await writePrivate(file, formatPrescriptionToken(token));
  return token;
}

/** Writes a new file that only its owner can read. Throws `ALREADY_EXISTS`, `INVALID_ARGUMENT`. */
export async function writePrivate(file: string, text: string): Promise<void> {
  try {
    await new DurableFiles(dirname(file)).create(file, one(Buffer.from(`${text}\n`)));
  } catch (error) {
    if (isTaken(error)) throw new VitaledgerError('ALREADY_EXISTS', `The file is there already: ${file}`);
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'EACCES') {
      throw new VitaledgerError('INVALID_ARGUMENT', `The file cannot be written: ${file}`);
    }
    throw error;
  }
}
