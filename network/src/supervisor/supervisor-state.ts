import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkDirectory } from '../engine/network-directory.js';
import { isSameProcess } from './process-identity.js';

/** How the running supervisor of a network is reached. Its file is readable by its owner only. */
export interface SupervisorState {
  readonly pid: number;
  readonly identity: string;
  readonly port: number;
  readonly token: string;
  /** The program that it ends with, until it is disowned. */
  readonly owner?: { readonly pid: number; readonly identity: string };
}

export function runFolder({ root }: NetworkDirectory): string {
  return join(root, 'run');
}

function stateFile({ root }: NetworkDirectory): string {
  return join(root, 'supervisor.json');
}

export function writeSupervisorState(directory: NetworkDirectory, state: SupervisorState): void {
  const file = stateFile(directory);
  writeFileSync(`${file}.partial`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.partial`, file);
}

/** The supervisor that runs now and is to go on; `undefined` when none does, whatever the file says. */
export function readSupervisorState(directory: NetworkDirectory): SupervisorState | undefined {
  const state = livingSupervisor(directory);
  const orphaned = state?.owner !== undefined && !isSameProcess(state.owner.pid, state.owner.identity);
  return orphaned ? undefined : state;
}

/** The same, or one that is about to end because its owner has. */
export function livingSupervisor(directory: NetworkDirectory): SupervisorState | undefined {
  const file = stateFile(directory);
  if (!existsSync(file)) return undefined;
  const state = JSON.parse(readFileSync(file, 'utf8')) as SupervisorState;
  return isSameProcess(state.pid, state.identity) ? state : undefined;
}

export function removeSupervisorState(directory: NetworkDirectory): void {
  rmSync(stateFile(directory), { force: true });
}
