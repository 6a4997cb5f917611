import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import { TestNetwork, channelName } from '../testing/test-network.js';

const types = peer.ChaincodeMessage.Type;

describe('chaincodes that dial the peer', function () {
  this.timeout(60_000);
  let network: TestNetwork;
  let directory: string;
  const children: ChildProcess[] = [];

  /** `fabric-chaincode-node start`, as it is. */
  function start(
    peerName: string,
    packageId: string,
    environment: Record<string, string> = {},
  ): ChildProcess {
    const { chaincodeAddress } = network.ledger.status().peers.find(({ name }) => name === peerName)!;
    const child = spawn(
      process.execPath,
      [
        require.resolve('fabric-shim/cli.js'),
        'start',
        ...[
          '--peer.address',
          chaincodeAddress!,
          '--chaincode-id-name',
          packageId,
          '--module-path',
          directory,
        ],
      ],
      {
        cwd: directory,
        env: { ...process.env, CORE_PEER_LOCALMSPID: 'Org1MSP', ...environment },
        stdio: ['ignore', 'ignore', 'ignore'],
      },
    );
    children.push(child);
    return child;
  }

  async function until(what: () => boolean): Promise<void> {
    const giveUp = Date.now() + 20_000;
    while (!what()) {
      assert.ok(Date.now() < giveUp, what.toString());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const connectedPeers = (name: string) =>
    network.ledger.status().channels[0]!.chaincodes.find((each) => each.name === name)?.connectedPeers ?? [];

  before(async () => {
    network = await TestNetwork.create({ organizations: 2 });
    const options = {
      ...network.options,
      organizations: network.options.organizations.map((organization, index) => ({
        ...organization,
        peers: organization.peers.map((each) => ({
          ...each,
          chaincodeAddress: '127.0.0.1:0',
          chaincodeTls: index === 1,
        })),
      })),
    };
    await network.start(options);
    directory = network.root;
    await writeFile(
      join(directory, 'package.json'),
      JSON.stringify({
        name: 'probe',
        version: '1.0.0',
        main: require.resolve('../testing/probe-contract.js'),
      }),
    );
    for (const name of ['probe', 'secure']) {
      const peerName = `peer0.org${name === 'probe' ? 1 : 2}.example`;
      await network.ledger.defineChaincode({
        channel: channelName,
        name,
        version: '1.0',
        sequence: 1,
        policy: `OR('Org${name === 'probe' ? 1 : 2}MSP.peer')`,
        connections: { [peerName]: { packageId: `${name}:1.0` } },
      });
    }
  });
  after(async () => {
    for (const child of children) {
      child.kill('SIGKILL');
    }
    await network.close();
  });

  it('are waited for by nobody, serve once they have registered, and again after they were killed', async () => {
    const contract = (await network.connect('Org1MSP')).getNetwork(channelName).getContract('probe');
    await assert.rejects(
      contract.evaluateTransaction('get', 'a'),
      (error: { details: { message: string }[] }) => {
        assert.match(
          error.details[0]?.message ?? '',
          /could not launch chaincode probe:1\.0: probe:1\.0 has not registered with this peer/,
        );
        return true;
      },
    );
    for (const value of ['first', 'second']) {
      const child = start('peer0.org1.example', 'probe:1.0');
      await until(() => connectedPeers('probe').includes('peer0.org1.example'));
      await contract.submitTransaction('put', 'key', value);
      assert.equal(Buffer.from(await contract.evaluateTransaction('get', 'key')).toString(), value);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await until(() => connectedPeers('probe').length === 0);
    }
  });

  it('may come over TLS', async () => {
    const contract = (await network.connect('Org2MSP')).getNetwork(channelName).getContract('secure');
    const organization = network.organization('Org2MSP');
    const client = await organization.tlsAuthority.issue({ commonName: 'chaincode' });
    const files = { root: organization.tlsAuthority.certificate, ...client };
    for (const [name, content] of Object.entries(files)) {
      // The shim decodes key and certificate, and not the root.
      await writeFile(
        join(directory, name),
        name === 'root' ? content : Buffer.from(content).toString('base64'),
      );
    }
    start('peer0.org2.example', 'secure:1.0', {
      CORE_PEER_TLS_ENABLED: 'true',
      CORE_PEER_TLS_ROOTCERT_FILE: join(directory, 'root'),
      CORE_TLS_CLIENT_KEY_PATH: join(directory, 'key'),
      CORE_TLS_CLIENT_CERT_PATH: join(directory, 'certificate'),
      CORE_PEER_LOCALMSPID: 'Org2MSP',
    });
    await until(() => connectedPeers('secure').includes('peer0.org2.example'));
    await contract.submitTransaction('put', 'key', 'value');
    assert.equal(Buffer.from(await contract.evaluateTransaction('get', 'key')).toString(), 'value');
  });

  it('are refused under a name that is there, without a name, and when they begin otherwise', async () => {
    start('peer0.org1.example', 'probe:1.0');
    await until(() => connectedPeers('probe').includes('peer0.org1.example'));
    assert.match(await refusal(registration('probe:1.0')), /duplicate chaincodeID: probe:1\.0/);
    assert.match(await refusal(registration('')), /chaincodeID name is empty/);
    const early = new peer.ChaincodeMessage();
    early.setType(types.GET_STATE);
    assert.match(await refusal(early), /cannot handle message \(GET_STATE\) while in created state/);
    assert.deepEqual(connectedPeers('probe'), ['peer0.org1.example']);
  });

  function registration(name: string): peer.ChaincodeMessage {
    const id = new peer.ChaincodeID();
    id.setName(name);
    const message = new peer.ChaincodeMessage();
    message.setType(types.REGISTER);
    message.setPayload(id.serializeBinary());
    return message;
  }

  /** What the peer says when it ends a stream that begins with a message. */
  async function refusal(first: peer.ChaincodeMessage): Promise<string> {
    const { chaincodeAddress } = network.ledger.status().peers[0]!;
    const client = new peer.ChaincodeSupportClient(chaincodeAddress!, credentials.createInsecure());
    const stream: ClientDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage> = client.register();
    stream.on('data', () => undefined);
    stream.write(first);
    const [error] = (await once(stream, 'error').catch((thrown: unknown) => [thrown])) as [Error];
    client.close();
    return error.message;
  }
});
