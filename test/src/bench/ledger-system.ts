import { connect, PatientKey, type Vitaledger } from '@vitaledger/client';
import { parseTopology, startNetwork, type Network, type Topology } from '@vitaledger/network';
import { join } from 'node:path';
import { observation } from '../harness/observation.js';
import { GatewayClient } from './gateway-client.js';
import { MemoryVault } from './memory-vault.js';
import { minimalOperations } from './minimal-operations.js';
import { processCpu } from './process-cpu.js';
import type { System } from './system.js';

export type EngineName = 'embedded' | 'fabric';
