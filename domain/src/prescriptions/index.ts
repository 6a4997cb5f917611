/** Prescriptions: secrets that a patient carries, fills that happen exactly once, what a pharmacy notes. */
export * from './counter.js';
export * from './dispensing.js';
export * from './issuing.js';
export * from './secrets.js';
export * from './terms.js';
