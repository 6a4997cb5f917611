import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { connect, hash, type ConnectOptions, type Gateway } from '@hyperledger/fabric-gateway';
import { common, gateway as messages, peer } from '@hyperledger/fabric-protos';
import { nativeSigner } from '../signer/native-signer.js';
import type { Call } from '../transaction/index.js';
import { ChannelLedger } from './channel-ledger.js';

const custodianCall: Call = {
  function: 'RecordContract:enrol',
  custodian: 'ClinicMSP',
  input: { patient: 'Anna' },
};
const publicCall: Call = { function: 'ConsentContract:revoke', arguments: ['secret'] };

type Message =
  | messages.EndorseRequest
  | messages.EvaluateRequest
  | messages.SubmitRequest
  | messages.SignedCommitStatusRequest;

interface Sent {
  readonly peer: string;
  readonly method: string;
  readonly message: Message;
}

/** Peers that answer every call well, and tell what they were sent. */
class RecordingPeers {
  readonly sent: Sent[] = [];
  readonly mspId = 'HospitalMSP';
  readonly certificate = 'certificate';
  readonly #gateways = new Map<string, Gateway>();

  gateway(name: string): Gateway {
    const existing = this.#gateways.get(name);
    if (existing) {
      return existing;
    }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client = {
      makeUnaryRequest: (method: string, ...rest: unknown[]) => {
        const message = rest[2] as Message;
        this.sent.push({ peer: name, method: method.slice(method.lastIndexOf('/') + 1), message });
        const callback = rest.at(-1) as (error: null, response: unknown) => void;
        callback(null, answerTo(message));
      },
    } as unknown as ConnectOptions['client'];
    const identity = { mspId: this.mspId, credentials: Buffer.from(this.certificate) };
    const opened = connect({ client, identity, signer: nativeSigner(privateKey), hash: hash.none });
    this.#gateways.set(name, opened);
    return opened;
  }

  of<T extends Message>(type: new () => T): readonly T[] {
    return this.sent.map(({ message }) => message).filter((message): message is T => message instanceof type);
  }
}

function answerTo(message: Message): unknown {
  if (message instanceof messages.EvaluateRequest) {
    const response = new messages.EvaluateResponse();
    response.setResult(new peer.Response());
    return response;
  }
  if (message instanceof messages.EndorseRequest) {
    const response = new messages.EndorseResponse();
    response.setPreparedTransaction(endorsed(message));
    return response;
  }
  if (message instanceof messages.SubmitRequest) {
    return new messages.SubmitResponse();
  }
  const status = new messages.CommitStatusResponse();
  status.setBlockNumber(9);
  return status;
}

/** The least that a gateway reads from an endorsed transaction: the channel's name and an (empty) result. */
function endorsed(request: messages.EndorseRequest): common.Envelope {
  const proposal = peer.Proposal.deserializeBinary(request.getProposedTransaction()!.getProposalBytes_asU8());
  const action = new peer.ChaincodeEndorsedAction();
  const responsePayload = new peer.ProposalResponsePayload();
  const chaincodeAction = new peer.ChaincodeAction();
  chaincodeAction.setResponse(new peer.Response());
  responsePayload.setExtension$(chaincodeAction.serializeBinary());
  action.setProposalResponsePayload(responsePayload.serializeBinary());
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setAction(action);
  const transactionAction = new peer.TransactionAction();
  transactionAction.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(transactionAction);
  const payload = new common.Payload();
  payload.setHeader(common.Header.deserializeBinary(proposal.getHeader_asU8()));
  payload.setData(transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}

function proposalOf(request: messages.EndorseRequest | messages.EvaluateRequest): {
  readonly args: readonly string[];
  readonly transient: Readonly<Record<string, string>>;
} {
  const proposal = peer.Proposal.deserializeBinary(request.getProposedTransaction()!.getProposalBytes_asU8());
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8());
  const args = spec.getChaincodeSpec()!.getInput()!.getArgsList_asU8();
  const transient = [...payload.getTransientmapMap().entries()] as [string, Uint8Array][];
  return {
    args: args.map((arg) => Buffer.from(arg).toString()),
    transient: Object.fromEntries(transient.map(([name, value]) => [name, Buffer.from(value).toString()])),
  };
}

describe('a channel', () => {
  let peers: RecordingPeers;
  let ledger: ChannelLedger;

  beforeEach(() => {
    peers = new RecordingPeers();
    ledger = new ChannelLedger(peers, { channel: 'care', chaincode: 'care', peers: ['peer0', 'peer1'] });
  });

  it('names the custodian as the only endorser and sends the input as transient data alone', async () => {
    await ledger.propose(custodianCall).endorse();
    const [request] = peers.of(messages.EndorseRequest);
    assert.deepEqual(request!.getEndorsingOrganizationsList(), ['ClinicMSP']);
    assert.deepEqual(proposalOf(request!), {
      args: ['RecordContract:enrol'],
      transient: { input: '{"patient":"Anna"}' },
    });
  });

  it('evaluates on the custodian alone', async () => {
    await ledger.propose(custodianCall).evaluate();
    const [request] = peers.of(messages.EvaluateRequest);
    assert.deepEqual(request!.getTargetOrganizationsList(), ['ClinicMSP']);
  });

  it('leaves public functions to the policy, and sends no transient data with them', async () => {
    await ledger.propose(publicCall).endorse();
    const [request] = peers.of(messages.EndorseRequest);
    assert.deepEqual(request!.getEndorsingOrganizationsList(), []);
    assert.deepEqual(proposalOf(request!), { args: ['ConsentContract:revoke', 'secret'], transient: {} });
  });

  it('submits the same bytes under the same id through another peer', async () => {
    const proposal = ledger.propose(custodianCall);
    const transaction = await proposal.endorse();
    await transaction.submit();
    ledger.useAnotherPeer();
    await transaction.submit();
    const [first, second] = peers.of(messages.SubmitRequest);
    assert.deepEqual(
      peers.sent.filter(({ method }) => method === 'Submit').map((one) => one.peer),
      ['peer0', 'peer1'],
    );
    assert.equal(first!.getTransactionId(), proposal.transactionId);
    assert.deepEqual(second!.serializeBinary(), first!.serializeBinary());
  });

  it('asks any peer for the status, with or without a submission that was confirmed', async () => {
    const proposal = ledger.propose(custodianCall);
    const transaction = await proposal.endorse();
    ledger.useAnotherPeer();
    assert.deepEqual(await transaction.status(), { code: 0, block: 9n });
    const [signed] = peers.of(messages.SignedCommitStatusRequest);
    const request = messages.CommitStatusRequest.deserializeBinary(signed!.getRequest_asU8());
    assert.equal(request.getTransactionId(), proposal.transactionId);
    assert.equal(request.getChannelId(), 'care');
    assert.ok(signed!.getSignature_asU8().length > 0);
    assert.equal(peers.sent.at(-1)!.peer, 'peer1');
  });

  it('comes back to the first peer after the last', async () => {
    ledger.useAnotherPeer();
    ledger.useAnotherPeer();
    await ledger.propose(publicCall).evaluate();
    assert.equal(peers.sent.at(-1)!.peer, 'peer0');
  });
});
