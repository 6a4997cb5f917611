import { readFile, writeFile } from 'node:fs/promises';
import { LedgerConfigurationError } from '../options.js';
import type { KeptOrganization } from './development-organization.js';

/** A ledger for tests in a file: what is on it, and the keys with which it goes on. */
export interface PreparedLedger {
  readonly channel: string;
  readonly organizations: readonly KeptOrganization[];
  readonly orderer: KeptOrganization;
  readonly snapshot: Uint8Array;
}

const form = 'embedded-ledger/prepared/1';

export async function writePrepared(file: string, { snapshot, ...rest }: PreparedLedger): Promise<void> {
  const content = { form, ...rest, snapshot: Buffer.from(snapshot).toString('base64') };
  await writeFile(file, `${JSON.stringify(content)}\n`, { mode: 0o600 });
}

/** Throws LedgerConfigurationError for another file. */
export async function readPrepared(file: string): Promise<PreparedLedger> {
  let content: Partial<PreparedLedger & { form: string; snapshot: string }>;
  try {
    content = JSON.parse(await readFile(file, 'utf8')) as typeof content;
  } catch (error) {
    throw new LedgerConfigurationError(`cannot read a prepared ledger from ${file}: save one there`, {
      cause: error,
    });
  }
  const { channel, organizations, orderer, snapshot } = content;
  if (content.form !== form || !channel || !organizations || !orderer || typeof snapshot !== 'string') {
    throw new LedgerConfigurationError(`${file} is not a prepared ledger: save one anew`);
  }
  return { channel, organizations, orderer, snapshot: Buffer.from(snapshot, 'base64') };
}
