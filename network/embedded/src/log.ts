/** Where the ledger reports what an operator should know. Never keys, values, arguments or certificates. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

function nothing(): void {
  // A library says nothing unless it is asked to.
}

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing };

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
