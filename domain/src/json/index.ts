/** Canonical JSON (RFC 8785), digests, and the small formats that everything else is made of. */
export * from './canonical.js';
export * from './formats.js';
export * from './in-order.js';
export * from './parse.js';
export * from './recent.js';
export * from './shape.js';
