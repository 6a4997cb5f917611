import { VitaledgerError } from '@vitaledger/client';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

/**
 * Bytes of a JSON file, decompressed when it is compressed by gzip (whatever its name).
 *
 * @throws VitaledgerError `NOT_FOUND` when it cannot be read, `INVALID_ARGUMENT` when its compression is damaged
 */
export async function readJsonFile(file: string): Promise<Buffer> {
  let content: Buffer;
  try {
    content = await readFile(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new VitaledgerError('NOT_FOUND', `${file} cannot be read (${reason}): name an existing file`);
  }
  const isGzip = content[0] === 0x1f && content[1] === 0x8b;
  if (!isGzip) return content;
  try {
    return gunzipSync(content);
  } catch {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `${file} is not a whole gzip file: copy or download it again`,
    );
  }
}

/** Runs a check of a file's content; what it refuses names the file. */
export function naming<T>(file: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof VitaledgerError)) throw error;
    throw new VitaledgerError(error.code, `${file}: ${error.message}`, error.details);
  }
}
