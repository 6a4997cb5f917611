import type { ClockValue, ConsortiumDocument, PolicyPack, SensitivityMap } from '@vitaledger/domain';
import type { ChannelName } from '../connection/profile.js';
import { answer } from '../session/answer.js';
import type { OperationOptions, Session } from '../session/session.js';

/** A document that members vote on. */
export interface ConsortiumProposal {
  readonly document: ConsortiumDocument;
  /** MSP id. */
  readonly proposer: string;
  /** By MSP id. */
  readonly votes: Readonly<Record<string, true>>;
}

/** What a member's vote came to. */
export interface Vote {
  readonly digest: string;
  readonly votes: Readonly<Record<string, true>>;
  /** Whether this vote made the document the consortium's. */
  readonly adopted: boolean;
}

/** Who belongs to the consortium, decided by votes, and the clock; both on each channel by itself. */
export class Consortium {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * The document in force.
   * @throws VitaledgerError `PRECONDITION_FAILED` before the first one is adopted
   */
  async document(channel: ChannelName, options: OperationOptions = {}): Promise<ConsortiumDocument> {
    return (await this.#evaluate(channel, 'document', [], options)) as ConsortiumDocument;
  }

  /**
   * Proposes the next document, and votes for it. Needs the role `admin`.
   * @param document its `version` is one more than that of the document in force
   * @returns the digest to vote for
   */
  async propose(
    channel: ChannelName,
    document: ConsortiumDocument,
    options: OperationOptions = {},
  ): Promise<{ readonly digest: string }> {
    return (await this.#submit(channel, 'propose', [JSON.stringify(document)], options)) as {
      digest: string;
    };
  }

  /** Votes for a proposal. Needs the role `admin`. More than half of the active organizations adopt it. */
  async vote(channel: ChannelName, digest: string, options: OperationOptions = {}): Promise<Vote> {
    return (await this.#submit(channel, 'vote', [digest], options)) as Vote;
  }

  /** A proposal, with the votes that it has so far. */
  async proposal(
    channel: ChannelName,
    digest: string,
    options: OperationOptions = {},
  ): Promise<ConsortiumProposal> {
    return (await this.#evaluate(channel, 'proposal', [digest], options)) as ConsortiumProposal;
  }

  /**
   * Puts a sensitivity map on the ledger, so that a document can name it in `maps`. Needs the role `admin`.
   * @returns its digest
   * @throws VitaledgerError `ALREADY_EXISTS`; `INVALID_ARGUMENT` with the JSON path of what is wrong with it
   */
  async publishMap(
    channel: ChannelName,
    map: SensitivityMap,
    options: OperationOptions = {},
  ): Promise<{ readonly digest: string }> {
    return (await this.#submit(channel, 'publishMap', [JSON.stringify(map)], options)) as { digest: string };
  }

  /** A sensitivity map on the ledger; which one is in force says {@link document}. */
  async map(channel: ChannelName, digest: string, options: OperationOptions = {}): Promise<SensitivityMap> {
    return (await this.#evaluate(channel, 'map', [digest], options)) as SensitivityMap;
  }

  /**
   * Puts a policy pack on the ledger, so that a document can name it in `packs`. Needs the role `admin`.
   * @returns its digest
   * @throws VitaledgerError `ALREADY_EXISTS`; `INVALID_ARGUMENT` with the JSON path of what is wrong with it
   */
  async publishPack(
    channel: ChannelName,
    pack: PolicyPack,
    options: OperationOptions = {},
  ): Promise<{ readonly digest: string }> {
    return (await this.#submit(channel, 'publishPack', [JSON.stringify(pack)], options)) as {
      digest: string;
    };
  }

  /** A policy pack on the ledger; which ones are in force says {@link document}. */
  async pack(channel: ChannelName, digest: string, options: OperationOptions = {}): Promise<PolicyPack> {
    return (await this.#evaluate(channel, 'pack', [digest], options)) as PolicyPack;
  }

  /** Moves the channel's clock to now. Needs the role `admin`. */
  async beat(channel: ChannelName, options: OperationOptions = {}): Promise<ClockValue> {
    return (await this.#submit(channel, 'beat', [], options)) as ClockValue;
  }

  /** @throws VitaledgerError `NOT_FOUND` before the first beat */
  async clock(channel: ChannelName, options: OperationOptions = {}): Promise<ClockValue> {
    return (await this.#evaluate(channel, 'clock', [], options)) as ClockValue;
  }

  async #evaluate(
    channel: ChannelName,
    name: string,
    args: readonly string[],
    options: OperationOptions,
  ): Promise<unknown> {
    const call = { function: `ConsortiumContract:${name}`, arguments: args };
    return answer(await this.#session.channel(channel).evaluate(call, options));
  }

  /** What is voted on, or the map that is proposed, was often committed a moment ago through another member's peer. */
  async #submit(
    channel: ChannelName,
    name: string,
    args: readonly string[],
    options: OperationOptions,
  ): Promise<unknown> {
    const call = { function: `ConsortiumContract:${name}`, arguments: args };
    const { result } = await this.#session
      .channel(channel)
      .submit(call, { ...options, needsRecentState: name === 'vote' || name === 'propose' });
    return answer(result);
  }
}
