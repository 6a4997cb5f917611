/** The refusals of Vitaledger: stable codes that survive the journey chaincode → peer → gateway → SDK. */
export * from './codes.js';
export * from './vitaledger-error.js';
