import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { randomBytes } from 'node:crypto';
import type { Actor, Actors } from './actors.js';
import { blockContent } from './blocks.js';
import { chaincodeEvents, type EventsRequest } from './chaincode-events.js';
import { deliver, readStream, type DeliverRequest } from './deliver.js';
import { broadcast, broadcastEnvelope, type BroadcastFlaw } from './broadcast.js';
import { call, type Outcome } from './grpc-outcome.js';
import { Names } from './names.js';
import { channels } from './network.js';
import { buildProposal, signatureOf, type ProposalSpec, type SignedProposal } from './proposal.js';
import { readable, type BlockNames, type Json, type JsonObject } from './read-write-sets.js';
import { resultOf } from './system-results.js';
import { envelopeOf, proposalResponse, responseOf, validationCode } from './transactions.js';

/** One request of a trace and what came of it. */
export interface Step {
  readonly request: JsonObject;
  readonly outcome: Json;
}

/** A transaction that endorsers agreed on, ready to be signed. */
export interface Prepared {
  readonly envelope: common.Envelope;
  readonly txId: string;
  readonly channel: string;
  readonly actor: Actor;
}

interface Target {
  /** Organization whose peer is asked; default the actor's own. */
  readonly at?: string;
  /** MSP ids. */
  readonly organizations?: readonly string[];
}

/** Plays one case against a network and writes down, normalized, what was asked and answered. */
export class Session {
  readonly #steps: { request: JsonObject; outcome: Json }[] = [];
  readonly #heights = new Map<string, number>();
  readonly #names: Names;

  constructor(readonly actors: Actors) {
    this.#names = new Names(actors);
  }

  get steps(): readonly Step[] {
    return this.#names.apply(this.#steps) as unknown as readonly Step[];
  }

  record(request: JsonObject, outcome: Json): void {
    this.#steps.push({ request, outcome });
  }

