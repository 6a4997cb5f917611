/**
 * A gateway that answers at once with canned replies: what is left is the client's own cost, the ceiling of any ledger
 * behind the same client, TLS and signer. Runs as a child process, so that client and server have a core each:
 * `node null-gateway.js CERTIFICATE KEY`, prints its port.
 */
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { readFileSync } from 'node:fs';

type Handler<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  reply: sendUnaryData<Response>,
) => void;

/** An endorsed transaction as a client parses it: a channel header and one chaincode response. */
function preparedTransaction(channel: string): common.Envelope {
  const response = new peer.Response();
  response.setStatus(200);
  const action = new peer.ChaincodeAction();
  action.setResponse(response);
  const responsePayload = new peer.ProposalResponsePayload();
  responsePayload.setProposalHash(new Uint8Array(32));
  responsePayload.setExtension$(action.serializeBinary());
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(new Uint8Array(900));
  endorsement.setSignature(new Uint8Array(71));
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(responsePayload.serializeBinary());
  endorsed.setEndorsementsList([endorsement]);
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setAction(endorsed);
  const transactionAction = new peer.TransactionAction();
  transactionAction.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList([transactionAction]);

  const channelHeader = new common.ChannelHeader();
  channelHeader.setChannelId(channel);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}

const endorse: Handler<gateway.EndorseRequest, gateway.EndorseResponse> = (call, reply) => {
  const response = new gateway.EndorseResponse();
  response.setPreparedTransaction(preparedTransaction(call.request.getChannelId()));
  reply(null, response);
};

const submit: Handler<gateway.SubmitRequest, gateway.SubmitResponse> = (_call, reply) => {
  reply(null, new gateway.SubmitResponse());
};

const commitStatus: Handler<gateway.SignedCommitStatusRequest, gateway.CommitStatusResponse> = (
  _call,
  reply,
) => {
  const response = new gateway.CommitStatusResponse();
  response.setResult(peer.TxValidationCode.VALID);
  response.setBlockNumber(1);
  reply(null, response);
};

const evaluate: Handler<gateway.EvaluateRequest, gateway.EvaluateResponse> = (_call, reply) => {
  const result = new peer.Response();
  result.setStatus(200);
  // JSON of 1 KB, as a contract answers.
  result.setPayload(Buffer.from(JSON.stringify('x'.repeat(1022))));
  const response = new gateway.EvaluateResponse();
  response.setResult(result);
  reply(null, response);
};

function main(certificateFile: string, keyFile: string): void {
  const server = new Server();
  const {
    endorse: Endorse,
    submit: Submit,
    commitStatus: Status,
    evaluate: Evaluate,
  } = gateway.GatewayService;
  server.addService(
    { endorse: Endorse, submit: Submit, commitStatus: Status, evaluate: Evaluate },
    { endorse, submit, commitStatus, evaluate },
  );
  const credentials = ServerCredentials.createSsl(null, [
    { cert_chain: readFileSync(certificateFile), private_key: readFileSync(keyFile) },
  ]);
  server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
    if (error) throw error;
    console.log(port);
  });
  process.on('disconnect', () => process.exit(0));
}

const [certificateFile, keyFile] = process.argv.slice(2);
if (!certificateFile || !keyFile) throw new Error('usage: null-gateway CERTIFICATE KEY');
main(certificateFile, keyFile);
