import { Client, credentials } from '@grpc/grpc-js';
import {
  connect,
  hash,
  signers,
  type ConnectOptions,
  type Contract,
  type Gateway,
} from '@hyperledger/fabric-gateway';
import { nativeSigner, readIdentity } from '@vitaledger/client';
import type { Network } from '@vitaledger/network';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `own`: the SDK's, by Node's own primitives. `stock`: the one that Fabric's client comes with. */
export type SignerKind = 'own' | 'stock';

/** Fabric's own client, with the SDK's signer unless told: what all systems are measured with. */
export class GatewayClient {
  private constructor(
    private readonly client: Client,
    private readonly gateway: Gateway,
  ) {}

  /** As a user of the hospital, to its peer or to whatever has its TLS certificate. `port` of another server than the peer. */
  static async connect(
    network: Network,
    { port, signer = 'own' }: { readonly port?: number; readonly signer?: SignerKind } = {},
  ): Promise<GatewayClient> {
    const { mspId, mspDirectory } = network.identity('hospital', 'service');
    const { certificate, privateKey } = await readIdentity(mspDirectory);
    const { name, url } = await hospitalPeer(network);
    const { certificate: root } = peerTls(network);
    const client = new Client(
      port === undefined ? new URL(url).host : `127.0.0.1:${String(port)}`,
      credentials.createSsl(await readFile(root)),
      { 'grpc.ssl_target_name_override': name },
    );
    const deadline = (): { deadline: number } => ({ deadline: Date.now() + 30_000 });
    const gateway = connect({
      client,
      identity: { mspId, credentials: Buffer.from(certificate) },
      ...signing(signer, privateKey),
      evaluateOptions: deadline,
      endorseOptions: deadline,
      submitOptions: deadline,
      commitStatusOptions: deadline,
    });
    return new GatewayClient(client, gateway);
  }

  contract(channel: string, chaincode: string): Contract {
    return this.gateway.getNetwork(channel).getContract(chaincode);
  }

  close(): void {
    this.gateway.close();
    this.client.close();
  }
}

function signing(kind: SignerKind, key: KeyObject): Pick<ConnectOptions, 'signer' | 'hash'> {
  return kind === 'own'
    ? { signer: nativeSigner(key), hash: hash.none }
    : { signer: signers.newPrivateKeySigner(key) };
}

/** TLS files of the hospital's peer. */
export function peerTls(network: Network): { certificate: string; serverCertificate: string; key: string } {
  const folder = join(network.directory.peer('hospital.example', 0), 'tls');
  return {
    certificate: join(folder, 'ca.crt'),
    serverCertificate: join(folder, 'server.crt'),
    key: join(folder, 'server.key'),
  };
}

async function hospitalPeer(network: Network): Promise<{ name: string; url: string }> {
  const profile = JSON.parse(await readFile(network.profile('hospital'), 'utf8')) as {
    peers: Record<string, { url: string }>;
  };
  const [name = ''] = network.peers('hospital');
  return { name, url: profile.peers[name]?.url ?? '' };
}
