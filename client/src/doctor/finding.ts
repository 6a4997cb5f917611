/** What one check found. */
export interface Finding {
  /** What was looked at: `profile`, `identity`, `peer0.hospital.example`, `clock of care`. */
  readonly about: string;
  /** `warning`: it works, and will not for ever, or not for everybody. */
  readonly result: 'ok' | 'warning' | 'failed';
  /** What is so; where it is not ok, also what to do. */
  readonly text: string;
}

export const ok = (about: string, text: string): Finding => ({ about, result: 'ok', text });
export const warning = (about: string, text: string): Finding => ({ about, result: 'warning', text });
export const failed = (about: string, text: string): Finding => ({ about, result: 'failed', text });

/** What was thrown, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error);
}
