/** Notices that only the patient recognizes among the events of the channel. */
export * from './notice.js';
export * from './tag.js';
