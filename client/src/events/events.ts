import type { ChannelName } from '../connection/profile.js';
import type { EventPosition } from '../connection/follow.js';
import type { Session } from '../session/session.js';
import { checkpointed, type Checkpoint, type EventSource, type Passed } from './checkpoint.js';
import type { LedgerBlock } from './ledger-block.js';
import { trialEvents, type TrialEvent } from './trial-events.js';

/** Where a stream begins, and how it ends. */
export interface StreamOptions {
  /** Where to go on, and where to note what was handled. */
  readonly checkpoint?: Checkpoint | undefined;
  /**
   * Where to begin if the checkpoint is absent or new: behind an event, or with a block (`{ block: 0n }`: everything). With the next
   * block to be committed if absent.
   */
  readonly after?: EventPosition | undefined;
  /** Ends the stream, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What happened on the channels, as it is committed, for ever. A stream that breaks goes on at another peer where it ended. To ask for
 * the next event says that the one before was handled: see `docs/sdk/events.md` for what that promises.
 */
export class Events {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * What is done with trials: registered, approved, amended, every step of their lives.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` when the organization is not on the registry's channel, or the checkpoint is not of
   *   this stream
   * @example
   * ```typescript
   * for await (const { action, trial, version } of ledger.events.trials({ after: { block: 0n }, signal })) {
   *   console.log(action, trial, version);
   * }
   * ```
   */
  trials(options: StreamOptions = {}): AsyncGenerator<TrialEvent> {
    const { chaincode } = this.#session.sourceOf('registry');
    return this.#stream('registry', 'trials', options, (after) =>
      trialEvents(this.#session.blocks('registry', { after, signal: options.signal }), chaincode, after),
    );
  }

  /**
   * Blocks, decoded and checked, for auditors. The care channel gives them to nobody (decision 6).
   *
   * @throws VitaledgerError `PERMISSION_DENIED` where the channel gives them to nobody; `INTEGRITY` when a block is damaged or does not
   *   follow the one before
   */
  blocks(channel: ChannelName, options: StreamOptions = {}): AsyncGenerator<LedgerBlock> {
    return this.#stream(channel, 'blocks', options, (after) => this.#blocks(channel, after, options));
  }

  async *#blocks(
    channel: ChannelName,
    after: EventPosition | undefined,
    { signal }: StreamOptions,
  ): AsyncGenerator<Passed<LedgerBlock>> {
    for await (const event of this.#session.blocks(channel, { after, signal })) {
      yield { behind: { block: event.number + 1n }, event };
    }
  }

  #stream<T>(
    channel: ChannelName,
    stream: string,
    { checkpoint, after }: StreamOptions,
    open: (after: EventPosition | undefined) => AsyncIterable<Passed<T>>,
  ): AsyncGenerator<T> {
    const { networkId } = this.#session.sourceOf(channel);
    const source: EventSource = { networkId, channel, stream };
    return checkpointed(open, { source, checkpoint, after });
  }
}
