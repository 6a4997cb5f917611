import { stat } from 'node:fs/promises';
import { VitaledgerError } from '@vitaledger/domain';
import { readTextFile } from './json-file.js';

const anybodyElse = 0o077;

/**
 * Text of a file that holds a secret; `-` is standard input.
 *
 * @param what what others may not read, for the message
 * @throws VitaledgerError `NOT_FOUND`, `PRECONDITION_FAILED` (others may read the file)
 */
export async function readPrivateFile(file: string, what: string): Promise<string> {
  const text = await readTextFile(file);
  if (file !== '-' && (await isOpenToOthers(file))) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `Others may read ${what}: ${file}. Make it private: chmod 600`,
    );
  }
  return text;
}

/** Whether another user of this machine may do anything with the file. Windows has no such permission bits. */
export async function isOpenToOthers(file: string): Promise<boolean> {
  return process.platform !== 'win32' && ((await stat(file)).mode & anybodyElse) !== 0;
}
