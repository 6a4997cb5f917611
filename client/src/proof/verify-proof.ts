import {
  checkMajority,
  provenInterval,
  validateProofFile,
  type ProofStatement,
  type ProvenInterval,
  type ProvenSubject,
} from '@vitaledger/domain';
import { verifyEndorsement } from './endorser.js';
import { readProposal, type ProvenProposal } from './proposal.js';
import { checkReads } from './read-set.js';
import { readResponse } from './response.js';
import { parseRoots, type TrustedRoots } from './roots.js';
import { unproven } from './unproven.js';

/** What a verifier knows beforehand. */
export interface ProofTrust {
  /** Of every organization of the consortium, got from them and not from who shows the proof. */
  readonly roots: TrustedRoots;
  /** `registry` unless told. */
  readonly channel?: string;
  /** Name of the chaincode; `registry` unless told. */
  readonly chaincode?: string;
  /** SHA-256 of the content that the proof shall be about; without it, compare {@link ProvenFact.subject} yourself. */
  readonly digest?: string;
}

/** What a proof proves. */
export interface ProvenFact {
  readonly subject: ProvenSubject;
  /** When it was registered: not before, and not after. */
  readonly registered: ProvenInterval;
  /** When the proof was made. */
  readonly proved: string;
  /** MSP ids of the organizations whose peers signed it, sorted. */
  readonly signedBy: readonly string[];
  readonly channel: string;
  readonly statement: ProofStatement;
}

/**
 * Verifies a proof with nothing but root certificates: no ledger, no network.
 *
 * @param proof what {@link Proofs.create} returned, or its JSON parsed
 * @throws VitaledgerError `INTEGRITY` with `details.reason` when it proves nothing, `INVALID_ARGUMENT` with `details.path` when it is no proof
 */
export function verifyRegistrationProof(proof: unknown, trust: ProofTrust): ProvenFact {
  const file = validateProofFile(proof);
  const roots = parseRoots(trust.roots);
  const proposal = readProposal(file.proposal);
  checkPlace(proposal, trust);
  const response = Buffer.from(file.response, 'base64');
  const { statement, reads } = readResponse(response, proposal);
  checkAnswer(proposal, statement);
  const held = { roots, intermediates: file.intermediates, at: statement.proved };
  const signers = file.endorsements.map((endorsement) => verifyEndorsement(endorsement, response, held));
  if (new Set(signers).size !== signers.length)
    throw unproven('ENDORSEMENT', 'an organization signed it twice');
  const unused = Object.keys(file.intermediates).find((mspId) => !signers.includes(mspId));
  if (unused !== undefined)
    throw unproven('CERTIFICATE', 'it holds certificates of an organization that did not sign it');
  checkMajority(statement.consortium, signers, [...roots.keys()]);
  checkReads(reads, statement);
  const { subject, proved } = statement;
  if (trust.digest !== undefined && trust.digest !== subject.digest) {
    throw unproven('ANOTHER_CONTENT', 'it is about another content: the digests differ', {
      digest: trust.digest,
      proven: subject.digest,
    });
  }
  const registered = provenInterval(statement);
  return { subject, registered, proved, signedBy: [...signers].sort(), channel: proposal.channel, statement };
}

function checkPlace(
  proposal: ProvenProposal,
  { channel = 'registry', chaincode = 'registry' }: ProofTrust,
): void {
  if (proposal.channel === channel && proposal.chaincode === chaincode) return;
  throw unproven('ANOTHER_CHANNEL', `it is not of the chaincode ${chaincode} on the channel ${channel}`);
}

/** That the peers answered the question that their statement is about, when they were asked. */
function checkAnswer(proposal: ProvenProposal, { subject, proved }: ProofStatement): void {
  const question =
    subject.kind === 'document'
      ? ['ProofContract:document', subject.trial, subject.digest]
      : ['ProofContract:version', subject.trial, String(subject.version)];
  const asked = [proposal.function, ...proposal.arguments];
  if (question.length !== asked.length || question.some((part, index) => part !== asked[index]))
    throw unproven('PROPOSAL', 'its statement answers another question than was asked');
  if (proposal.timestamp !== proved)
    throw unproven('PROPOSAL', 'its statement is of another time than its proposal');
}
