/** The patient head: the one private document by which every decision about a patient is made. */
export * from './head.js';
export * from './enrolment.js';
export * from './care-teams.js';
export * from './consents.js';
export { MAX_CONSENT_AGE_MS, type HeadChange } from './head-change.js';
export * from './notification-key.js';
export * from './declare.js';
export * from './delegations.js';
export * from './keys.js';
export * from './mandate.js';
export * from './merge.js';
export * from './prohibitions.js';
export * from './record.js';
export * from './stored-statement.js';
export * from './withdrawal.js';
