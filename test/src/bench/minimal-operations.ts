import type { Contract } from '@hyperledger/fabric-gateway';
import { randomBytes } from 'node:crypto';

const VALUE = 'v'.repeat(1024);
const STORED = 50;

/** The two operations of the minimal chaincode, and what they need. */
export interface MinimalOperations {
  readonly submit: () => Promise<unknown>;
  readonly evaluate: () => Promise<unknown>;
}

/** Every create has a key of its own; reads go around a few keys that are stored before. */
export async function minimalOperations(contract: Contract): Promise<MinimalOperations> {
  const run = randomBytes(6).toString('hex');
  const create = (key: string): Promise<unknown> => contract.submitTransaction('create', key, VALUE);
  const keys = Array.from({ length: STORED }, (_, n) => `${run}-read-${String(n)}`);
  await Promise.all(keys.map(create));
  let created = 0;
  let read = 0;
  return {
    submit: () => create(`${run}-${String(created++)}`),
    evaluate: () => contract.evaluateTransaction('read', keys[read++ % keys.length] ?? ''),
  };
}
