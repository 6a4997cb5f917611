/** The operators' tools: one topology file becomes a running network. */
export { networkCommand } from './command/network-command.js';
export { NetworkDirectory } from './engine/network-directory.js';
export type { VitaledgerProfile } from './engine/profile.js';
export { NetworkError, type NetworkErrorCode } from './errors/network-error.js';
export { packageService, type ChaincodePackage } from './fabric/chaincode-package.js';
export { findBinaries } from './fabric/index.js';
export { Network, type ClientIdentity, type NetworkStatus } from './network/network.js';
export type { Ordering } from './network/network-state.js';
export { openNetwork, startNetwork, type Lifetime, type StartOptions } from './network/start.js';
export type { ProcessStatus } from './supervisor/supervised-process.js';
export { parseTopology, readTopology } from './topology/read.js';
export { topologies } from './topology/topologies.js';
export type * from './topology/topology.js';
