import type {
  handleServerStreamingCall,
  handleUnaryCall,
  sendUnaryData,
  Server,
  ServerUnaryCall,
} from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import type { DeliverContent, DeliverService, DeliverStream } from '../deliver/deliver-service.js';
import type { Endorser } from '../endorser/endorser.js';
import { sendChaincodeEvents } from '../gateway/chaincode-events.js';
import { commitStatus } from '../gateway/commit-status.js';
import { endorse } from '../gateway/endorse.js';
import { toServiceError } from '../gateway/errors.js';
import { evaluate } from '../gateway/evaluate.js';
import type { PeerSource } from '../gateway/plan-builder.js';
import { submit } from '../gateway/submit.js';
import { signalOf } from '../listener.js';
import type { ConcurrencyLimits } from '../options.js';
import { ConcurrencyLimit } from './concurrency-limit.js';

export interface PeerServices {
  readonly source: PeerSource;
  readonly endorser: Endorser;
  readonly deliver: DeliverService;
  readonly limits: ConcurrencyLimits;
}

type Work<Request, Response> = (request: Request, signal: AbortSignal) => Promise<Response> | Response;

/** Adds a peer's gRPC services to its server. */
export function addPeerServices(server: Server, services: PeerServices): void {
  addGateway(server, services);
  addEndorser(server, services);
  addDeliver(server, services);
}

function addGateway(server: Server, { source, limits }: PeerServices): void {
  const limit = new ConcurrencyLimit('/gateway.Gateway', limits.gateway);
  const chaincodeEvents: handleServerStreamingCall<
    gateway.SignedChaincodeEventsRequest,
    gateway.ChaincodeEventsResponse
  > = (call) => {
    const signal = signalOf(call);
    limit
      .run(() => sendChaincodeEvents(source, call.request, call, signal))
      .then(
        () => {
          call.end();
        },
        (error: unknown) => {
          call.emit('error', toServiceError(error));
        },
      );
  };
  server.addService(gateway.GatewayService, {
    endorse: unary(limit, (request: gateway.EndorseRequest, signal) => endorse(source, request, signal)),
    evaluate: unary(limit, (request: gateway.EvaluateRequest, signal) => evaluate(source, request, signal)),
    submit: unary(limit, (request: gateway.SubmitRequest) => submit(source, request)),
    commitStatus: unary(limit, (request: gateway.SignedCommitStatusRequest, signal) =>
      commitStatus(source, request, signal),
    ),
    chaincodeEvents,
  });
}

function addEndorser(server: Server, { endorser, limits }: PeerServices): void {
  const limit = new ConcurrencyLimit('/protos.Endorser', limits.endorser);
  server.addService(peer.EndorserService, {
    processProposal: unary(limit, async (signed: peer.SignedProposal) => {
      const outcome = await endorser.process(signed);
      if (outcome.kind === 'answered') {
        return outcome.response;
      }
      throw new Error(outcome.message);
    }),
  });
}

function addDeliver(server: Server, { deliver, limits }: PeerServices): void {
  const limit = new ConcurrencyLimit('/protos.Deliver', limits.deliver);
  const handle = (content: DeliverContent) => (stream: DeliverStream) => {
    const signal = signalOf(stream);
    limit
      .run(() => deliver.serve(stream, content, signal))
      .catch((error: unknown) => {
        if (!signal.aborted) {
          stream.emit('error', toServiceError(error));
        }
      });
  };
  server.addService(peer.DeliverService, {
    deliver: handle('block'),
    deliverFiltered: handle('filtered'),
    deliverWithPrivateData: handle('private'),
  });
}

function unary<Request, Response>(
  limit: ConcurrencyLimit,
  work: Work<Request, Response>,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
    const signal = signalOf(call);
    limit
      .run(async () => work(call.request, signal))
      .then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          callback(toServiceError(error));
        },
      );
  };
}
