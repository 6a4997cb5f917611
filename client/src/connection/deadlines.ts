/** Milliseconds that each kind of call may take. */
export interface Deadlines {
  /** Running a function without writing. */
  readonly evaluate: number;
  /** Running a function on all endorsers. */
  readonly endorse: number;
  /** Handing a transaction over for ordering. */
  readonly submit: number;
  /** Waiting until a transaction is committed. */
  readonly commitStatus: number;
}

/** What is waited for unless told otherwise. */
export const defaultDeadlines: Deadlines = {
  evaluate: 15_000,
  endorse: 30_000,
  submit: 10_000,
  commitStatus: 60_000,
};
