import { embeddedEngine } from '../embedded-engine/embedded-engine.js';
import type { Engine } from '../engine/engine.js';
import { fabricEngine, findBinaries } from '../fabric/index.js';
import type { Ordering } from './network-state.js';

export function createEngine(name: Engine['name'], ordering: Ordering): Engine {
  return name === 'fabric' ? fabricEngine() : embeddedEngine({ ordering });
}

/** What an engine needs of the machine. Throws NetworkError before anything is written. */
export async function requireEngine(name: Engine['name']): Promise<void> {
  if (name === 'fabric') await findBinaries();
}
