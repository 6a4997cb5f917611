/** Who belongs to the consortium, what each may vouch for, and what each role may ask. */
export * from './document.js';
export * from './roles.js';
export * from './vouching.js';
export * from './votes.js';
