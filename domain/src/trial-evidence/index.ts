/** What a trial leaves as evidence: its documents by their digests, and proofs of when they were registered. */
export * from './document.js';
export * from './proof.js';
export * from './proof-file.js';
export * from './analysis.js';
export * from './randomization.js';
export * from './participation.js';
export * from './trial-number.js';
export * from './data-access.js';
export * from './data-release.js';
