import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import { readPem } from '../pem.js';
import type { ChaincodeConnection, ChaincodeTls } from './definition.js';

/** The peer's side of the messages of a chaincode, whoever dialed. */
export interface ChaincodeStream {
  on(event: 'data', listener: (message: peer.ChaincodeMessage) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'drain', listener: () => void): unknown;
  /** false: what was written waits, until `drain`. */
  write(message: peer.ChaincodeMessage): boolean;
  pause(): unknown;
  resume(): unknown;
  cancel(reason: string): void;
}

export interface DialedChaincode {
  readonly stream: ChaincodeStream;
  close(): void;
}

export const maxMessageBytes = 100 * 1024 * 1024;

/** Dials a chaincode as a service and opens its stream (core/chaincode/extcc). Throws with Fabric's text. */
export async function dialChaincode(
  connection: ChaincodeConnection & { readonly address: string },
): Promise<DialedChaincode> {
  const { address, packageId, dialTimeoutMs = 3_000, tls } = connection;
  const channelCredentials = await credentialsOf(packageId, tls);
  const client = new peer.ChaincodeClient(address, channelCredentials, {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.initial_reconnect_backoff_ms': 100,
    ...(tls?.serverName === undefined
      ? {}
      : {
          'grpc.ssl_target_name_override': tls.serverName,
          'grpc.default_authority': tls.serverName,
        }),
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(Date.now() + dialTimeoutMs, (error) => {
        if (error === undefined) {
          resolve();
        } else {
          reject(error);
        }
      });
    });
  } catch (error) {
    client.close();
    throw new Error(
      `error cannot create connection for ${packageId}: error creating grpc connection to ${address}: failed to create new connection: context deadline exceeded`,
      { cause: error },
    );
  }
  return {
    stream: client.connect(),
    close: () => {
      client.close();
    },
  };
}

async function credentialsOf(packageId: string, tls: ChaincodeTls | undefined): Promise<ChannelCredentials> {
  if (tls === undefined) {
    return credentials.createInsecure();
  }
  const what = `chaincode ${packageId}`;
  const read = async (value: string | undefined, name: string) =>
    value === undefined ? null : Buffer.from(await readPem(value, `${what} ${name}`));
  return credentials.createSsl(
    await read(tls.rootCertificate, 'root certificate'),
    await read(tls.clientKey, 'client key'),
    await read(tls.clientCertificate, 'client certificate'),
  );
}
