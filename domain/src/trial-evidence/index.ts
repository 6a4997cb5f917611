/** What a trial leaves as evidence: its documents, by their digests. */
export * from './document.js';
