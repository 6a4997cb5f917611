/** The consent decision: a pure function from what the patient signed and what is asked to an answer that explains itself. */
export * from './care-team.js';
export * from './decide.js';
export * from './decision.js';
export * from './explain.js';
export * from './labels.js';
export * from './policy.js';
export * from './provision.js';
export * from './purposes.js';
export * from './requester-view.js';
export * from './terms.js';
