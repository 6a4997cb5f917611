import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { gateway, google } from '@hyperledger/fabric-protos';
import { Any } from 'google-protobuf/google/protobuf/any_pb.js';

/** An answer of the gateway that is a gRPC status, with what each peer said (internal/pkg/gateway/apiutils.go). */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    readonly code: status,
    message: string,
    readonly details: readonly gateway.ErrorDetail[] = [],
  ) {
    super(message);
  }
}

/** What a peer said, as clients find it in `details` of an error. */
export function errorDetail(peer: { address: string; mspId: string }, message: string): gateway.ErrorDetail {
  const detail = new gateway.ErrorDetail();
  detail.setAddress(peer.address);
  detail.setMspId(peer.mspId);
  detail.setMessage(message);
  return detail;
}

/** The error as grpc-js sends it: details travel as `google.rpc.Status` in the trailer `grpc-status-details-bin`. */
export function toServiceError(error: unknown): Partial<ServiceError> & { code: status; details: string } {
  if (!(error instanceof GatewayError)) {
    const details = error instanceof Error ? error.message : String(error);
    return { code: status.UNKNOWN, details, message: details };
  }
  const { code, message } = error;
  if (error.details.length === 0) {
    return { code, details: message, message };
  }
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(statusMessage(error).serializeBinary()));
  return { code, details: message, message, metadata };
}

function statusMessage(error: GatewayError): google.rpc.Status {
  const message = new google.rpc.Status();
  message.setCode(error.code);
  message.setMessage(error.message);
  message.setDetailsList(
    error.details.map((detail) => {
      const any = new Any();
      any.pack(detail.serializeBinary(), 'gateway.ErrorDetail');
      return any;
    }),
  );
  return message;
}
