import type { EmergencyReview } from '@vitaledger/domain';
import { answer } from '../session/answer.js';
import { newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';

export interface ReviewListOptions extends OperationOptions {
  /** `open`: those that wait or are taken up, unless told. */
  readonly state?: 'open' | 'closed';
  /** Reviews per page; the custodian's default when absent. */
  readonly pageSize?: number;
}

/** What a second person says of a glass that was broken. */
export interface ReviewConclusion {
  readonly conclusion: 'justified' | 'unjustified';
  /** 1 to 1,000 characters, for the custodian's eyes. */
  readonly note: string;
}

/** The custodian's reviews of broken glass. For its own registrars and auditors, and never for who broke it. */
export class EmergencyReviews {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The reviews of one's own organization, oldest first. */
  async *list(options: ReviewListOptions = {}): AsyncGenerator<EmergencyReview> {
    const { state, pageSize, signal } = options;
    let bookmark = '';
    do {
      const input = {
        ...(state === undefined ? {} : { state }),
        ...(pageSize === undefined ? {} : { pageSize }),
        ...(bookmark === '' ? {} : { bookmark }),
        ...actorOf(this.#session),
      };
      const call = { function: 'AccessContract:reviews', custodian: this.#session.mspId, input };
      const found = await this.#session.channel('care').evaluate(call, { signal, needsRecentState: true });
      const page = answer(found) as { reviews: readonly EmergencyReview[]; bookmark: string };
      yield* page.reviews;
      bookmark = page.bookmark;
    } while (bookmark !== '');
  }

  /** Takes a review up. */
  async open(receipt: string, options: OperationOptions = {}): Promise<void> {
    await this.#step({ receipt, step: 'open' }, options);
  }

  /** Closes a review that was taken up. */
  async close(receipt: string, said: ReviewConclusion, options: OperationOptions = {}): Promise<void> {
    await this.#step({ receipt, step: 'close', ...said }, options);
  }

  async #step(step: object, options: OperationOptions): Promise<void> {
    const input = { ...step, salt: newSalt(), ...actorOf(this.#session) };
    const call = { function: 'AccessContract:review', custodian: this.#session.mspId, input };
    await this.#session.channel('care').submit(call, options);
  }
}
