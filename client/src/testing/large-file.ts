import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { FileVault } from '../vault/file-vault.js';
import { readContent, storeContent } from '../vault/objects.js';

const mebibyte = 1 << 20;
const context = { record: 'ab'.repeat(16), version: 1 };

/** A stream of so many MiB that nobody holds. */
async function* large(mebibytes: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < mebibytes; n++) {
    await Promise.resolve();
    yield Buffer.alloc(mebibyte, n);
  }
}

/** Stores a large file in a vault, reads it, flips one byte of it, and reads it again until that is found. */
async function main(folder: string, mebibytes: number): Promise<object> {
  const vault = new FileVault(folder);
  const before = process.resourceUsage().maxRSS;
  const stored = await storeContent(vault, large(mebibytes), context);
  let read = 0;
  for await (const bytes of readContent(vault, stored, context)) read += bytes.length;
  const { object } = stored.manifest;
  const file = await open(join(folder, 'objects', object.slice(0, 2), object), 'r+');
  const place = Math.floor((mebibytes * 3) / 4) * mebibyte;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, place);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, place);
  await file.close();
  let found: unknown;
  try {
    let again = 0;
    for await (const bytes of readContent(vault, stored, context)) again += bytes.length;
    found = `${again} bytes, all good`;
  } catch (error) {
    found = error instanceof VitaledgerError ? [error.code, error.details.chunk] : String(error);
  }
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  return { read, found, grown };
}

const [, , folder = '', mebibytes = ''] = process.argv;
void main(folder, Number(mebibytes)).then((result) => {
  console.log(JSON.stringify(result));
});
