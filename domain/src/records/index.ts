/** What the ledger keeps of a record: classification, manifest, one share of its key. Content never comes here. */
export * from './change.js';
export * from './coding.js';
export * from './content-proof.js';
export * from './dates.js';
export * from './legal-hold.js';
export * from './origin.js';
export * from './patient-links.js';
export * from './record.js';
export * from './rectification.js';
export * from './retention.js';
export * from './retention-rules.js';
