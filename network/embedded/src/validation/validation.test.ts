import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import type { Client } from '@grpc/grpc-js';
import { common, gateway as protos, ledger, peer } from '@hyperledger/fabric-protos';
import type { Contract, Gateway } from '@hyperledger/fabric-gateway';
import { signLowS } from '../identity/signature.js';
import { TestNetwork, channelName } from '../testing/test-network.js';
import type { IssuedCertificate } from '../testing/certificate-authority.js';

const codes = peer.TxValidationCode;

/** The nested messages of an endorsed transaction, open to alteration. */
interface OpenTransaction {
  readonly channelHeader: common.ChannelHeader;
  readonly signatureHeader: common.SignatureHeader;
  readonly transaction: peer.Transaction;
  readonly actionPayload: peer.ChaincodeActionPayload;
  readonly responsePayload: peer.ProposalResponsePayload;
  readonly action: peer.ChaincodeAction;
}

function open(envelope: common.Envelope): OpenTransaction {
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const header = payload.getHeader()!;
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(
    transaction.getActionsList()[0]!.getPayload_asU8(),
  );
  const responsePayload = peer.ProposalResponsePayload.deserializeBinary(
    actionPayload.getAction()!.getProposalResponsePayload_asU8(),
  );
  return {
    channelHeader: common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
    signatureHeader: common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()),
    transaction,
    actionPayload,
    responsePayload,
    action: peer.ChaincodeAction.deserializeBinary(responsePayload.getExtension_asU8()),
  };
}

function close(opened: OpenTransaction): common.Envelope {
  const { channelHeader, signatureHeader, transaction, actionPayload, responsePayload, action } = opened;
  responsePayload.setExtension$(action.serializeBinary());
  actionPayload.getAction()?.setProposalResponsePayload(responsePayload.serializeBinary());
  for (const each of transaction.getActionsList()) {
    each.setPayload(actionPayload.serializeBinary());
  }
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}

