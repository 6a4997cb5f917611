/**
 * What is needed of a SQLite database; Node's own `DatabaseSync` (`node:sqlite`, from Node 22 on), `better-sqlite3` and `libsql` have it.
 */
export interface SqlDatabase {
  /** Runs statements that give no rows. */
  exec(sql: string): unknown;
  /** A statement to be run with values. */
  prepare(sql: string): SqlStatement;
}

/** A prepared statement. */
export interface SqlStatement {
  /** Runs it for its effect. */
  run(...values: SqlValue[]): { readonly changes: number | bigint };
  /** Its first row; undefined when it gives none. */
  get(...values: SqlValue[]): unknown;
}

/** What a column holds. */
export type SqlValue = string | number | bigint | null;

/** Does all of the work in one transaction, or nothing of it. */
export function inTransaction(database: SqlDatabase, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
