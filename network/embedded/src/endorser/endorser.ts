import { peer } from '@hyperledger/fabric-protos';
import { accessRefusal } from '../channel/access-control.js';
import type { ChannelConfiguration } from '../channel/channel-configuration.js';
import {
  findChaincode,
  type ChaincodeSupport,
  type ExecutionResult,
} from '../chaincode/chaincode-support.js';
import type { ChaincodeDirectory } from '../chaincode/definition.js';
import type { Execution } from '../chaincode/transaction-context.js';
import type { Membership } from '../identity/membership.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { ChannelLedger, SimulationResult, Simulator } from '../ledger/ledger.js';
import { messageOf, type Log } from '../log.js';
import { WireError } from '../wire/parse.js';
import { proposalRefusal, timeRefusal, unpackProposal, type UnpackedProposal } from './proposal.js';
import { proposalResponsePayload } from './response-payload.js';

/** What an endorser does with a proposal. */
export type EndorserOutcome =
  | { readonly kind: 'answered'; readonly response: peer.ProposalResponse }
  /** The proposal itself is at fault: bad signature, replay, no access. */
  | { readonly kind: 'rejected'; readonly message: string }
  /** Refused before the endorser proper, which then gives no response at all (an expired identity). */
  | { readonly kind: 'filtered'; readonly message: string };

/** A channel as its endorsers see it. */
export interface EndorsedChannel {
  readonly name: string;
  readonly configuration: ChannelConfiguration;
  readonly chaincodes: ChaincodeDirectory;
  readonly ledger: ChannelLedger;
}

export interface EndorserHost {
  readonly peerName: string;
  readonly identity: SigningIdentity;
  readonly chaincodes: ChaincodeSupport;
  readonly log: Log;
  channel(name: string): EndorsedChannel | undefined;
  /** The peer's own organization, for proposals without a channel. */
  readonly local: Membership;
  isSystemChaincode(name: string): boolean;
  /** Whether a system chaincode reads and writes the channel's state. */
  isSimulated(systemChaincode: string): boolean;
  invokeSystem(
    name: string,
    proposal: UnpackedProposal,
    simulator: Simulator | undefined,
  ): Promise<peer.Response>;
  /** Other running peers that may hold a collection's values. */
  eligiblePeers(channel: string, chaincode: string, collection: string): number;
}

interface Simulated {
  readonly result: ExecutionResult;
  readonly simulation: SimulationResult | undefined;
  readonly version: string;
}

/** Fabric's version of a system chaincode, in its proposal responses. */
const systemVersion = 'syscc';

/** Checks proposals, simulates them and signs the results (core/endorser/endorser.go). */
export class Endorser {
  readonly #host: EndorserHost;
  /** Proposals since the start. */
  readonly measured = { received: 0, successful: 0 };

  constructor(host: EndorserHost) {
    this.#host = host;
  }

  /** `isSigned`: whether an answer that is no refusal carries an endorsement, and what it signs; who only evaluates has no use for them. */
  async process(signed: peer.SignedProposal, isSigned = true): Promise<EndorserOutcome> {
    this.measured.received += 1;
    try {
      const outcome = await this.#process(unpackProposal(signed), isSigned);
      this.measured.successful += isSuccess(outcome) ? 1 : 0;
      return outcome;
    } catch (error) {
      if (error instanceof WireError) {
        return { kind: 'rejected', message: error.message };
      }
      throw error;
    }
  }

  async #process(proposal: UnpackedProposal, isSigned: boolean): Promise<EndorserOutcome> {
    const untimely = timeRefusal(proposal, Date.now());
    if (untimely !== undefined) {
      return { kind: 'filtered', message: untimely };
    }
    const channel = this.#host.channel(proposal.channel);
    if (channel === undefined && proposal.channel !== '') {
      return answered(failed(`channel '${proposal.channel}' not found`));
    }
    await channel?.configuration.membership.verifyAhead(signedBy(proposal));
    const refused = this.#refuse(proposal, channel);
    if (refused !== undefined) {
      return refused;
    }
    try {
      return answered(await this.#respond(proposal, await this.#simulate(proposal, channel), isSigned));
    } catch (error) {
      return answered(failed(messageOf(error)));
    }
  }

