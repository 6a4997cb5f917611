import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkDirectory } from '../engine/network-directory.js';

/** All that a network writes into its folder: nothing else there is touched. */
const OURS = [
  'organizations',
  'vaults',
  'fabric',
  'embedded',
  'logs',
  'run',
  'clock.json',
  'supervisor.json',
  'ports.json',
  'topology.yaml',
  'state.json',
  'lock',
] as const;

/** Removes what the network wrote, and the folder when nothing else is in it. */
export function removeNetwork({ root }: NetworkDirectory): void {
  for (const name of OURS) rmSync(join(root, name), { recursive: true, force: true });
  if (readdirSync(root).length === 0) rmdirSync(root);
}
