import assert from 'node:assert/strict';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { gateway as messages, peer } from '@hyperledger/fabric-protos';
import { createPrivateKey } from 'node:crypto';
import { nativeSigner } from '../signer/native-signer.js';
import { currentIdentity } from '../testing/certificate.js';
import { profileOf } from './addresses.js';
import { Connections } from './connections.js';
import type { IdentityPem } from './identity.js';
import { PeerClients, type ClientTls } from './peer-clients.js';

/** A peer on this machine that counts its connections and tells who asked. */
class AnsweringPeer {
  readonly askedBy: string[] = [];
  connections = new Set<string>();
  #server = new Server();
  port = 0;

  async start(tls: IdentityPem, clients?: IdentityPem): Promise<void> {
    const evaluate = {
      path: '/gateway.Gateway/Evaluate',
      requestStream: false,
      responseStream: false,
      requestDeserialize: (bytes: Buffer) => messages.EvaluateRequest.deserializeBinary(bytes),
      responseSerialize: (response: messages.EvaluateResponse) => Buffer.from(response.serializeBinary()),
      requestSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    const implementation = {
      evaluate: (
        call: { request: messages.EvaluateRequest; getPeer(): string },
        answer: (error: null, response: messages.EvaluateResponse) => void,
      ) => {
        this.connections.add(call.getPeer());
        this.askedBy.push(creatorOf(call.request));
        const response = new messages.EvaluateResponse();
        response.setResult(new peer.Response());
        answer(null, response);
      },
    };
    this.#server.addService({ evaluate }, implementation);
    const pair = { private_key: Buffer.from(tls.privateKey), cert_chain: Buffer.from(tls.certificate) };
    const roots = clients ? Buffer.from(clients.certificate) : null;
    const credentials = ServerCredentials.createSsl(roots, [pair], clients !== undefined);
    this.port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
        if (error) reject(error);
        else resolve(port);
      });
    });
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}

function creatorOf(request: messages.EvaluateRequest): string {
  const proposal = peer.Proposal.deserializeBinary(
    request.getProposedTransaction()?.getProposalBytes_asU8() ?? new Uint8Array(),
  );
  // Header: the signature header is its second field, and the creator that one's first.
  const identity = Buffer.from(proposal.getHeader_asU8());
  const start = identity.indexOf('-----BEGIN');
  return start < 0 ? '' : identity.subarray(start).toString('utf8').split('-----END')[0]!;
}

describe('connections to peers', function () {
  this.timeout(10_000);
  let server: AnsweringPeer;
  let tls: IdentityPem;

  const clientsOf = (own?: ClientTls): PeerClients =>
    new PeerClients(
      profileOf({
        mspId: 'HospitalMSP',
        networkId: '5b'.repeat(16),
        peers: [{ address: `127.0.0.1:${server.port}`, tlsRoots: tls.certificate, serverName: 'client' }],
        members: { care: ['HospitalMSP'] },
        custodians: ['HospitalMSP'],
      }),
      own,
    );
  const identityOf = ({ certificate, privateKey }: IdentityPem) => ({
    certificate,
    sign: nativeSigner(createPrivateKey(privateKey)),
    expires: new Date(),
  });
  const ask = async (connections: Connections): Promise<void> => {
    const contract = connections.gateway(`127.0.0.1:${server.port}`).getNetwork('care').getContract('care');
    await contract.newProposal('a').evaluate();
  };

  beforeEach(async () => {
    server = new AnsweringPeer();
    tls = await currentIdentity();
  });
  afterEach(() => {
    server.stop();
  });

  it('are shared by many identities, each signing as itself, until the last one is closed', async () => {
    await server.start(tls);
    const clients = clientsOf();
    const identities = await Promise.all([currentIdentity(), currentIdentity(), currentIdentity()]);
    const all = identities.map((one) => new Connections('HospitalMSP', identityOf(one), clients));
    for (const one of all) await ask(one);
    assert.equal(server.connections.size, 1, 'one connection');
    assert.deepEqual(
      server.askedBy,
      identities.map(({ certificate }) => certificate.split('-----END')[0]),
    );
    const [first, second, third] = all as [Connections, Connections, Connections];
    first.close();
    first.close();
    second.close();
    await ask(third);
    assert.throws(() => first.gateway('any'), { code: 'PRECONDITION_FAILED' });
    third.close();
    assert.equal(server.connections.size, 1);
  });

  it('show the client’s own certificate to a peer that asks for one', async () => {
    const own = await currentIdentity();
    await server.start(tls, own);
    const identity = identityOf(await currentIdentity());
    const without = new Connections('HospitalMSP', identity, clientsOf(), {
      ...{ evaluate: 2000, endorse: 1, submit: 1, commitStatus: 1 },
    });
    await assert.rejects(ask(without));
    const shown = new Connections('HospitalMSP', identity, clientsOf(own));
    await ask(shown);
    assert.equal(server.askedBy.length, 1);
    for (const one of [without, shown]) one.close();
  });
});
