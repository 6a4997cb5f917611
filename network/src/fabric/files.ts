import { access, chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { NetworkError } from '../errors/network-error.js';

const REGENERATED =
  'Generated from the topology, and written again by every `network up`. Change the topology instead.';

/** YAML with a comment on top that says where it comes from. */
export function toYaml(data: unknown, comment = REGENERATED): string {
  return `# ${comment}\n${stringify(data, { lineWidth: 0 })}`;
}

/** Writes a file as a whole or not at all, making its folder; `mode` defaults to owner-only. */
export async function writeWhole(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.unfinished`;
  await writeFile(unfinished, content, { mode });
  // The mode of writeFile is subject to the umask, and ignored for a file that an interrupted run has left.
  await chmod(unfinished, mode);
  await rename(unfinished, file);
}

/** The content of a file, or undefined when there is none. */
export async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** @throws NetworkError `FILE_MISSING` that lists those of the files that cannot be read. */
export async function requireFiles(files: readonly string[], remedy: string): Promise<void> {
  const readable = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  const problems = files.filter((_, index) => readable[index] === false);
  if (problems.length > 0) {
    throw new NetworkError(
      'FILE_MISSING',
      `${problems.length} files of the network are missing: ${problems.join(', ')}. ${remedy}`,
      {
        problems,
      },
    );
  }
}
