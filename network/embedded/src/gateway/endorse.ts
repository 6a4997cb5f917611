import { status } from '@grpc/grpc-js';
import { gateway, type peer } from '@hyperledger/fabric-protos';
import { WireError } from '../wire/parse.js';
import { transactionEnvelope } from '../wire/transaction-envelope.js';
import { errorDetail, GatewayError } from './errors.js';
import { askPeer, type GatewayPeer } from './gateway-peer.js';
import {
  interestIn,
  PlanError,
  planForInterest,
  planForOrganizations,
  type PeerSource,
} from './plan-builder.js';
import type { CompletedPlan, EndorsementPlan } from './plan.js';
import { targetOf, type ProposalTarget } from './proposal-target.js';

/** Collects the endorsements that a transaction needs and assembles it, unsigned (internal/pkg/gateway/endorse.go). */
export async function endorse(
  source: PeerSource,
  request: gateway.EndorseRequest,
  signal: AbortSignal,
): Promise<gateway.EndorseResponse> {
  const signed = request.getProposedTransaction();
  if (signed === undefined || signed.getProposalBytes_asU8().length === 0) {
    throw new GatewayError(
      status.INVALID_ARGUMENT,
      'the proposed transaction must contain a signed proposal',
    );
  }
  const target = readTarget(signed);
  const organizations = request.getEndorsingOrganizationsList();
  const collector = new EndorsementCollector(source, signed, signal);
  const plan =
    organizations.length > 0
      ? planNamed(source, target, organizations)
      : await collector.planFromFirstEndorser(target);
  const completed = await collector.collect(plan);
  const response = new gateway.EndorseResponse();
  response.setPreparedTransaction(transactionEnvelope(target.header, target.payload, completed));
  return response;
}

function readTarget(signed: peer.SignedProposal): ProposalTarget {
  try {
    return targetOf(signed);
  } catch (error) {
    if (error instanceof WireError) {
      throw new GatewayError(status.INVALID_ARGUMENT, error.message);
    }
    throw error;
  }
}

function planNamed(
  source: PeerSource,
  target: ProposalTarget,
  organizations: readonly string[],
): EndorsementPlan {
  return orStatus(status.UNAVAILABLE, () =>
    planForOrganizations(source, target.channel, target.chaincode, organizations),
  );
}

/** Runs a planner; its refusal becomes the status. */
function orStatus<T>(code: status, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (error instanceof PlanError) {
      throw new GatewayError(code, error.message);
    }
    throw error;
  }
}

function tryPlan<T>(plan: () => T): T | PlanError {
  try {
    return plan();
  } catch (error) {
    if (error instanceof PlanError) {
      return error;
    }
    throw error;
  }
}

class EndorsementCollector {
  readonly #source: PeerSource;
  readonly #signed: peer.SignedProposal;
  readonly #signal: AbortSignal;

  constructor(source: PeerSource, signed: peer.SignedProposal, signal: AbortSignal) {
    this.#source = source;
    this.#signed = signed;
    this.#signal = signal;
  }

