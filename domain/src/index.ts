/** The rules of Vitaledger: pure, deterministic, used by contracts and SDK alike. */
export * from './access/index.js';
export * from './clock/index.js';
export * from './consortium/index.js';
export * from './decision/index.js';
export * from './disclosures/index.js';
export * from './errors/index.js';
export * from './fhir/index.js';
export * from './json/index.js';
export * from './labels/index.js';
export * from './notifications/index.js';
export * from './patient/index.js';
export * from './prescriptions/index.js';
export * from './records/index.js';
export * from './research/index.js';
export * from './statements/index.js';
export * from './trial-evidence/index.js';
export * from './trials/index.js';
