import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine/engine.js';
import type { NetworkDirectory } from '../engine/network-directory.js';

/**
 * Files that replicate or hold what replicates: blocks of peers, and of orderers their blocks and write-ahead logs; never
 * private data, which stays at its peer. What must name nobody is searched in these.
 */
export function blockFiles(directory: NetworkDirectory, engine: Engine['name']): readonly string[] {
  const root = directory.engine(engine);
  const wanted =
    engine === 'fabric' ? /\/blockfile_\d+$|\/etcdraft\/|\.block$/ : /\/blocks?[^/]*$|\/blocks\//;
  return filesBelow(root).filter((file) => wanted.test(file.slice(root.length)));
}

export function logFiles(directory: NetworkDirectory): readonly string[] {
  return filesBelow(directory.logs);
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
