import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { VitaledgerError } from '@vitaledger/domain';
import { readJsonFile } from '../json-file.js';

/** One record of a file, or why there is none. */
export interface FileRecord {
  /** The file; with the place in it where it holds several: `trials.json[3]`, `trials.ndjson:4`. */
  readonly file: string;
  readonly record?: unknown;
  readonly error?: VitaledgerError;
}

/** The records of files, one after the other; of a file with a record a line no more than a line is in memory at a time. */
export async function* recordsIn(files: readonly string[]): AsyncGenerator<FileRecord> {
  for (const file of files) {
    if (/\.(?:ndjson|jsonl)$/u.test(file)) yield* linesOf(file);
    else yield* recordsOf(file);
  }
}

async function* recordsOf(file: string): AsyncGenerator<FileRecord> {
  let content: unknown;
  try {
    content = await readJsonFile(file);
  } catch (error) {
    yield { file, error: asFailure(error) };
    return;
  }
  if (!Array.isArray(content)) yield { file, record: content };
  else for (const [index, record] of content.entries()) yield { file: `${file}[${index}]`, record };
}

async function* linesOf(path: string): AsyncGenerator<FileRecord> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      if (line.trim() !== '') yield recordOfLine(`${path}:${number}`, line);
    }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    yield {
      file: path,
      error: new VitaledgerError('NOT_FOUND', `The file cannot be read: ${path} (${reason})`),
    };
  }
}

function recordOfLine(file: string, line: string): FileRecord {
  try {
    return { file, record: JSON.parse(line) as unknown };
  } catch {
    return { file, error: new VitaledgerError('INVALID_ARGUMENT', `The line holds no JSON: ${file}`) };
  }
}

function asFailure(error: unknown): VitaledgerError {
  if (error instanceof VitaledgerError) return error;
  throw error;
}
