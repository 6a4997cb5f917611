import { setTimeout as sleep } from 'node:timers/promises';
import type { PidRecord } from './pid-file.js';
import { isSameProcess } from './process-identity.js';

const POLL_MS = 20;

/**
 * Ends processes of ours together with what they started (each leads a process group): SIGTERM, and SIGKILL for
 * those that still run after `graceMs`. A pid that has become another process is left alone.
 */
export async function endProcesses(records: readonly PidRecord[], graceMs: number): Promise<void> {
  for (const record of records) signalGroup(record, 'SIGTERM');
  if (await allEnded(records, graceMs)) return;
  for (const record of records) signalGroup(record, 'SIGKILL');
  await allEnded(records, graceMs);
}

/** Sends a signal to the group that `record` leads, if it is still the process it was. */
export function signalGroup({ pid, identity }: PidRecord, signal: NodeJS.Signals): void {
  if (!isSameProcess(pid, identity)) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function allEnded(records: readonly PidRecord[], withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (records.some(({ pid, identity }) => isSameProcess(pid, identity))) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
