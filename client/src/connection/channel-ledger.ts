import type { Commit, Gateway, Proposal, Transaction } from '@hyperledger/fabric-gateway';
import { gateway as gatewayMessages, msp } from '@hyperledger/fabric-protos';
import { VitaledgerError } from '@vitaledger/domain';
import {
  isCustodianCall,
  type Call,
  type CommitStatus,
  type Ledger,
  type LedgerProposal,
  type LedgerTransaction,
} from '../transaction/index.js';

/** What is needed of {@link Connections}: tests give their own. */
export interface GatewaySource {
  readonly mspId: string;
  readonly certificate: string;
  gateway(peerName: string): Gateway;
}

interface Submitted {
  readonly gateway: Gateway;
  readonly commit: Pick<Commit, 'getStatus'>;
}

export interface ChannelPlace {
  readonly channel: string;
  readonly chaincode: string;
  /** Names of the peers to work through, the preferred one first. */
  readonly peers: readonly string[];
}

/** A channel of a Fabric network, through the gateways of the profile's peers, one at a time. */
export class ChannelLedger implements Ledger {
  readonly #source: GatewaySource;
  readonly #place: ChannelPlace;
  #current = 0;

  constructor(source: GatewaySource, place: ChannelPlace) {
    this.#source = source;
    this.#place = place;
  }

  propose(call: Call): LedgerProposal {
    const gateway = this.#gateway();
    const contract = gateway.getNetwork(this.#place.channel).getContract(this.#place.chaincode);
    const proposal = contract.newProposal(call.function, proposalOptions(call));
    return {
      transactionId: proposal.getTransactionId(),
      evaluate: () => proposal.evaluate(),
      endorse: () => this.#endorse(gateway, proposal),
    };
  }

  useAnotherPeer(): void {
    this.#current = (this.#current + 1) % this.#place.peers.length;
  }

  #gateway(): Gateway {
    const peer = this.#place.peers[this.#current];
    if (peer === undefined) {
      throw new VitaledgerError(
        'INVALID_ARGUMENT',
        `The connection profile names no peer for channel ${this.#place.channel}`,
      );
    }
    return this.#source.gateway(peer);
  }

  async #endorse(gateway: Gateway, proposal: Proposal): Promise<LedgerTransaction> {
    const transaction = await proposal.endorse();
    let submitted: Submitted | undefined;
    return {
      result: transaction.getResult(),
      // Only proofs ask for it.
      get envelope() {
        return envelopeOf(transaction);
      },
      submit: async () => {
        submitted = await this.#submit(gateway, transaction);
      },
      status: () => this.#status(transaction.getTransactionId(), submitted),
    };
  }

  /** By its bytes, when it goes to another peer than the one that had it endorsed. */
  async #submit(endorsedBy: Gateway, transaction: Transaction): Promise<Submitted> {
    const gateway = this.#gateway();
    const sameAgain = gateway === endorsedBy ? transaction : gateway.newTransaction(transaction.getBytes());
    return { gateway, commit: await sameAgain.submit() };
  }

  /** Asks the peer that is in use now; with the request that was made for it when the transaction was submitted, if it was to the same. */
  async #status(transactionId: string, submitted: Submitted | undefined): Promise<CommitStatus> {
    const gateway = this.#gateway();
    const commit =
      submitted?.gateway === gateway
        ? submitted.commit
        : gateway.newCommit(this.#statusRequest(transactionId));
    const { code, blockNumber } = await commit.getStatus();
    return { code, block: blockNumber };
  }

  #statusRequest(transactionId: string): Uint8Array {
    const identity = new msp.SerializedIdentity();
    identity.setMspid(this.#source.mspId);
    identity.setIdBytes(Buffer.from(this.#source.certificate));
    const request = new gatewayMessages.CommitStatusRequest();
    request.setChannelId(this.#place.channel);
    request.setTransactionId(transactionId);
    request.setIdentity(identity.serializeBinary());
    const signed = new gatewayMessages.SignedCommitStatusRequest();
    signed.setRequest(request.serializeBinary());
    return signed.serializeBinary();
  }
}

function envelopeOf(transaction: Transaction): Uint8Array {
  const prepared = gatewayMessages.PreparedTransaction.deserializeBinary(transaction.getBytes());
  return prepared.getEnvelope()?.serializeBinary() ?? new Uint8Array();
}

/** The custodian is always named: the network is never left to plan who executes on private data. */
export function proposalOptions(
  call: Call,
): Parameters<ReturnType<ReturnType<Gateway['getNetwork']>['getContract']>['newProposal']>[1] {
  if (!isCustodianCall(call)) {
    const named = call.endorsers ? { endorsingOrganizations: [...call.endorsers] } : {};
    return { arguments: [...call.arguments], ...named };
  }
  return {
    transientData: { input: JSON.stringify(call.input) },
    endorsingOrganizations: [call.custodian],
  };
}
