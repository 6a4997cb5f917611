import { peer } from '@hyperledger/fabric-protos';
import {
  canonicalJson,
  validateProofStatement,
  VitaledgerError,
  type ProofStatement,
} from '@vitaledger/domain';
import { readReads, type KeyRead } from './read-set.js';
import { decoded, unproven } from './unproven.js';
import type { ProvenProposal } from './proposal.js';

/** What peers signed. */
export interface ProvenResponse {
  readonly statement: ProofStatement;
  /** What they read for it in the chaincode's own namespace. */
  readonly reads: readonly KeyRead[];
}

const ok = 200;

/** Reads a signed response: that it answers the proposal, succeeded, and states what it may state. */
export function readResponse(response: Buffer, proposal: ProvenProposal): ProvenResponse {
  const [payload, action] = decoded('RESPONSE', 'response', () => {
    const signed = peer.ProposalResponsePayload.deserializeBinary(response);
    return [signed, peer.ChaincodeAction.deserializeBinary(signed.getExtension_asU8())] as const;
  });
  if (!proposal.hash.equals(payload.getProposalHash_asU8()))
    throw unproven('RESPONSE', 'its response answers another proposal');
  if (action.getChaincodeId()?.getName() !== proposal.chaincode)
    throw unproven('RESPONSE', 'its response is of another chaincode');
  if (action.getEvents_asU8().length > 0) throw unproven('RESPONSE', 'its response emits an event');
  if (action.getResponse()?.getStatus() !== ok) throw unproven('RESPONSE', 'the chaincode refused');
  const statement = readStatement(Buffer.from(action.getResponse()?.getPayload_asU8() ?? []));
  return { statement, reads: readReads(Buffer.from(action.getResults_asU8()), proposal.chaincode) };
}

function readStatement(bytes: Buffer): ProofStatement {
  const value = decoded('RESPONSE', 'statement', () => {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const parsed = JSON.parse(text) as unknown;
    if (canonicalJson(parsed) !== text) throw new Error('not canonical');
    return parsed;
  });
  try {
    return validateProofStatement(value);
  } catch (error) {
    if (!(error instanceof VitaledgerError) || error.code !== 'INVALID_ARGUMENT') throw error;
    throw unproven('RESPONSE', `what was signed is no statement of a proof: ${error.message}`);
  }
}
