import * as v from 'valibot';
import { checkShape, closed, shapes, text } from '../json/shape.js';

/**
 * A portable proof: what peers signed, and what they were asked. It needs no ledger to be verified. Binary members are standard base64
 * with padding.
 */
export interface PortableProof {
  readonly format: typeof PROOF_FILE;
  /** The proposal that was endorsed: channel, chaincode, function, arguments. The signed response holds its digest. */
  readonly proposal: {
    /** `common.ChannelHeader`. */
    readonly channelHeader: string;
    /** `common.SignatureHeader`. */
    readonly signatureHeader: string;
    /** `protos.ChaincodeProposalPayload`. */
    readonly payload: string;
  };
  /** `protos.ProposalResponsePayload`: the statement, and the versions of what was read for it. */
  readonly response: string;
  readonly endorsements: readonly ProofEndorsement[];
  /** Certificates between an endorser's and a root, PEM, by MSP id; only of organizations that have such. */
  readonly intermediates: Readonly<Record<string, readonly string[]>>;
}

export interface ProofEndorsement {
  /** `msp.SerializedIdentity`: MSP id and certificate. */
  readonly endorser: string;
  /** ECDSA over response ‖ endorser, ASN.1 DER, the smaller `s`. */
  readonly signature: string;
}

export const PROOF_FILE = 'vitaledger-proof/1';

const base64 = text((value) => {
  const encoded = String(value);
  return encoded !== '' && Buffer.from(encoded, 'base64').toString('base64') === encoded;
}, 'must be bytes in base64 with padding');

const fileShape = closed({
  format: v.literal(PROOF_FILE),
  proposal: closed({ channelHeader: base64, signatureHeader: base64, payload: base64 }),
  response: base64,
  endorsements: v.pipe(
    v.array(closed({ endorser: base64, signature: base64 })),
    v.minLength(1, 'must have at least one entry'),
    v.maxLength(500, 'must have at most 500 entries'),
  ),
  intermediates: v.record(
    shapes.mspId,
    v.pipe(
      v.array(v.string()),
      v.minLength(1, 'must have at least one entry'),
      v.maxLength(20, 'must have at most 20 entries'),
    ),
  ),
});

/**
 * Checks the shape of a proof; whether it proves anything is another question.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateProofFile(value: unknown): PortableProof {
  return checkShape(fileShape, value, 'proof');
}
