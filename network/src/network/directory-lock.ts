import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkDirectory } from '../engine/network-directory.js';
import { NetworkError } from '../errors/network-error.js';
import { isSameProcess, processIdentity } from '../supervisor/process-identity.js';

/**
 * Runs `change` while no other program changes the same network. Throws `BUSY` when one does; the lock of a program that
 * died is taken over.
 */
export async function withLock<T>(directory: NetworkDirectory, change: () => Promise<T>): Promise<T> {
  mkdirSync(directory.root, { recursive: true, mode: 0o700 });
  const file = join(directory.root, 'lock');
  if (!tryLock(file)) {
    const holder = holderOf(file);
    if (holder !== undefined) {
      throw new NetworkError(
        'BUSY',
        `Another command (pid ${holder}) is changing the network in ${directory.root}. Wait until it has ended.`,
      );
    }
    rmSync(file, { force: true });
    if (!tryLock(file)) {
      throw new NetworkError(
        'BUSY',
        `Another command has just begun to change ${directory.root}. Try again.`,
      );
    }
  }
  try {
    return await change();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file: string): boolean {
  const holder = { pid: process.pid, identity: processIdentity(process.pid) };
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The pid of the living program that holds the lock. */
function holderOf(file: string): number | undefined {
  try {
    const { pid, identity } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; identity: string };
    return isSameProcess(pid, identity) ? pid : undefined;
  } catch {
    // Released meanwhile, or written by half when the machine went down.
    return undefined;
  }
}
