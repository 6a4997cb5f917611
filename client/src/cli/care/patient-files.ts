import { dirname } from 'node:path';
import { parseJson, VitaledgerError } from '@vitaledger/domain';
import type { PatientKey, PatientKeyExport } from '../../patient/patient-key.js';
import { parseToken, type PatientToken } from '../../patient/patient-token.js';
import { DurableFiles, isTaken, one } from '../../vault/durable-file.js';
import { readTextFile } from '../json-file.js';
import { readPrivateFile } from '../private-file.js';

/** Makes the file of a new patient's key; only its owner may read it. Throws `ALREADY_EXISTS`: a key is never overwritten. */
export async function createKeyFile(file: string, key: PatientKey): Promise<void> {
  try {
    await new DurableFiles(dirname(file)).create(file, one(await contentOf(key)));
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new VitaledgerError('ALREADY_EXISTS', `The file is there already, and may hold a key: ${file}`);
  }
}

/**
 * Works with the key in a file. What the key learns meanwhile (where its chains of statements stand) is kept, also when the work
 * fails: a statement that was accepted must be followed by the next one.
 *
 * @throws VitaledgerError `NOT_FOUND`, `INVALID_ARGUMENT` (no patient key), `PRECONDITION_FAILED` (others may read the file)
 */
export async function withKeyFile<T>(file: string, work: (key: PatientKey) => Promise<T>): Promise<T> {
  const key = await readKeyFile(file);
  const before = await contentOf(key);
  try {
    return await work(key);
  } finally {
    const after = await contentOf(key);
    if (!before.equals(after)) await new DurableFiles(dirname(file)).replace(file, after);
  }
}

async function readKeyFile(file: string): Promise<PatientKey> {
  const text = await readPrivateFile(file, "the patient's key");
  return (await patientKeys()).import(parseJson(text, file) as PatientKeyExport);
}

/**
 * Tokens from the command line: each is a token, or the path of a file with one on each line.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT`, `NOT_FOUND`
 */
export async function readTokens(given: readonly string[]): Promise<readonly PatientToken[]> {
  const texts = await Promise.all(
    given.map(async (text) => (text.includes(':') ? [text] : (await readTextFile(text)).split('\n'))),
  );
  const tokens = texts.flat().filter((text) => text.trim() !== '');
  if (tokens.length === 0) throw new VitaledgerError('INVALID_ARGUMENT', 'No patient token is given');
  return tokens.map(parseToken);
}

/** The one token that a command is about. */
export async function readToken(given: string): Promise<PatientToken> {
  const [token, ...others] = await readTokens([given]);
  if (token === undefined || others.length > 0) {
    throw new VitaledgerError('INVALID_ARGUMENT', `Exactly one patient token is needed; ${given} holds more`);
  }
  return token;
}

async function contentOf(key: PatientKey): Promise<Buffer> {
  return Buffer.from(`${JSON.stringify(await key.export(), undefined, 2)}\n`);
}

/** Loaded only where keys are used, so that every other command starts at once. */
export async function patientKeys(): Promise<typeof PatientKey> {
  return (await import('../../patient/patient-key.js')).PatientKey;
}
