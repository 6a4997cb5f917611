/** The one way to submit and evaluate: endorsers named, failures typed, what may be repeated repeated. */
export * from './call.js';
export * from './ledger.js';
export * from './retry.js';
export * from './transaction-error.js';
export * from './transactions.js';
export * from './verdict.js';
