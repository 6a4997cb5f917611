import { isId, VitaledgerError } from '@vitaledger/domain';
import type { FindPatient } from '../../exchange/read-resource.js';
import type { Vitaledger } from '../../connect.js';
import { readTextFile } from '../json-file.js';
import { ownPatient } from './own-patient.js';

/**
 * Who is who: a line for each patient, what a system calls them, then token or id at one's own organization, as in
 * `Patient/17 vitaledger:HospitalMSP:77d0…`. What is a token or id itself needs no line.
 *
 * @param file undefined where there is no such list
 * @throws VitaledgerError `NOT_FOUND`, `INVALID_ARGUMENT` with the line
 */
export async function patientList(ledger: Vitaledger, file: string | undefined): Promise<FindPatient> {
  const known = new Map<string, string>();
  const lines = file === undefined ? [] : (await readTextFile(file)).split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [name, given, ...rest] = line.trim().split(/\s+/);
    if (name === undefined || given === undefined || rest.length > 0) throw noSuchLine(index);
    known.set(name, await ownPatient(ledger, given));
  }
  return (subject) => known.get(subject) ?? named(ledger, subject);
}

async function named(ledger: Vitaledger, subject: string): Promise<string | undefined> {
  const isToken = subject.startsWith('vitaledger:');
  return isToken || isId(subject) ? ownPatient(ledger, subject) : undefined;
}

function noSuchLine(index: number): VitaledgerError {
  return new VitaledgerError(
    'INVALID_ARGUMENT',
    `Line ${String(index + 1)} of the patients must be a name, such as Patient/17, and a token or id`,
    { line: index + 1 },
  );
}
