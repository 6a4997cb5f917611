/** What patients sign: compact JWS over canonical JSON, chained per custodian. */
export * from './bodies.js';
export * from './chain.js';
export * from './handle.js';
export * from './jwk.js';
export * from './jws.js';
export * from './patient-mark.js';
export * from './statement.js';
export * from './verify.js';
