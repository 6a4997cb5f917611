import type { Engine } from '../engine/engine.js';
import { FabricEngine, type FabricEngineOptions } from './fabric-engine.js';

export type { FabricEngineOptions } from './fabric-engine.js';
export { findBinaries, formatVersion, TESTED_VERSIONS, type FabricBinaries } from './binaries.js';

/** The engine that runs real Hyperledger Fabric, version 2.5 or 3, from its standard programs. */
export function fabricEngine(options: FabricEngineOptions = {}): Engine {
  return new FabricEngine(options);
}
