import { ConsortiumContract } from './consortium/consortium-contract.js';

/** The contracts of the registry channel. */
export const contracts = [ConsortiumContract];
