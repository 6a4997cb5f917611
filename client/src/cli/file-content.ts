import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { VitaledgerError } from '@vitaledger/domain';
import type { Content } from '../vault/chunks.js';

/** A file as a stream. Throws NOT_FOUND before anything else is done. */
export async function contentOf(file: string): Promise<Content> {
  try {
    await access(file);
  } catch {
    throw new VitaledgerError('NOT_FOUND', `The file cannot be read: ${file}`);
  }
  return createReadStream(file) as AsyncIterable<Uint8Array>;
}
