import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Client, credentials, status, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { gateway, orderer, peer } from '@hyperledger/fabric-protos';
import type { Contract } from '@hyperledger/fabric-gateway';
import { maxMessageBytes } from '../chaincode/dial.js';
import { TestNetwork, channelName } from '../testing/test-network.js';

/** Bytes that are the same in every run. */
function garbage(seed: number, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let index = 0; index * 32 < length; index += 1) {
    parts.push(createHash('sha256').update(`${seed} ${index}`).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

const asIs = (bytes: Buffer) => bytes;

describe('what no client of Fabric would send', function () {
  this.timeout(60_000);
  let network: TestNetwork;
  let contract: Contract;
  let peerAddress: string;
  let chaincodeAddress: string;
  let written = 0;

  before(async () => {
    network = await TestNetwork.create({ organizations: 1 });
    await network.start({
      ...network.options,
      organizations: network.options.organizations.map((organization) => ({
        ...organization,
        peers: organization.peers.map((each) => ({ ...each, chaincodeAddress: '127.0.0.1:0' })),
      })),
    });
    await network.deploy('probe');
    contract = (await network.connect('Org1MSP')).getNetwork(channelName).getContract('probe');
    const [own] = network.ledger.status().peers;
    peerAddress = own!.address;
    chaincodeAddress = own!.chaincodeAddress!;
  });
  after(() => network.close());
  /** Whatever was sent, everybody else is served. */
  afterEach(async () => {
    written += 1;
    await contract.submitTransaction('put', 'after', String(written));
    const read = await contract.evaluateTransaction('get', 'after');
    assert.equal(Buffer.from(read).toString(), String(written));
  });

  const tls = (): ChannelCredentials =>
    credentials.createSsl(Buffer.from(network.organization('Org1MSP').tlsAuthority.certificate));

  it('are bytes on any port: the connection ends', async () => {
    for (const address of [peerAddress, network.ordererAddress, chaincodeAddress]) {
      const [host, port] = address.split(':') as [string, string];
      for (const seed of [1, 2, 3]) {
        const socket = connectTcp({ host, port: Number(port) });
        await once(socket, 'connect');
        await ends(socket, garbage(seed, 100_000));
      }
    }
    const [host, port] = peerAddress.split(':') as [string, string];
    const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    await ends(socket, garbage(4, 100_000));
  });

  it('are cut and arbitrary messages in every call: each is answered with an error', async () => {
    const client = new Client(peerAddress, tls());
    const request = new gateway.EndorseRequest();
    request.setChannelId(channelName);
    const inner = new peer.SignedProposal();
    inner.setProposalBytes(garbage(5, 40));
    inner.setSignature(garbage(6, 70));
    request.setProposedTransaction(inner);
    const whole = Buffer.from(request.serializeBinary());
    const methods = [
      ...['Endorse', 'Evaluate', 'Submit', 'CommitStatus'].map((name) => `/gateway.Gateway/${name}`),
      '/protos.Endorser/ProcessProposal',
    ];
    for (const method of methods) {
      const messages = [
        ...Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length)),
        ...Array.from({ length: 20 }, (_, seed) => garbage(seed, seed * 7)),
      ];
      await Promise.all(
        messages.map(async (bytes) => {
          const error = await unary(client, method, bytes);
          // A peer answers a proposal that it can decode and not serve with a response, not with an error.
          assert.ok(error !== undefined || method.includes('Endorser'), `${method} ${bytes.toString('hex')}`);
          assert.notEqual(error?.code, status.DEADLINE_EXCEEDED, `${method} ${bytes.toString('hex')}`);
        }),
      );
    }
    client.close();
  });

  it('are arbitrary messages in streams: each stream ends', async () => {
    const places: [string, ChannelCredentials, string][] = [
      [peerAddress, tls(), '/protos.Deliver/Deliver'],
      [peerAddress, tls(), '/protos.Deliver/DeliverFiltered'],
      [peerAddress, tls(), '/protos.Deliver/DeliverWithPrivateData'],
      [chaincodeAddress, credentials.createInsecure(), '/protos.ChaincodeSupport/Register'],
    ];
    for (const [address, channelCredentials, method] of places) {
      for (const seed of [1, 2, 3]) {
        const client = new Client(address, channelCredentials);
        const stream = client.makeBidiStreamRequest(method, asIs, asIs, { deadline: Date.now() + 5_000 });
        const ended = new Promise<number>((resolve) => {
          stream.on('status', ({ code }: { code: number }) => {
            resolve(code);
          });
        });
        stream.on('error', () => undefined);
        stream.resume();
        stream.write(garbage(seed, 1_000));
        assert.notEqual(await ended, status.DEADLINE_EXCEEDED, method);
        client.close();
      }
    }
    const client = new orderer.AtomicBroadcastClient(
      network.ordererAddress,
      credentials.createSsl(await rootOfOrderers()),
    );
    for (const stream of [client.broadcast(), client.deliver()]) {
      stream.on('error', () => undefined);
      (stream as unknown as { write(message: { serializeBinary(): Uint8Array }): void }).write({
        serializeBinary: () => garbage(7, 500),
      });
      await once(stream.resume(), 'end').catch(() => undefined);
    }
    client.close();
  });

  it('are messages larger than a peer takes: RESOURCE_EXHAUSTED', async () => {
    const client = new Client(peerAddress, tls(), { 'grpc.max_send_message_length': -1 });
    const error = await unary(client, '/protos.Endorser/ProcessProposal', Buffer.alloc(maxMessageBytes + 1));
    assert.equal(error?.code, status.RESOURCE_EXHAUSTED, error?.message);
    client.close();
  });

  it('are requests of a chaincode without end, whose answers it does not read: the peer stops reading, too', async () => {
    // A gRPC client would read for its application.
    const session = connectHttp2(`http://${chaincodeAddress}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/protos.ChaincodeSupport/Register',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => undefined);
    const send = (message: peer.ChaincodeMessage) => {
      const bytes = message.serializeBinary();
      const frame = Buffer.alloc(5 + bytes.length);
      frame.writeUInt32BE(bytes.length, 1);
      frame.set(bytes, 5);
      return stream.write(frame);
    };
    const types = peer.ChaincodeMessage.Type;
    const id = new peer.ChaincodeID();
    id.setName('flood:1.0');
    const registration = new peer.ChaincodeMessage();
    registration.setType(types.REGISTER);
    registration.setPayload(id.serializeBinary());
    send(registration);
    const request = new peer.ChaincodeMessage();
    request.setType(types.GET_STATE);
    request.setTxid('x'.repeat(20_000));
    let isHeld = false;
    for (let sent = 0; sent < 3_000 && !isHeld; sent += 1) {
      request.setChannelId(String(sent));
      if (!send(request)) {
        isHeld = await Promise.race([
          once(stream, 'drain').then(() => false),
          new Promise<boolean>((resolve) => setTimeout(resolve, 2_000, true)),
        ]);
      }
    }
    session.destroy();
    assert.ok(isHeld, 'everything was read, so that the answers are in memory');
  });

  /** Resets are as good as ends. */
  function ends(socket: Socket, bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve();
      });
      socket.resume().end(bytes);
    });
  }

  function unary(client: Client, method: string, bytes: Buffer): Promise<ServiceError | undefined> {
    return new Promise((resolve) => {
      client.makeUnaryRequest(method, asIs, asIs, bytes, { deadline: Date.now() + 20_000 }, (error) => {
        resolve(error ?? undefined);
      });
    });
  }

  async function rootOfOrderers(): Promise<Buffer> {
    const { readFile } = await import('node:fs/promises');
    return readFile(network.ordererRoot);
  }
});
