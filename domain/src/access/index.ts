/** Requests for access, their receipts, and the log that the patient reads. */
export * from './accompanying.js';
export * from './filter.js';
export * from './inspection.js';
export * from './request.js';
export * from './receipt.js';
export * from './review.js';
export * from './sealing.js';
