import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { parseJson, VitaledgerError } from '@vitaledger/domain';

/** Text of a file that a user named; `-` is standard input. Throws NOT_FOUND with the file's name. */
export async function readTextFile(file: string): Promise<string> {
  try {
    return file === '-' ? await textOf(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new VitaledgerError('NOT_FOUND', `The file cannot be read: ${file} (${reason})`);
  }
}

/** JSON from a file that a user named. Throws NOT_FOUND, or INVALID_ARGUMENT with the file's name and nothing of its content. */
export async function readJsonFile(file: string): Promise<unknown> {
  return parseJson(await readTextFile(file), file);
}

/** Makes a file that only its owner can read, and that was not there. Throws ALREADY_EXISTS, INVALID_ARGUMENT. */
export async function newFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new VitaledgerError('ALREADY_EXISTS', `The file is there already: ${file}`);
    throw new VitaledgerError('INVALID_ARGUMENT', `The file cannot be written: ${file}`);
  }
}

/** Writes a new file by `write`; when that fails, there is none. The file is made first, so that nothing is done that cannot be kept. */
export async function writeNewFile(
  file: string,
  write: (output: FileHandle) => Promise<void>,
): Promise<void> {
  const output = await newFile(file);
  try {
    await write(output);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await output.close();
  }
}
