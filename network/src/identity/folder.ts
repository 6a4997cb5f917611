import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NetworkError } from '../errors/network-error.js';

/** What a folder of certificates and keys is filled with. Names are relative to it. */
export interface FolderContents {
  certificate(name: string, pem: string): void;
  /** Readable by its owner only, in a folder that only its owner may enter. */
  privateKey(name: string, pem: string): void;
  text(name: string, content: string): void;
}

const PARTIAL = '.partial-';

/**
 * Makes `folder` whole or not at all: it is filled beside its place and then renamed. An existing one is kept.
 * What an interrupted run left half-written is removed.
 */
export async function putFolder(
  folder: string,
  fill: (into: FolderContents) => void | Promise<void>,
): Promise<void> {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (name.startsWith(basename(folder) + PARTIAL)) {
      rmSync(join(parent, name), { recursive: true, force: true });
    }
  }
  const partial = `${folder}${PARTIAL}${randomBytes(4).toString('hex')}`;
  mkdirSync(partial);
  try {
    await fill(contentsOf(partial));
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

function contentsOf(root: string): FolderContents {
  const put = (name: string, content: string, fileMode: number, folderMode: number) => {
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true, mode: folderMode });
    writeFileSync(file, content, { mode: fileMode });
    return file;
  };
  return {
    certificate: (name, pem) => void put(name, pem, 0o644, 0o755),
    text: (name, content) => void put(name, content, 0o644, 0o755),
    privateKey: (name, pem) => {
      const file = put(name, pem, 0o600, 0o700);
      // The folder may have been made for a certificate before.
      chmodSync(dirname(file), 0o700);
    },
  };
}

/** Throws `FILE_MISSING` naming the first of `names` that is not in `folder` or cannot be read. */
export function requireFiles(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.R_OK);
    } catch (cause) {
      throw new NetworkError(
        'FILE_MISSING',
        `${file} is missing or cannot be read. Restore it from a backup, or remove the folder ${folder} ` +
          'to have new certificates issued by the same authority at the next "network up".',
        { cause },
      );
    }
  }
}
