import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerConfigurationError } from './options.js';

/**
 * PEM text given as such or as a path; a path of a folder means the only file in it, as in an MSP's `keystore`.
 * `what` names it in the error.
 */
export async function readPem(value: string, what: string): Promise<string> {
  if (value.includes('-----BEGIN ')) {
    return value;
  }
  try {
    const file = (await stat(value)).isDirectory() ? await onlyFile(value) : value;
    const text = await readFile(file, 'utf8');
    if (text.includes('-----BEGIN ')) {
      return text;
    }
  } catch (error) {
    throw new LedgerConfigurationError(`${what}: cannot read ${value}`, { cause: error });
  }
  throw new LedgerConfigurationError(`${what}: ${value} is not a PEM file`);
}

async function onlyFile(folder: string): Promise<string> {
  const names = await readdir(folder);
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new LedgerConfigurationError(`${folder} must contain exactly one file, not ${names.length}`);
  }
  return join(folder, name);
}
