/** Something that is measured: the operations that it offers, each on data of its own. */
export interface System {
  /** `ceiling`, `embedded`, `fabric`. */
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly operations: Readonly<Partial<Record<OperationName, () => Promise<unknown>>>>;
  /** CPU time that its processes have used so far, microseconds, by what they do. */
  cpu(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** What is measured, on every system that offers it. */
export const operationNames = ['submit', 'evaluate', 'register', 'registerInMemory'] as const;
export type OperationName = (typeof operationNames)[number];

export const operationTitles: Readonly<Record<OperationName, string>> = {
  submit: 'submit: minimal chaincode, create 1 KB (one get, one put)',
  evaluate: 'evaluate: minimal chaincode, read 1 KB',
  register: 'record registration through the SDK (FHIR Observation, encrypted, vault on disk)',
  registerInMemory: 'record registration through the SDK, vault in memory',
};
