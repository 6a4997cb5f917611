import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { VitaledgerError } from '@vitaledger/domain';
import { OPEN } from './loan.js';

/** What a vault must know of a proposal before it has it answered. */
export interface OpenProposal {
  readonly transactionId: string;
  /** Milliseconds since 1970, by the asker's clock. */
  readonly time: number;
}

/**
 * Reads a proposal, and makes sure that it asks this custodian to open a receipt, and nothing else.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT`
 */
export function readOpenProposal(message: Uint8Array, custodian: string): OpenProposal {
  const { header, call, organizations } = decoded(message);
  const isOpening = header.getChannelId() === 'care' && call === OPEN;
  if (!isOpening || organizations.length !== 1 || organizations[0] !== custodian) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `The proposal does not ask ${custodian} to open a receipt`,
      {
        path: 'message',
      },
    );
  }
  return { transactionId: header.getTxId(), time: header.getTimestamp()?.toDate().getTime() ?? 0 };
}

function decoded(message: Uint8Array) {
  try {
    const proposed = gateway.ProposedTransaction.deserializeBinary(message);
    const proposal = peer.Proposal.deserializeBinary(
      proposed.getProposal()?.getProposalBytes_asU8() ?? new Uint8Array(),
    );
    const headers = common.Header.deserializeBinary(proposal.getHeader_asU8());
    const input = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8()).getInput_asU8();
    const spec = peer.ChaincodeInvocationSpec.deserializeBinary(input).getChaincodeSpec();
    const [name = new Uint8Array()] = spec?.getInput()?.getArgsList_asU8() ?? [];
    return {
      header: common.ChannelHeader.deserializeBinary(headers.getChannelHeader_asU8()),
      call: Buffer.from(name).toString('utf8'),
      organizations: proposed.getEndorsingOrganizationsList(),
    };
  } catch {
    throw new VitaledgerError('INVALID_ARGUMENT', 'What was sent is not a proposal', { path: 'message' });
  }
}
