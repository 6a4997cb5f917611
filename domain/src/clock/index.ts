/** Ledger time: which proposal timestamps are honest, by the channel's beats. */
export * from './clock.js';
