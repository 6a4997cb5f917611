import { peer } from '@hyperledger/fabric-protos';

export function success(payload: Uint8Array): peer.Response {
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(payload);
  return response;
}

export function failure(message: string): peer.Response {
  const response = new peer.Response();
  response.setStatus(500);
  response.setMessage(message);
  return response;
}

export function notFound(message: string): peer.Response {
  const response = new peer.Response();
  response.setStatus(404);
  response.setMessage(message);
  return response;
}
