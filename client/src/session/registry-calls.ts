import type { ChannelName } from '../connection/profile.js';
import { answer } from './answer.js';
import type { OperationOptions, Session } from './session.js';

/** Calls of one contract of public state, the registry's unless told: public arguments in, JSON out. */
export class RegistryCalls {
  readonly #session: Pick<Session, 'channel'>;
  readonly #contract: string;
  readonly #channel: ChannelName;

  constructor(session: Pick<Session, 'channel'>, contract: string, channel: ChannelName = 'registry') {
    this.#session = session;
    this.#contract = contract;
    this.#channel = channel;
  }

  /** What it is about may have been registered a moment ago through another member's peer, so it is looked for again. */
  async submit(name: string, args: readonly string[], { signal }: OperationOptions): Promise<unknown> {
    const call = { function: `${this.#contract}:${name}`, arguments: args };
    const channel = this.#session.channel(this.#channel);
    const { result } = await channel.submit(call, { signal, needsRecentState: true });
    return answer(result);
  }

  async evaluate(name: string, args: readonly string[], options: OperationOptions): Promise<unknown> {
    const call = { function: `${this.#contract}:${name}`, arguments: args };
    return answer(await this.#session.channel(this.#channel).evaluate(call, options));
  }
}