  /** What concerns no channel is judged by the peer's own organization. */
  #refuse(proposal: UnpackedProposal, channel: EndorsedChannel | undefined): EndorserOutcome | undefined {
    return channel === undefined
      ? this.#refuseCreator(proposal, this.#host.local)
      : (this.#refuseCreator(proposal, channel.configuration.membership) ??
          this.#refuseOnChannel(proposal, channel));
  }

  #refuseCreator(proposal: UnpackedProposal, membership: Membership): EndorserOutcome | undefined {
    const creatorBytes = proposal.headers.signature.getCreator_asU8();
    if (membership.identity(creatorBytes)?.isExpired() === true) {
      return { kind: 'filtered', message: 'proposal client identity expired' };
    }
    const invalid = proposalRefusal(proposal, membership);
    return invalid === undefined
      ? undefined
      : { kind: 'rejected', message: `error validating proposal: ${invalid}` };
  }

  #refuseOnChannel(proposal: UnpackedProposal, channel: EndorsedChannel): EndorserOutcome | undefined {
    const creatorBytes = proposal.headers.signature.getCreator_asU8();
    if (channel.ledger.transaction(proposal.transactionId) !== undefined) {
      const creator = Buffer.from(creatorBytes).toString('hex');
      return {
        kind: 'rejected',
        message: `duplicate transaction found [${proposal.transactionId}]. Creator [${creator}]`,
      };
    }
    if (this.#host.isSystemChaincode(proposal.chaincode)) {
      return undefined;
    }
    const denied = accessRefusal(channel.configuration, channel.name, 'peer/Propose', signedBy(proposal));
    return denied === undefined ? undefined : { kind: 'rejected', message: denied };
  }

  async #simulate(proposal: UnpackedProposal, channel: EndorsedChannel | undefined): Promise<Simulated> {
    const { chaincode } = proposal;
    if (this.#host.isSystemChaincode(chaincode)) {
      return this.#simulateSystem(proposal, channel);
    }
    const undefinedChaincode = `make sure the chaincode ${chaincode} has been successfully defined on channel ${proposal.channel} and try again`;
    if (channel === undefined) {
      throw new Error(`${undefinedChaincode}: could not get channel config for channel ''`);
    }
    const simulator = simulate(channel, proposal, this.#host.identity.mspId);
    try {
      const found = await findChaincode(
        channel.chaincodes.get(chaincode),
        chaincode,
        this.#host.peerName,
        simulator,
      );
      if (typeof found === 'string') {
        throw new Error(`${undefinedChaincode}: ${found}`);
      }
      const { version } = found.defined.definition;
      const run = () =>
        this.#host.chaincodes.execute(chaincode, proposal.input, executionOf(proposal, simulator), found);
      return { ...(await this.#run(proposal, channel, simulator, run)), version };
    } finally {
      await simulator.release();
    }
  }

  async #simulateSystem(
    proposal: UnpackedProposal,
    channel: EndorsedChannel | undefined,
  ): Promise<Simulated> {
    const { chaincode } = proposal;
    if (channel === undefined || !this.#host.isSimulated(chaincode)) {
      const response = await this.#host.invokeSystem(chaincode, proposal, undefined);
      return { result: { response, event: undefined }, simulation: undefined, version: systemVersion };
    }
    const simulator = simulate(channel, proposal, this.#host.identity.mspId);
    try {
      const run = async () => ({
        response: await this.#host.invokeSystem(chaincode, proposal, simulator),
        event: undefined,
      });
      return { ...(await this.#run(proposal, channel, simulator, run)), version: systemVersion };
    } finally {
      await simulator.release();
    }
  }

  async #run(
    proposal: UnpackedProposal,
    channel: EndorsedChannel,
    simulator: Simulator,
    execute: () => Promise<ExecutionResult>,
  ): Promise<Omit<Simulated, 'version'>> {
    try {
      const result = await execute();
      const simulation = simulator.result();
      await this.#distribute(proposal, channel, simulation);
      return { result, simulation };
    } catch (error) {
      throw new Error(`error in simulation: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Private writes go to the peers of their collections before anybody hears of the endorsement. */
  async #distribute(
    { transactionId }: UnpackedProposal,
    channel: EndorsedChannel,
    { privateWrites }: SimulationResult,
  ): Promise<void> {
    if (privateWrites === undefined) {
      return;
    }
    for (const namespace of privateWrites.getNsPvtRwsetList()) {
      for (const written of namespace.getCollectionPvtRwsetList()) {
        this.#checkEligible(transactionId, channel, namespace.getNamespace(), written.getCollectionName());
      }
    }
    await channel.ledger.keepPrivateWrites(transactionId, privateWrites);
  }

  #checkEligible(transactionId: string, channel: EndorsedChannel, chaincode: string, name: string): void {
    const required = channel.chaincodes.find(chaincode, name)?.requiredPeerCount ?? 0;
    const eligible = required === 0 ? 0 : this.#host.eligiblePeers(channel.name, chaincode, name);
    if (eligible < required) {
      throw new Error(
        `failed to distribute private collection, txID ${transactionId}, channel ${channel.name}: could not build private data dissemination plan for chaincode ${chaincode} and collection ${name}: required to disseminate to at least ${required} peers, but know of only ${eligible} eligible peers`,
      );
    }
  }

  /** Above 499 the payload goes back unsigned, from 400 on nothing does, below it is endorsed, if there is a channel. */
  async #respond(
    proposal: UnpackedProposal,
    { result, simulation, version }: Simulated,
    isSigned: boolean,
  ): Promise<peer.ProposalResponse> {
    const status = result.response.getStatus();
    const answer = new peer.ProposalResponse();
    answer.setResponse(result.response);
    if ((status >= 400 && status < 500) || (status < 400 && (proposal.channel === '' || !isSigned))) {
      return answer;
    }
    const payload = proposalResponsePayload(proposal, version, {
      response: result.response,
      event: status < 400 ? result.event : undefined,
      results: simulation?.publicReadWriteSet,
    });
    answer.setPayload(payload);
    answer.setInterest(simulation?.interest);
    if (status < 400) {
      answer.setVersion(1);
      answer.setEndorsement(await this.#endorse(payload));
    }
    return answer;
  }

  async #endorse(payload: Uint8Array): Promise<peer.Endorsement> {
    const { identity } = this.#host;
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(identity.serialized);
    endorsement.setSignature(await identity.sign(Buffer.concat([payload, identity.serialized])));
    return endorsement;
  }
}

function isSuccess(outcome: EndorserOutcome): boolean {
  return outcome.kind === 'answered' && (outcome.response.getResponse()?.getStatus() ?? 500) < 400;
}

/** A simulation for a proposal, on the channel that it names or on another one. */
export function simulate(channel: EndorsedChannel, proposal: UnpackedProposal, mspId: string): Simulator {
  const creator = channel.configuration.membership.identity(proposal.headers.signature.getCreator_asU8());
  return channel.ledger.simulate({
    transactionId: proposal.transactionId,
    mspId,
    creatorMspId: creator?.mspId ?? '',
    collections: channel.chaincodes,
  });
}

function executionOf(proposal: UnpackedProposal, simulator: Simulator): Execution {
  return {
    channel: proposal.channel,
    transactionId: proposal.transactionId,
    signedProposal: proposal.signed,
    creator: proposal.headers.signature.getCreator_asU8(),
    simulator,
  };
}

/** The creator's signature over the proposal, as access rules are checked with it. */
export function signedBy({ signed, headers }: Pick<UnpackedProposal, 'signed' | 'headers'>): {
  data: Uint8Array;
  identity: Uint8Array;
  signature: Uint8Array;
} {
  return {
    data: signed.getProposalBytes_asU8(),
    identity: headers.signature.getCreator_asU8(),
    signature: signed.getSignature_asU8(),
  };
}

function answered(response: peer.ProposalResponse): EndorserOutcome {
  return { kind: 'answered', response };
}

function failed(message: string): peer.ProposalResponse {
  const response = new peer.Response();
  response.setStatus(500);
  response.setMessage(message);
  const answer = new peer.ProposalResponse();
  answer.setResponse(response);
  return answer;
}
