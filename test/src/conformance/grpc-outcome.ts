import { status, type ServiceError } from '@grpc/grpc-js';
import { gateway, google } from '@hyperledger/fabric-protos';
import { compact, type Json, type JsonObject } from './read-write-sets.js';

/** A gRPC call's answer, or its status with the details that the gateway attached. */
export type Outcome<T> = { readonly answer: T } | { readonly refused: JsonObject };

type Send<A> = (
  options: { deadline: number },
  done: (error: ServiceError | null, answer?: A) => void,
) => unknown;

export function call<A>(send: Send<A>, deadlineMs = 20_000): Promise<Outcome<A>> {
  return new Promise((resolve, reject) => {
    send({ deadline: Date.now() + deadlineMs }, (error, answer) => {
      if (error) resolve({ refused: refusal(error) });
      else if (answer !== undefined) resolve({ answer });
      else reject(new Error('neither an answer nor an error'));
    });
  });
}

export function refusal(error: ServiceError): JsonObject {
  return compact({
    code: status[error.code],
    message: error.details,
    details: detailsOf(error),
  });
}

/** Sorted, because endorsers are asked at the same time. */
function detailsOf(error: ServiceError): Json {
  return error.metadata
    .get('grpc-status-details-bin')
    .flatMap((value) => google.rpc.Status.deserializeBinary(Buffer.from(value)).getDetailsList())
    .map((any) => gateway.ErrorDetail.deserializeBinary(any.getValue_asU8()))
    .map((detail) =>
      // Whichever endorser answers last is the one that does not match.
      detail.getMessage() === 'ProposalResponsePayloads do not match'
        ? { address: '<any>', mspId: '<any>', message: detail.getMessage() }
        : { address: detail.getAddress(), mspId: detail.getMspId(), message: detail.getMessage() },
    )
    .sort((one, other) => (one.mspId + one.message < other.mspId + other.message ? -1 : 1));
}
