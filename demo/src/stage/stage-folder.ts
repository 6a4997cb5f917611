import { VitaledgerError } from '@vitaledger/client';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { DemoOptions } from '../options.js';

/** Where `--keep` leaves the network unless told. */
const KEPT = join('.vitaledger', 'demo');

export interface StageFolder {
  /** The network's. */
  readonly network: string;
  /** Removes what was made around it. */
  remove(): Promise<void>;
}

/**
 * A temporary folder, or the one that was asked for.
 *
 * @throws VitaledgerError `PRECONDITION_FAILED` when it holds a network already
 */
export async function stageFolder({
  directory,
  keep,
}: Pick<DemoOptions, 'keep' | 'directory'>): Promise<StageFolder> {
  if (directory === undefined && !keep) {
    const temporary = await mkdtemp(join(tmpdir(), 'vitaledger-demo-'));
    return {
      network: join(temporary, 'network'),
      remove: () => rm(temporary, { recursive: true, force: true }),
    };
  }
  const network = resolve(directory ?? KEPT);
  if (existsSync(join(network, 'state.json'))) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `There is a network in ${shown(network)} already, and the story needs a new one. Name another folder (--directory), or ` +
        `remove that one: npm run network -- clean --yes --directory ${shown(network)}`,
    );
  }
  return { network, remove: () => Promise.resolve() };
}

/** A path as people would type it here. */
export function shown(path: string): string {
  const here = relative(process.cwd(), path);
  return here === '' || here.startsWith('..') ? path : here;
}
