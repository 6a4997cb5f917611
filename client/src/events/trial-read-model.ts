import { VitaledgerError } from '@vitaledger/domain';
import type { EventPosition } from '../connection/follow.js';
import type { Checkpoint, EventSource } from './checkpoint.js';
import { inTransaction, type SqlDatabase, type SqlStatement } from './sql-database.js';
import type { TrialEvent } from './trial-events.js';

/** Of the tables below; a database of another one is refused, and built anew from block 0. */
const schemaVersion = 2;

const schema = `
CREATE TABLE position (
  network TEXT NOT NULL, channel TEXT NOT NULL, stream TEXT NOT NULL,
  block INTEGER NOT NULL, transaction_id TEXT, trial TEXT
);
CREATE TABLE trial (
  id TEXT PRIMARY KEY, title TEXT, sponsor TEXT NOT NULL, status TEXT NOT NULL,
  version INTEGER NOT NULL, registered TEXT NOT NULL, changed TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX trial_by_status ON trial (status, changed);
CREATE INDEX trial_by_sponsor ON trial (sponsor, changed);
CREATE TABLE trial_version (
  trial TEXT NOT NULL REFERENCES trial, version INTEGER NOT NULL, digest TEXT NOT NULL,
  instant TEXT NOT NULL, effective TEXT NOT NULL, organization TEXT NOT NULL, reason TEXT,
  record TEXT NOT NULL, changes TEXT NOT NULL, PRIMARY KEY (trial, version)
) WITHOUT ROWID;
CREATE TABLE trial_step (
  trial TEXT NOT NULL REFERENCES trial, transaction_id TEXT NOT NULL, action TEXT NOT NULL, status TEXT NOT NULL,
  version INTEGER NOT NULL, instant TEXT NOT NULL, organization TEXT NOT NULL, reason TEXT,
  PRIMARY KEY (trial, transaction_id)
);
PRAGMA user_version = ${schemaVersion};
`;