  async collect(plan: EndorsementPlan): Promise<CompletedPlan> {
    while (plan.completed === undefined) {
      const endorsers = plan.nextEndorsers();
      if (endorsers === undefined) {
        throw new GatewayError(
          status.ABORTED,
          'failed to collect enough transaction endorsements, see attached details for more info',
          plan.errors,
        );
      }
      const exhausted = await this.#unlessAborted(
        Promise.all(endorsers.map((endorser) => this.#endorseInGroup(plan, endorser))),
        'endorsement timeout expired while collecting endorsements',
      );
      plan.abandon(exhausted.filter((group) => group !== undefined));
    }
    return plan.completed;
  }

  /** One peer endorses first; what it read and wrote says who else must. */
  async planFromFirstEndorser(target: ProposalTarget): Promise<EndorsementPlan> {
    const { endorser, response } = await this.#firstEndorsement(this.#planOfFirst(target));
    const reported = response.getInterest();
    const interest =
      reported === undefined || reported.getChaincodesList().length === 0
        ? interestIn(target.chaincode)
        : reported;
    const plan = target.hasTransientData
      ? this.#planProtected(target, interest, endorser)
      : orStatus(status.FAILED_PRECONDITION, () =>
          planForInterest(this.#source, target.channel, interest, endorser),
        );
    plan.accept(endorser, response);
    return plan;
  }

  #planOfFirst({ channel, chaincode, hasTransientData }: ProposalTarget): EndorsementPlan {
    const own = tryPlan(() =>
      planForOrganizations(this.#source, channel, chaincode, [this.#source.local.mspId]),
    );
    if (!(own instanceof PlanError)) {
      return own;
    }
    if (hasTransientData) {
      throw new GatewayError(
        status.FAILED_PRECONDITION,
        "no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to protect transient data",
      );
    }
    return orStatus(status.FAILED_PRECONDITION, () =>
      planForInterest(this.#source, channel, interestIn(chaincode)),
    );
  }

  /** Transient data goes only to members of the collections involved, even when nothing private was read. */
  #planProtected(
    { channel }: ProposalTarget,
    interest: peer.ChaincodeInterest,
    endorser: GatewayPeer,
  ): EndorsementPlan {
    const cautious = interest.cloneMessage();
    const guarded = cautious.getChaincodesList().filter((call) => call.getNoPrivateReads());
    for (const call of guarded) {
      call.setNoPrivateReads(false);
    }
    const plan = tryPlan(() => planForInterest(this.#source, channel, cautious, endorser));
    if (!(plan instanceof PlanError)) {
      return plan;
    }
    const names = guarded.flatMap((call) => call.getCollectionNamesList());
    const incautious = tryPlan(() => planForInterest(this.#source, channel, interest, endorser));
    if (names.length > 0 && !(incautious instanceof PlanError)) {
      throw new GatewayError(
        status.FAILED_PRECONDITION,
        `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${names.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`,
      );
    }
    throw new GatewayError(
      status.FAILED_PRECONDITION,
      names.length > 0 && incautious instanceof PlanError ? incautious.message : plan.message,
    );
  }

  async #firstEndorsement(
    plan: EndorsementPlan,
  ): Promise<{ endorser: GatewayPeer; response: peer.ProposalResponse }> {
    let [endorser] = plan.nextEndorsers() ?? [];
    while (endorser !== undefined) {
      const judged = await this.#unlessAborted(
        this.#ask(endorser),
        'endorsement timeout expired while collecting first endorsement',
      );
      if (judged.ok) {
        return { endorser, response: judged.response };
      }
      plan.errors.push(errorDetail(endorser, judged.message));
      endorser = plan.replacementFor(endorser);
    }
    throw new GatewayError(
      status.ABORTED,
      'failed to endorse transaction, see attached details for more info',
      plan.errors,
    );
  }

  /** Asks peers of a group until one endorses; the group's name when none does. */
  async #endorseInGroup(plan: EndorsementPlan, first: GatewayPeer): Promise<string | undefined> {
    const group = plan.groupOf(first);
    for (
      let endorser: GatewayPeer | undefined = first;
      endorser !== undefined;
      endorser = plan.replacementFor(endorser)
    ) {
      const judged = await this.#ask(endorser);
      if (!judged.ok) {
        plan.errors.push(errorDetail(endorser, judged.message));
      } else if (plan.accept(endorser, judged.response)) {
        return undefined;
      }
    }
    return group;
  }

  #ask(endorser: GatewayPeer): ReturnType<typeof askPeer> {
    return askPeer(endorser, this.#signed, endorser === this.#source.local, 'endorse');
  }

  #unlessAborted<T>(promise: Promise<T>, message: string): Promise<T> {
    return unlessAborted(promise, this.#signal, () => new GatewayError(status.DEADLINE_EXCEEDED, message));
  }
}

/** The promise's result, or the error as soon as the client's deadline has passed or it has gone. */
export async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  error: () => Error,
): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(error());
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) {
      stop();
    }
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) {
      signal.removeEventListener('abort', stop);
    }
  }
}
