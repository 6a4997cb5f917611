import type { EventPosition } from '../connection/follow.js';

/** Which stream a checkpoint belongs to, so that no other one goes on from it. */
export interface EventSource {
  /** The network's own random id, from the connection profile. */
  readonly networkId: string;
  readonly channel: string;
  /** What is streamed, as `blocks` and `trials` are. */
  readonly stream: string;
}

/**
 * Where a stream goes on after the process was ended, however it ended. {@link FileCheckpoint} keeps that in a file. An application
 * with a database implements it there: `load` reads what the database says, and each event's position is written in the same database
 * transaction as what the event caused, so `save` has nothing left to do. Then each event has its effect exactly once.
 */
export interface Checkpoint {
  /**
   * Called once, when the stream begins.
   * @returns where to go on; undefined when nothing was handled yet
   */
  load(source: EventSource): Promise<EventPosition | undefined>;
  /** Called when everything up to `position` was handled. The next event comes once this returns. */
  save(position: EventPosition): Promise<void>;
}

/** What a stream yields inside: an event, or none where only its position moves on. */
export interface Passed<T> {
  /** Where to go on once the event was handled. */
  readonly behind: EventPosition;
  readonly event?: T;
}

export interface CheckpointedOptions {
  readonly source: EventSource;
  readonly checkpoint?: Checkpoint | undefined;
  /** Where to begin if there is no checkpoint, or nothing in it yet. */
  readonly after?: EventPosition | undefined;
}

/** So many positions without an event are passed before one is saved. */
const quietStretch = 500;

/**
 * Yields the events behind the checkpoint. To ask for the next event says that the one before was handled; then its position is saved.
 * One that was not handled when the loop was left, by `break`, by an error or because the process died, comes again.
 */
export async function* checkpointed<T>(
  open: (after: EventPosition | undefined) => AsyncIterable<Passed<T>>,
  { source, checkpoint, after }: CheckpointedOptions,
): AsyncGenerator<T> {
  const start = (await checkpoint?.load(source)) ?? after;
  let quiet = 0;
  for await (const { behind, event } of open(start)) {
    quiet += 1;
    if (event !== undefined) yield event;
    if (event === undefined && quiet < quietStretch) continue;
    await checkpoint?.save(behind);
    quiet = 0;
  }
}