const writes = {
  registered: `INSERT INTO trial (id, title, sponsor, status, version, registered, changed) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  changed: `UPDATE trial SET title = coalesce(?, title), status = ?, version = ?, changed = ? WHERE id = ?`,
  step: `INSERT INTO trial_step (trial, transaction_id, action, status, version, instant, organization, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  version: `INSERT INTO trial_version (trial, version, digest, instant, effective, organization, reason, record, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  position: 'UPDATE position SET block = ?, transaction_id = ?, trial = ?',
} as const;

/** How a read model is brought up to date. */
export interface CatchUpOptions {
  /** Events of one database transaction at most; a batch also ends when the ledger has nothing more at the moment. 200 unless told. */
  readonly batch?: number;
}

/**
 * The trial registry in tables, for questions that the ledger does not answer: an example of a read model. Tables and position are
 * written in one database transaction, so whatever happens each event is in the tables exactly once. It can be removed and built again
 * from block 0 at any time.
 *
 * @example
 * ```typescript
 * const model = new TrialReadModel(new DatabaseSync('trials.db')); // of node:sqlite, or better-sqlite3's Database
 * await model.catchUp(ledger.events.trials({ checkpoint: model, after: { block: 0n }, signal }));
 * ```
 */
export class TrialReadModel implements Checkpoint {
  readonly #database: SqlDatabase;
  readonly #statements: Readonly<Record<keyof typeof writes, SqlStatement>>;

  /** @throws VitaledgerError `PRECONDITION_FAILED` when the tables are of another version */
  constructor(database: SqlDatabase) {
    this.#database = database;
    database.exec('PRAGMA journal_mode = WAL');
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version === 0) {
      inTransaction(database, () => {
        database.exec(schema);
      });
    } else if (version !== schemaVersion) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        `The tables are of version ${version}, and this program writes version ${schemaVersion}: remove the database, it is built again from the ledger`,
      );
    }
    this.#statements = {
      registered: database.prepare(writes.registered),
      changed: database.prepare(writes.changed),
      step: database.prepare(writes.step),
      version: database.prepare(writes.version),
      position: database.prepare(writes.position),
    };
  }

  /** @throws VitaledgerError `PRECONDITION_FAILED` when the tables are of another network */
  load(source: EventSource): Promise<EventPosition | undefined> {
    const { networkId, channel, stream } = source;
    const row = this.#database
      .prepare('SELECT network, channel, stream, block, transaction_id, trial FROM position')
      .get() as PositionRow | undefined;
    if (!row) {
      this.#database
        .prepare('INSERT INTO position (network, channel, stream, block) VALUES (?, ?, ?, -1)')
        .run(networkId, channel, stream);
      return Promise.resolve(undefined);
    }
    if (row.network !== networkId || row.channel !== channel || row.stream !== stream) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        `The tables are of ${row.stream} of channel ${row.channel} of another network: use another database`,
        { reason: 'OTHER_SOURCE' },
      );
    }
    return Promise.resolve(positionOf(row));
  }

  /** Nothing is left to do: the position was written with the event. */
  save(): Promise<void> {
    return Promise.resolve();
  }

  /** Writes events with the position behind the last of them, all or none. */
  apply(events: readonly TrialEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    inTransaction(this.#database, () => {
      for (const event of events) this.#write(event);
      const { block, transactionId, trial } = last.position;
      this.#statements.position.run(block, transactionId ?? null, trial ?? null);
    });
  }

  /** Applies a stream of events until it ends, in batches while there is much to catch up with, else one by one. */
  async catchUp(
    events: AsyncGenerator<TrialEvent>,
    { batch: most = 200 }: CatchUpOptions = {},
  ): Promise<void> {
    let batch: TrialEvent[] = [];
    let next = events.next();
    for (;;) {
      const arrived = batch.length === 0 ? await next : await Promise.race([next, soon()]);
      if (arrived?.done === false) {
        batch.push(arrived.value);
        next = events.next();
        if (batch.length < most) continue;
      }
      this.apply(batch);
      batch = [];
      if (arrived?.done) return;
    }
  }

  #writeTrial({ trial, action, status, version, instant, organization, added }: TrialEvent): void {
    const title = added ? titleOf(added.record) : null;
    if (action === 'submit' && version === 1) {
      this.#statements.registered.run(trial, title, organization, status, version, instant, instant);
      return;
    }
    const { changes } = this.#statements.changed.run(title, status, version, instant, trial);
    if (Number(changes) === 1) return;
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      'The tables lack a trial that was changed: they are built from block 0 on, with `after: { block: 0n }`',
    );
  }

  #write(event: TrialEvent): void {
    const { trial, action, status, version, instant, organization, reason = null, added } = event;
    this.#writeTrial(event);
    this.#statements.step.run(
      trial,
      event.transactionId,
      action,
      status,
      version,
      instant,
      organization,
      reason,
    );
    if (!added) return;
    const { digest, effective = instant, record, changes } = added;
    const [text, differences] = [JSON.stringify(record), JSON.stringify(changes)];
    this.#statements.version.run(
      ...[trial, version, digest, instant, effective, organization, reason, text, differences],
    );
  }
}

interface PositionRow {
  readonly network: string;
  readonly channel: string;
  readonly stream: string;
  readonly block: number | bigint;
  readonly transaction_id: string | null;
  readonly trial: string | null;
}

function positionOf({ block, transaction_id: transactionId, trial }: PositionRow): EventPosition | undefined {
  if (block < 0) return undefined;
  const behind = {
    ...(transactionId === null ? {} : { transactionId }),
    ...(trial === null ? {} : { trial }),
  };
  return { block: BigInt(block), ...behind };
}

function titleOf(record: unknown): string | null {
  const { protocolSection } = record as {
    protocolSection?: { identificationModule?: { briefTitle?: unknown } };
  };
  const title = protocolSection?.identificationModule?.briefTitle;
  return typeof title === 'string' ? title : null;
}

/** After a turn of the event loop in which what has arrived already would have come. */
function soon(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5, undefined);
  });
}
