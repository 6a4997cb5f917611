/**
 * What is needed of a SQLite database; Node's own `DatabaseSync` (`node:sqlite`, from Node 22 on), `better-sqlite3` and `libsql` have it.
 */
export interface SqlDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqlStatement;
}

export interface SqlStatement {
  run(...values: SqlValue[]): { readonly changes: number | bigint };
  get(...values: SqlValue[]): unknown;
}

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
