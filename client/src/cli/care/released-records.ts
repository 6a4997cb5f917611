import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import type { ReleasedRecord } from '../../access/released-record.js';
import { contentCertificate, type ContentCertificate } from '../../records/verification.js';
import { DurableFiles, isTaken } from '../../vault/durable-file.js';
import { shortened, table } from '../table.js';

/** How the contents of records that were released are to be shown. */
export interface ContentFlags {
  /** Only what records there are. */
  readonly metadata?: true;
  /** A folder: each content becomes a file there. */
  readonly output?: string;
  /** Contents that are JSON are printed, where they do not become files. */
  readonly json?: true;
}

/** One record as it is shown; `file` where its content was written, `content` where it is printed. */
export interface ShownRecord {
  readonly metadata: ReleasedRecord['metadata'];
  readonly accompanying: ReleasedRecord['accompanying'];
  /** Hand it on with the content: `vitaledger record verify`. */
  readonly certificate: ContentCertificate;
  readonly file?: string;
  readonly content?: unknown;
}

/** Records that a custodian released, with what `flags` ask of their contents. */
export async function shownRecords(
  flags: ContentFlags,
  custodian: string,
  released: AsyncIterable<ReleasedRecord> | Iterable<ReleasedRecord>,
): Promise<readonly ShownRecord[]> {
  const shown: ShownRecord[] = [];
  for await (const record of released) {
    const certificate = contentCertificate(custodian, record.metadata);
    shown.push({ ...(await showRecord(flags, record)), certificate });
  }
  return shown;
}

/** Records as a table for people; empty when there is none. */
export function recordTable(shown: readonly ShownRecord[]): string {
  const rows = shown.map(({ metadata, file = '' }) => [
    metadata.id,
    metadata.class,
    metadata.date ?? '',
    shortened(metadata.codes.map(({ code }) => code).join(', ')),
    metadata.labels.map(({ code }) => code).join(' '),
    file,
  ]);
  return table(['record', 'class', 'date', 'about', 'labels', 'file'], rows);
}

async function showRecord(
  flags: ContentFlags,
  record: ReleasedRecord,
): Promise<Omit<ShownRecord, 'certificate'>> {
  const { metadata, accompanying } = record;
  if (flags.metadata) return { metadata, accompanying };
  if (flags.output !== undefined) return { metadata, accompanying, file: await write(flags.output, record) };
  const isJson = /^application\/([\w.-]+\+)?json$/.test(metadata.mediaType);
  // What is no text is not for a terminal; with --output it becomes a file.
  return flags.json && isJson
    ? { metadata, accompanying, content: await record.json() }
    : { metadata, accompanying };
}

/** A record's file holds health data: for its owner's eyes only, and never over another one. */
async function write(folder: string, record: ReleasedRecord): Promise<string> {
  const { id, class: type, mediaType, version } = record.metadata;
  const file = fileIn(folder, `${type}-${id}-${String(version)}.${extensionOf(mediaType)}`);
  try {
    // Whole or not at all: a content that turns out to be altered leaves no file.
    await new DurableFiles(folder).create(file, record.content());
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new VitaledgerError('ALREADY_EXISTS', `The file is there already: ${file}`);
  }
  return file;
}

/**
 * A file of a folder. What a record is called comes from another organization, which must not choose whereto else is written.
 *
 * @throws VitaledgerError `INTEGRITY`
 */
export function fileIn(folder: string, name: string): string {
  if (/^[A-Za-z0-9][\w.-]*$/.test(name)) return join(folder, name);
  throw new VitaledgerError(
    'INTEGRITY',
    'The custodian calls a record what no record is called; nothing was written of it',
  );
}

function extensionOf(mediaType: string): string {
  if (mediaType.endsWith('json')) return 'json';
  return /^[a-z]+\/([a-z0-9]+)$/.exec(mediaType)?.[1] ?? 'bin';
}