  /** Records at the place where it was asked, however long the answer takes. */
  async #recordWhenAnswered(request: JsonObject, answers: Promise<Json>): Promise<void> {
    const step = { request, outcome: null as Json };
    this.#steps.push(step);
    step.outcome = await answers;
  }

  /** Channel heights from which block numbers count; asked before the first step. */
  async begin(): Promise<void> {
    for (const channel of Object.values(channels)) {
      // Whole blocks are closed to everybody on a restricted channel; elsewhere they are the surer way, since a peer
      // answers BAD_REQUEST where it cannot filter a block (one with a transaction that it cannot decode).
      const content = channel === channels.guarded ? 'filtered' : 'block';
      const { items, error } = await deliver(this.actors, {
        as: 'org1/Admin',
        at: 'org1',
        channel,
        content,
        start: 'newest',
        stop: 'newest',
      });
      const [newest] = items;
      const number = newest?.getFilteredBlock()?.getNumber() ?? newest?.getBlock()?.getHeader()?.getNumber();
      if (number === undefined)
        throw new Error(`the newest block of ${channel} was not delivered`, { cause: error });
      this.#heights.set(channel, number);
    }
  }

  /** `+1` is the first block after the trace began, `old` one from before it. */
  blocks(channel: string): BlockNames {
    const base = this.#heights.get(channel) ?? 0;
    return (block) => (block > base ? `+${String(block - base)}` : block === 0 ? 'genesis' : 'old');
  }

  /** The number of the n-th block since the trace began. */
  block(channel: string, n: number): number {
    return (this.#heights.get(channel) ?? 0) + n;
  }

  async propose(
    spec: ProposalSpec,
    target: { at?: string } = {},
    from?: SignedProposal,
  ): Promise<SignedProposal> {
    const { proposal, at, channel } = await this.#proposal(spec, target, from);
    const { endorser } = this.actors.peer(at);
    const outcome = await call<peer.ProposalResponse>((options, done) =>
      endorser.processProposal(proposal.signed, options, done),
    );
    this.record(
      { call: 'ProcessProposal', at, ...describe(spec) },
      told(outcome, (answer) =>
        withResult(spec, answer, proposalResponse(answer, this.actors, this.blocks(channel))),
      ),
    );
    return proposal;
  }

  async evaluate(spec: ProposalSpec, target: Target & { deadlineMs?: number } = {}): Promise<void> {
    const { proposal, at } = await this.#proposal(spec, target);
    const request = new gateway.EvaluateRequest();
    request.setProposedTransaction(proposal.signed);
    request.setTargetOrganizationsList([...(target.organizations ?? [])]);
    request.setChannelId(spec.channel ?? channels.main);
    request.setTransactionId(proposal.txId);
    const service = this.actors.peer(at).gateway;
    const outcome = await call<gateway.EvaluateResponse>(
      (options, done) => service.evaluate(request, options, done),
      target.deadlineMs,
    );
    this.record(
      { call: 'Evaluate', at, ...describe(spec), ...describeTarget(target) },
      told(outcome, (answer) => {
        const result = answer.getResult();
        const payload = result?.getPayload_asU8() ?? new Uint8Array();
        return spec.system === undefined || payload.length === 0
          ? responseOf(result)
          : { ...responseOf(result), payload: resultOf(spec.system.name, payload) };
      }),
    );
  }

  /** Records what was endorsed; undefined when it was refused. */
  async endorse(
    spec: ProposalSpec,
    target: Target = {},
    from?: SignedProposal,
  ): Promise<Prepared | undefined> {
    const { proposal, at, channel, actor } = await this.#proposal(spec, target, from);
    const outcome = await this.#endorse(proposal, at, channel, target);
    this.record(
      { call: 'Endorse', at, ...describe(spec), ...describeTarget(target) },
      told(outcome, (answer) => this.#describeEnvelope(answer.getPreparedTransaction(), channel)),
    );
    const envelope = 'answer' in outcome ? outcome.answer.getPreparedTransaction() : undefined;
    return envelope && { envelope, txId: proposal.txId, channel, actor };
  }

  async submit(
    { envelope, txId, channel, actor }: Prepared,
    options: { at?: string; flaw?: string; as?: string; note?: string } = {},
  ): Promise<void> {
    const signer = options.as === undefined ? actor : this.actors.actor(options.as);
    const signed = envelope.cloneMessage();
    signed.setSignature(
      await signatureOf(options.flaw, envelope.getPayload_asU8(), signer, this.actors.actor('org3')),
    );
    const request = new gateway.SubmitRequest();
    request.setPreparedTransaction(signed);
    request.setChannelId(channel);
    request.setTransactionId(txId);
    const at = options.at ?? 'org1';
    const service = this.actors.peer(at).gateway;
    const outcome = await call<gateway.SubmitResponse>((options, done) =>
      service.submit(request, options, done),
    );
    this.record(
      { call: 'Submit', at, ...options },
      told(outcome, () => 'submitted'),
    );
  }

  /** Sends envelopes to the orderer itself, one after the other in one stream. */
  async broadcast(
    prepared: readonly Prepared[],
    options: { flaw?: BroadcastFlaw; as?: string } = {},
  ): Promise<void> {
    const envelopes = [];
    for (const one of prepared) envelopes.push(await broadcastEnvelope(one, options, this.actors));
    this.record(
      { call: 'Broadcast', messages: prepared.length, ...options },
      await broadcast(this.actors.orderer, envelopes),
    );
  }

  async status(
    txId: string,
    channel: string,
    options: { as?: string; at?: string; flaw?: string; noIdentity?: boolean; deadlineMs?: number } = {},
  ): Promise<void> {
    const actor = this.actors.actor(options.as ?? 'org1');
    const request = new gateway.CommitStatusRequest();
    request.setTransactionId(txId);
    request.setChannelId(channel);
    if (options.noIdentity !== true) request.setIdentity(actor.serialized);
    const signed = new gateway.SignedCommitStatusRequest();
    signed.setRequest(request.serializeBinary());
    signed.setSignature(
      await signatureOf(options.flaw, request.serializeBinary(), actor, this.actors.actor('org3')),
    );
    const at = options.at ?? 'org1';
    const service = this.actors.peer(at).gateway;
    const outcome = await call<gateway.CommitStatusResponse>(
      (options, done) => service.commitStatus(signed, options, done),
      options.deadlineMs,
    );
    this.record(
      { call: 'CommitStatus', channel, txId, ...options },
      told(outcome, (answer) => ({
        result: validationCode(answer.getResult()),
        block: this.blocks(channel)(answer.getBlockNumber()),
      })),
    );
  }

  /** Silently waits until every peer has committed a transaction: the next request may go to any of them. */
  async #everywhere(txId: string, channel: string): Promise<void> {
    const actor = this.actors.actor('org1');
    const request = new gateway.CommitStatusRequest();
    request.setTransactionId(txId);
    request.setChannelId(channel);
    request.setIdentity(actor.serialized);
    const signed = new gateway.SignedCommitStatusRequest();
    signed.setRequest(request.serializeBinary());
    signed.setSignature(await actor.sign(request.serializeBinary()));
    await Promise.all(
      [...this.actors.peers.values()].map(({ gateway: service }) =>
        call<gateway.CommitStatusResponse>((options, done) => service.commitStatus(signed, options, done)),
      ),
    );
  }

  /** Endorse, submit, wait for the verdict. Returns the transaction id. */
  async transact(spec: ProposalSpec, target: Target = {}): Promise<string> {
    const prepared = await this.endorse(spec, target);
    if (!prepared) return '';
    await this.submit(prepared);
    await this.status(prepared.txId, prepared.channel);
    await this.#everywhere(prepared.txId, prepared.channel);
    return prepared.txId;
  }

  /** Endorses all first, then submits all, so that they meet in one block. Returns the transaction ids. */
  async together(specs: readonly ProposalSpec[], target: Target = {}): Promise<readonly string[]> {
    const prepared = [];
    for (const spec of specs) {
      const one = await this.endorse({ channel: channels.batch, chaincode: 'batched', ...spec }, target);
      if (one) prepared.push(one);
    }
    for (const one of prepared) await this.submit(one);
    for (const { txId, channel } of prepared) await this.status(txId, channel);
    for (const { txId, channel } of prepared) await this.#everywhere(txId, channel);
    return prepared.map(({ txId }) => txId);
  }

  /** Deliver, decoded; see DeliverRequest. */
  async deliver(request: DeliverRequest): Promise<void> {
    const items = readStream(
      this.actors,
      request,
      (channel) => this.blocks(channel),
      (channel, n) => this.block(channel, n),
    );
    await this.#recordWhenAnswered({ call: 'Deliver', ...(request as unknown as JsonObject) }, items);
  }

  /** `ChaincodeEvents`; see EventsRequest. */
  async events(request: EventsRequest): Promise<void> {
    const channel = request.channel ?? channels.main;
    const answers = chaincodeEvents(this.actors, request, this.blocks(channel), (n) =>
      this.block(channel, n),
    );
    await this.#recordWhenAnswered(
      { call: 'ChaincodeEvents', ...(request as unknown as JsonObject) },
      answers,
    );
  }

  /** A `qscc` query through the gateway, its result decoded. */
  async query(
    name: string,
    args: readonly (string | number)[],
    options: { as?: string; channel?: string } = {},
  ): Promise<void> {
    const channel = options.channel ?? channels.main;
    const values = args.map((arg) => (typeof arg === 'number' ? String(this.block(channel, arg)) : arg));
    const spec: ProposalSpec = {
      chaincode: 'qscc',
      args: [name, ...values],
      channel,
      as: options.as ?? 'org1',
    };
    const { proposal, at } = await this.#proposal(spec, {});
    const request = new gateway.EvaluateRequest();
    request.setProposedTransaction(proposal.signed);
    const service = this.actors.peer(at).gateway;
    const outcome = await call<gateway.EvaluateResponse>((options, done) =>
      service.evaluate(request, options, done),
    );
    this.record(
      {
        call: 'Evaluate',
        chaincode: 'qscc',
        name,
        args: args.map((arg) => (typeof arg === 'number' ? `+${String(arg)}` : arg)),
        ...options,
      },
      told(outcome, (answer) => {
        const result = answer.getResult();
        return {
          status: result?.getStatus() ?? 0,
          ...this.#decodeQuery(name, result?.getPayload_asU8() ?? new Uint8Array(), channel),
        };
      }),
    );
  }

  /** A raw gateway call, for requests that no client would make. */
  async raw<A>(request: JsonObject, outcome: Promise<Outcome<A>>): Promise<void> {
    this.record(
      request,
      told(await outcome, () => 'answered'),
    );
  }

  /** The proposal of a spec, made but not sent. */
  async build(spec: ProposalSpec, nonce?: Uint8Array): Promise<SignedProposal> {
    return (await this.#proposal(spec, {}, undefined, nonce)).proposal;
  }

  /** A word in the transcript for a value that differs at every run. */
  name(value: string, word: string): void {
    this.#names.add(value, word);
  }

  async #proposal(
    spec: ProposalSpec,
    { at }: { at?: string },
    from?: SignedProposal,
    nonce: Uint8Array = randomBytes(24),
  ): Promise<{ proposal: SignedProposal; at: string; channel: string; actor: Actor }> {
    const actor = this.actors.actor(spec.as ?? 'org1');
    const channel = spec.channel ?? channels.main;
    const proposal =
      from ??
      (await buildProposal({ chaincode: 'any', ...spec, channel }, actor, this.actors.actor('org3'), nonce));
    this.#names.transaction(proposal.txId);
    return { proposal, at: at ?? actor.name.split('/')[0]!, channel, actor };
  }

  #endorse(
    proposal: SignedProposal,
    at: string,
    channel: string,
    { organizations = [] }: Target,
  ): Promise<Outcome<gateway.EndorseResponse>> {
    const request = new gateway.EndorseRequest();
    request.setProposedTransaction(proposal.signed);
    request.setChannelId(channel);
    request.setTransactionId(proposal.txId);
    request.setEndorsingOrganizationsList([...organizations]);
    const service = this.actors.peer(at).gateway;
    return call<gateway.EndorseResponse>((options, done) => service.endorse(request, options, done));
  }

  #describeEnvelope(envelope: common.Envelope | undefined, channel: string): Json {
    return envelope ? envelopeOf(envelope.serializeBinary(), this.actors, this.blocks(channel)) : null;
  }

  #decodeQuery(name: string, bytes: Uint8Array, channel: string): JsonObject {
    const blocks = this.blocks(channel);
    if (name === 'GetChainInfo') {
      const info = common.BlockchainInfo.deserializeBinary(bytes);
      return {
        height: blocks(info.getHeight()),
        currentHash: info.getCurrentblockhash_asU8().length,
        previousHash: info.getPreviousblockhash_asU8().length,
      };
    }
    if (name === 'GetTransactionByID') {
      const transaction = peer.ProcessedTransaction.deserializeBinary(bytes);
      return {
        code: validationCode(transaction.getValidationcode()),
        transaction: this.#describeEnvelope(transaction.getTransactionenvelope(), channel),
      };
    }
    if (name.startsWith('GetBlock')) {
      return { block: blockContent(common.Block.deserializeBinary(bytes), this.actors, blocks) };
    }
    return { payload: readable(bytes) };
  }
}

/** The answer of a system chaincode, decoded: it stands in the response and in what is signed. */
function withResult({ system }: ProposalSpec, answer: peer.ProposalResponse, described: JsonObject): Json {
  const bytes = answer.getResponse()?.getPayload_asU8() ?? new Uint8Array();
  if (system === undefined || bytes.length === 0) return described;
  const payload = resultOf(system.name, bytes);
  const { response, signed } = described as Readonly<Record<string, JsonObject>>;
  const inner = signed?.response as JsonObject | undefined;
  return {
    ...described,
    response: { ...response, payload },
    signed: { ...signed, ...(inner === undefined ? {} : { response: { ...inner, payload } }) },
  };
}

function told<A>(outcome: Outcome<A>, describeAnswer: (answer: A) => Json): Json {
  return 'answer' in outcome ? describeAnswer(outcome.answer) : { refused: outcome.refused };
}

const describe = (spec: ProposalSpec): JsonObject => spec as unknown as JsonObject;

function describeTarget({ organizations }: Target): JsonObject {
  return organizations ? { organizations } : {};
}
