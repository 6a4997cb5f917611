export { EmbeddedLedger } from './embedded-ledger.js';
export type { ChaincodeStatus, ChannelStatus, LedgerStatus, PeerStatus } from './ledger-status.js';
export {
  DevelopmentLedger,
  type ClientIdentity,
  type ClientOptions,
  type DevelopmentChaincode,
  type DevelopmentOptions,
} from './development/development-ledger.js';
export {
  ChaincodeProcess,
  type ChaincodeIsolation,
  type ChaincodeProcessOptions,
} from './development/chaincode-process.js';
export { LedgerConfigurationError } from './options.js';
export type {
  BatchOptions,
  ChannelMemberOptions,
  ChannelOptions,
  ConcurrencyLimits,
  EmbeddedLedgerOptions,
  OrdererOptions,
  OrdererOrganizationOptions,
  OrganizationOptions,
  OrganizationPolicy,
  PeerOptions,
} from './options.js';
export type { ChaincodeConnection, ChaincodeDefinition, ChaincodeTls } from './chaincode/definition.js';
export type { CollectionDefinition } from './chaincode/collection.js';
export { ControlServer, controlRequest } from './control/index.js';
export type { ControlAddress } from './control/index.js';
export { MspConfigurationError } from './identity/msp.js';
export { PolicyExpressionError } from './policy/expression.js';
export { decodeReadWriteSet } from './ledger/read-write-set-decoder.js';
export type { NamespaceReadWriteSet } from './ledger/read-write-set.js';
export {
  LedgerStorageError,
  verifyLedger,
  type Verification,
  type VerificationOptions,
} from './ledger/index.js';
export type { Log } from './log.js';
