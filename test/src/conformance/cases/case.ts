import type { Session } from '../session.js';

/** A client's script; its transcript on a real network is the trace. */
export interface ConformanceCase {
  readonly name: string;
  /** Section of the checklist. */
  readonly row: string;
  readonly run: (session: Session) => Promise<void>;
}

export interface CaseGroup {
  readonly name: string;
  readonly cases: readonly ConformanceCase[];
}
