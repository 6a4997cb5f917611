import { setTimeout as sleep } from 'node:timers/promises';
import { common, peer } from '@hyperledger/fabric-protos';
import {
  activeOrganizations,
  isTrialNumber,
  PROOF_FILE,
  VitaledgerError,
  type PortableProof,
  type ProofStatement,
} from '@vitaledger/domain';
import { answer } from '../session/answer.js';
import type { OperationOptions, Session } from '../session/session.js';
import type { Endorsed, PublicCall } from '../transaction/index.js';

export type { PortableProof, ProofStatement, ProvenInterval, ProvenSubject } from '@vitaledger/domain';

/** What shall be proved: a document by its digest, or a version of the trial's record. */
export type ProofQuestion =
  { readonly trial: string; readonly digest: string } | { readonly trial: string; readonly version: number };

export interface ProofOptions extends OperationOptions {
  /** Waits for the two beats after the registration, instead of failing with `NOT_YET_BOUNDED`. */
  readonly wait?: boolean;
  /** Certificates between endorsers' and their roots, PEM, by MSP id, for organizations that have such. */
  readonly intermediates?: Readonly<Record<string, readonly string[]>>;
}

const pauseBetweenLooks = 1_000;

/** Portable proofs of what was registered when. Anyone who may read the registry can have one made; {@link verifyRegistrationProof} verifies it without. */
export class Proofs {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Has the peers of all organizations, or of a majority where one does not answer, sign what their ledgers hold. Nothing is written.
   *
   * @throws VitaledgerError `NOT_FOUND` when it is not registered as valid, `PRECONDITION_FAILED` with `details.reason` `NOT_YET_BOUNDED`
   *   until the clock has beaten twice since, `UNAVAILABLE` when no majority answers
   */
  async create(question: ProofQuestion, options: ProofOptions = {}): Promise<PortableProof> {
    const call = await this.#call(question, options);
    const { consortium } = await this.#look(call, options);
    const active = activeOrganizations(consortium);
    const endorsed = await this.#endorse(call, active, options);
    const proof = registrationProofOf(endorsed, options.intermediates ?? {});
    if (proof.endorsements.length * 2 <= active.length) {
      throw new VitaledgerError(
        'UNAVAILABLE',
        `Only ${proof.endorsements.length} of ${active.length} active organizations could sign; a proof needs more than half`,
        { reason: 'TOO_FEW_ORGANIZATIONS' },
      );
    }
    return proof;
  }

  async #call(question: ProofQuestion, options: OperationOptions): Promise<PublicCall> {
    const trial = await this.#number(question.trial, options);
    return 'digest' in question
      ? { function: 'ProofContract:document', arguments: [trial, question.digest] }
      : { function: 'ProofContract:version', arguments: [trial, String(question.version)] };
  }

  /** A proof is of this registry's number, whatever number the trial was asked by. */
  async #number(trial: string, { signal }: OperationOptions): Promise<string> {
    if (isTrialNumber(trial)) return trial;
    const call = { function: 'TrialRegistryContract:get', arguments: [trial] };
    const found = answer(await this.#session.channel('registry').evaluate(call, { signal }));
    return (found as { readonly id: string }).id;
  }

  /** Asks one peer first, until there is something to sign. */
  async #look(call: PublicCall, { wait = false, signal }: ProofOptions): Promise<ProofStatement> {
    for (;;) {
      try {
        return answer(await this.#session.channel('registry').evaluate(call, { signal })) as ProofStatement;
      } catch (error) {
        if (!wait || !isNotYetBounded(error)) throw error;
      }
      await sleep(pauseBetweenLooks, undefined, signal ? { signal } : {});
    }
  }

  /** By everyone, so that verifiers who know of more organizations are satisfied too; or by whoever the chaincode's policy needs. */
  async #endorse(
    call: PublicCall,
    endorsers: readonly string[],
    { signal }: OperationOptions,
  ): Promise<Endorsed> {
    const channel = this.#session.channel('registry');
    try {
      return await channel.endorse({ ...call, endorsers }, { signal });
    } catch (error) {
      if (!(error instanceof VitaledgerError) || error.code !== 'UNAVAILABLE') throw error;
      return await channel.endorse(call, { signal });
    }
  }
}

function isNotYetBounded(error: unknown): boolean {
  return error instanceof VitaledgerError && error.details.reason === 'NOT_YET_BOUNDED';
}

/** Takes a proof out of what the gateway prepared as a transaction. */
export function registrationProofOf(
  { envelope }: Pick<Endorsed, 'envelope'>,
  intermediates: PortableProof['intermediates'],
): PortableProof {
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
  );
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  const endorsed = action && peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
  const header = payload.getHeader();
  const signed = endorsed?.getAction();
  if (!header || !endorsed || !signed) {
    throw new VitaledgerError(
      'INTERNAL',
      'The gateway answered with something that is no endorsed transaction',
    );
  }
  return {
    format: PROOF_FILE,
    proposal: {
      channelHeader: header.getChannelHeader_asB64(),
      signatureHeader: header.getSignatureHeader_asB64(),
      payload: endorsed.getChaincodeProposalPayload_asB64(),
    },
    response: signed.getProposalResponsePayload_asB64(),
    endorsements: signed.getEndorsementsList().map((endorsement) => ({
      endorser: endorsement.getEndorser_asB64(),
      signature: endorsement.getSignature_asB64(),
    })),
    intermediates,
  };
}