describe('validation of submitted transactions', function () {
  this.timeout(60_000);
  let network: TestNetwork;
  let gateway: Gateway;
  let contract: Contract;
  let client: Client & { submit: protos.GatewayClient['submit'] };
  let user: IssuedCertificate;

  before(async () => {
    network = await TestNetwork.create({ organizations: 2 });
    await network.start();
    await network.deploy('probe', { policy: "AND('Org1MSP.peer', 'Org2MSP.peer')" });
    user = await network.organization('Org1MSP').issue('user', 'client');
    gateway = await network.connect('Org1MSP', { identityOf: user });
    contract = gateway.getNetwork(channelName).getContract('probe');
    const { credentials } = await import('@grpc/grpc-js');
    client = new protos.GatewayClient(
      network.ledger.address('peer0.org1.example'),
      credentials.createSsl(Buffer.from(network.organization('Org1MSP').tlsAuthority.certificate)),
    );
  });
  after(async () => {
    client.close();
    await network.close();
  });

  /** Submits an endorsed transaction after `alter`, signed by its creator: the code in the block. */
  async function verdict(alter: (opened: OpenTransaction) => void, name = 'announce'): Promise<number> {
    const endorsed = await contract.newProposal(name, { arguments: ['a', 'b'] }).endorse();
    const prepared = protos.PreparedTransaction.deserializeBinary(endorsed.getBytes());
    const opened = open(prepared.getEnvelope()!);
    alter(opened);
    return submit(close(opened));
  }

  async function submit(envelope: common.Envelope): Promise<number> {
    envelope.setSignature(signLowS(createPrivateKey(user.key), envelope.getPayload_asU8()));
    const height = BigInt(network.ledger.status().channels[0]!.height);
    const request = new protos.SubmitRequest();
    request.setChannelId(channelName);
    request.setPreparedTransaction(envelope);
    await new Promise<void>((resolve, reject) => {
      client.submit(request, (error) => {
        if (error === null) {
          resolve();
        } else {
          reject(error);
        }
      });
    });
    const blocks = await gateway.getNetwork(channelName).getFilteredBlockEvents({ startBlock: height });
    try {
      for await (const block of blocks) {
        return block.getFilteredTransactionsList()[0]!.getTxValidationCode();
      }
    } finally {
      blocks.close();
    }
    return assert.fail('no block came');
  }

  it('finds an unaltered one VALID', async () => {
    assert.equal(await verdict(() => undefined), codes.VALID);
  });

  it('finds a transaction id that is not that of creator and nonce', async () => {
    assert.equal(
      await verdict(({ channelHeader }) => {
        channelHeader.setTxId('ab');
      }),
      codes.BAD_PROPOSAL_TXID,
    );
  });

  it('finds a header of another epoch or without a nonce', async () => {
    assert.equal(
      await verdict(({ channelHeader }) => {
        channelHeader.setEpoch(1);
      }),
      codes.BAD_COMMON_HEADER,
    );
  });

  it('finds arguments that are not those which were endorsed', async () => {
    assert.equal(
      await verdict(({ actionPayload }) => {
        actionPayload.setChaincodeProposalPayload(Buffer.from([]));
      }),
      codes.INVALID_ENDORSER_TRANSACTION,
    );
  });

  it('finds more than one action', async () => {
    assert.equal(
      await verdict(({ transaction }) => {
        const [action] = transaction.getActionsList();
        transaction.setActionsList([action!, action!]);
      }),
      codes.INVALID_ENDORSER_TRANSACTION,
    );
  });

  it('finds an altered result: no endorser signed it', async () => {
    assert.equal(
      await verdict(({ action }) => {
        action.getResponse()?.setPayload(Buffer.from('altered'));
      }),
      codes.ENDORSEMENT_POLICY_FAILURE,
    );
  });

  it('finds a missing endorsement, and one that is given twice', async () => {
    assert.equal(
      await verdict(({ actionPayload }) => {
        const endorsed = actionPayload.getAction()!;
        const [first] = endorsed.getEndorsementsList();
        endorsed.setEndorsementsList([first!, first!]);
      }),
      codes.ENDORSEMENT_POLICY_FAILURE,
    );
  });

  it('finds an event of another chaincode', async () => {
    assert.equal(
      await verdict(({ action }) => {
        const event = peer.ChaincodeEvent.deserializeBinary(action.getEvents_asU8());
        event.setChaincodeId('other');
        action.setEvents(event.serializeBinary());
      }),
      codes.INVALID_OTHER_REASON,
    );
  });

  it('finds another chaincode than the one that was called, and one without a version', async () => {
    assert.equal(
      await verdict(({ action }) => action.getChaincodeId()?.setName('other')),
      codes.INVALID_CHAINCODE,
    );
    assert.equal(
      await verdict(({ action }) => action.getChaincodeId()?.setVersion('')),
      codes.INVALID_CHAINCODE,
    );
  });

  it('finds writes to a chaincode that is not defined, to one twice, and sets that nobody can read', async () => {
    const alterSets = (alter: (sets: ledger.rwset.TxReadWriteSet) => void) => (opened: OpenTransaction) => {
      const sets = ledger.rwset.TxReadWriteSet.deserializeBinary(opened.action.getResults_asU8());
      alter(sets);
      opened.action.setResults(sets.serializeBinary());
    };
    assert.equal(
      await verdict(
        alterSets((sets) => {
          sets.getNsRwsetList()[0]?.setNamespace('undefined-chaincode');
        }),
      ),
      // The namespace that was called is looked at first, and nobody signed this.
      codes.ENDORSEMENT_POLICY_FAILURE,
    );
    assert.equal(
      await verdict(
        alterSets((sets) => {
          const [set] = sets.getNsRwsetList();
          sets.setNsRwsetList([set!, set!]);
        }),
      ),
      codes.ILLEGAL_WRITESET,
    );
    assert.equal(
      await verdict(({ action }) => {
        action.setResults(Buffer.from([0xff]));
      }),
      codes.BAD_RWSET,
    );
  });

  it('finds a transaction that is in the ledger already, whatever became of it', async () => {
    const endorsed = await contract.newProposal('put', { arguments: ['once', '1'] }).endorse();
    const envelope = protos.PreparedTransaction.deserializeBinary(endorsed.getBytes()).getEnvelope()!;
    assert.equal(await submit(envelope), codes.VALID);
    assert.equal(await submit(envelope), codes.DUPLICATE_TXID);
  });
});
