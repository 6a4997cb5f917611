import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { status } from '@grpc/grpc-js';
import { GatewayError, type Contract, type Gateway } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeDefinition } from '../chaincode/definition.js';
import { controlRequest, readControlFile } from '../control/index.js';
import { EmbeddedLedger } from '../embedded-ledger.js';
import { LedgerConfigurationError } from '../options.js';
import { TestAuthority } from '../testing/certificate-authority.js';
import { startProbe } from '../testing/chaincode-process.js';
import { writeAll } from '../testing/organization.js';
import { TestNetwork, channelName } from '../testing/test-network.js';

const codes = peer.TxValidationCode;

async function codeOf(promise: Promise<unknown>): Promise<GatewayError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    return error;
  }
  return assert.fail('nothing was refused');
}

describe('peers of one process', function () {
  this.timeout(90_000);
  let network: TestNetwork;
  let gateway: Gateway;
  let contract: Contract;

  before(async () => {
    network = await TestNetwork.create({ organizations: 3 });
    await network.start();
    await network.deploy('probe');
    gateway = await network.connect('Org1MSP');
    contract = gateway.getNetwork(channelName).getContract('probe');
  });
  after(() => network.close());

  it('stop and start one by one: a majority endorses, a named organization without a peer cannot', async () => {
    network.ledger.stopPeer('peer0.org3.example');
    assert.equal(network.ledger.status().peers.find(({ mspId }) => mspId === 'Org3MSP')?.running, false);
    await contract.submitTransaction('put', 'down', 'one of three');
    const named = await codeOf(
      contract.submit('put', { arguments: ['x', 'y'], endorsingOrganizations: ['Org3MSP'] }),
    );
    assert.equal(named.code, status.UNAVAILABLE);
    assert.match(named.message, /failed to find any endorsing peers for org\(s\): Org3MSP/);
    const own = await network.connect('Org3MSP');
    const refused = await codeOf(
      own
        .getNetwork(channelName)
        .getContract('probe')
        .evaluate('get', { arguments: ['down'] }),
    );
    assert.match(String(refused), /UNAVAILABLE|DEADLINE_EXCEEDED/);
    network.ledger.stopPeer('peer0.org2.example');
    const lonely = await codeOf(contract.submitTransaction('put', 'down', 'two of three'));
    assert.equal(lonely.code, status.FAILED_PRECONDITION);
    assert.match(
      lonely.message,
      /no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy the endorsement policy/,
    );
    await network.ledger.startPeer('peer0.org2.example');
    await network.ledger.startPeer('peer0.org3.example');
    await contract.submit('put', { arguments: ['x', 'y'], endorsingOrganizations: ['Org3MSP', 'Org2MSP'] });
    // The old connection may still pause before it tries again.
    const again = await network.connect('Org3MSP');
    const read = await again.getNetwork(channelName).getContract('probe').evaluateTransaction('get', 'down');
    assert.equal(Buffer.from(read).toString(), 'one of three');
  });

  it('keep definitions in sequence and say what is wrong with others', async () => {
    const [definition] = network.ledger.chaincodes();
    assert.ok(definition !== undefined);
    const refusal = async (change: Partial<ChaincodeDefinition>) => {
      try {
        await network.ledger.defineChaincode({ ...definition, ...change });
      } catch (error) {
        return (error as Error).message;
      }
      return assert.fail('nothing was refused');
    };
    assert.equal(
      await refusal({ sequence: 3 }),
      'requested sequence is 3, but new definition must be sequence 2',
    );
    assert.match(
      await refusal({ version: '2.0' }),
      /attempted to redefine the current committed sequence \(1\)/,
    );
    assert.match(await refusal({ sequence: 2, policy: 'ANY' }), /policy "ANY"/);
    assert.match(
      await refusal({ sequence: 2, policy: '/Channel/Nothing' }),
      /has no policy \/Channel\/Nothing/,
    );
    assert.match(await refusal({ name: '_lifecycle', sequence: 1 }), /invalid chaincode name '_lifecycle'/);
    assert.match(await refusal({ channel: 'nowhere' }), /there is no channel nowhere; there is care/);
    assert.match(
      await refusal({ connections: { nobody: { address: 'x:1', packageId: 'x' } } }),
      /there is no peer nobody/,
    );
    const before = await contract.newProposal('put', { arguments: ['up', 'before'] }).endorse();
    await network.ledger.defineChaincode({ ...definition, sequence: 2, policy: "OR('Org1MSP.peer')" });
    const overtaken = await (await before.submit()).getStatus();
    assert.equal(overtaken.code, codes.MVCC_READ_CONFLICT);
    const transaction = await contract.newProposal('put', { arguments: ['up', 'graded'] }).endorse();
    const outcome = await (await transaction.submit()).getStatus();
    assert.equal(outcome.code, codes.VALID);
  });

  it('demand initialization when the definition does', async () => {
    await network.deploy('initial', { initRequired: true, policy: "OR('Org1MSP.peer')" }, [
      'peer0.org1.example',
    ]);
    const initial = gateway.getNetwork(channelName).getContract('initial');
    const early = await codeOf(initial.submitTransaction('put', 'a', 'b'));
    assert.match(
      early.details[0]?.message ?? '',
      /error in simulation: failed to execute transaction \w+: invalid invocation: chaincode 'initial' has not been initialized for this version, must call as init first/,
    );
  });

  it('reach chaincode over TLS and over mutual TLS', async () => {
    const authority = await TestAuthority.create('tls.chaincode');
    const server = await authority.issue({ commonName: 'probe', hosts: ['127.0.0.1', 'localhost'] });
    const client = await authority.issue({ commonName: 'peer' });
    const folder = join(network.root, 'chaincode-tls');
    await writeAll(folder, {
      'ca.pem': authority.certificate,
      'server.pem': server.certificate,
      'server.key': server.key,
    });
    for (const mutual of [false, true]) {
      const name = mutual ? 'mutual' : 'secure';
      const chaincode = await startProbe({
        directory: join(network.root, 'chaincode', name),
        packageId: `${name}:1`,
        mspId: 'Org1MSP',
        tls: {
          certificate: join(folder, 'server.pem'),
          key: join(folder, 'server.key'),
          ...(mutual ? { clientRoot: join(folder, 'ca.pem') } : {}),
        },
      });
      network.chaincodes.set(name, chaincode);
      await network.ledger.defineChaincode({
        channel: channelName,
        name,
        version: '1',
        sequence: 1,
        policy: "OR('Org1MSP.peer')",
        connections: {
          'peer0.org1.example': {
            address: chaincode.address,
            packageId: chaincode.packageId,
            tls: {
              rootCertificate: join(folder, 'ca.pem'),
              serverName: 'localhost',
              ...(mutual ? { clientCertificate: client.certificate, clientKey: client.key } : {}),
            },
          },
        },
      });
      const result = await gateway
        .getNetwork(channelName)
        .getContract(name)
        .submitTransaction('put', 't', name);
      assert.equal(Buffer.from(result).toString(), name);
    }
  });

  it('do not accept a chaincode that registers with another package id', async () => {
    const chaincode = await network.startChaincode('impostor', 'peer0.org1.example');
    await network.ledger.defineChaincode({
      channel: channelName,
      name: 'impostor',
      version: '1',
      sequence: 1,
      policy: "OR('Org1MSP.peer')",
      connections: { 'peer0.org1.example': { address: chaincode.address, packageId: 'expected:1' } },
    });
    const error = await codeOf(
      gateway.getNetwork(channelName).getContract('impostor').evaluateTransaction('get', 'a'),
    );
    assert.match(
      error.details[0]?.message ?? '',
      /could not launch chaincode expected:1: chaincode registration failed: peer will not accept external chaincode connection impostor_1\.0:\w+ \(except in dev mode\)/,
    );
  });

  it('cannot start where another one listens', async () => {
    await assert.rejects(EmbeddedLedger.start(network.options), (error: unknown) => {
      assert.ok(error instanceof LedgerConfigurationError);
      assert.match(
        error.message,
        /peer peer0\.org1\.example cannot listen at 127\.0\.0\.1:\d+: free that address/,
      );
      return true;
    });
  });
});

describe('options that cannot work', () => {
  it('are refused before anything is touched', async () => {
    const network = await TestNetwork.create({ organizations: 1 });
    const { options } = network;
    const [channel] = options.channels;
    const [organization] = options.organizations;
    assert.ok(channel !== undefined && organization !== undefined);
    const cases: readonly [object, RegExp][] = [
      [{ channels: [] }, /channels must be a list with at least one entry/],
      [
        { channels: [{ ...channel, name: 'Care' }] },
        /channel name "Care" must begin with a lower-case letter/,
      ],
      [
        { channels: [{ ...channel, members: [{ mspId: 'X', peers: false }] }] },
        /member X is not among the organizations/,
      ],
      [{ channels: [channel, channel] }, /channel care is given twice/],
      [
        { channels: [{ ...channel, batch: { maxMessages: 0 } }] },
        /batch settings must be positive whole numbers/,
      ],
      [{ ordering: 'random' }, /ordering must be 'instant' or 'fabric'/],
      [
        { ordererOrganizations: [{ ...options.ordererOrganizations[0], signKey: undefined }] },
        /it signs the blocks/,
      ],
      [
        { organizations: [{ ...organization, peers: [{ ...organization.peers[0], address: '7051' }] }] },
        /address 7051 must be host:port/,
      ],
      [
        {
          organizations: [
            { ...organization, peers: [{ ...organization.peers[0], signKey: '/nowhere/key' }] },
          ],
        },
        /peer peer0\.org1\.example: signKey: cannot read \/nowhere\/key/,
      ],
    ];
    for (const [change, message] of cases) {
      await assert.rejects(
        EmbeddedLedger.start({ ...options, ...change }),
        message,
        JSON.stringify(Object.keys(change)),
      );
    }
    await network.close();
  });
});

describe('the ledger as a process', function () {
  this.timeout(120_000);
  let network: TestNetwork;
  let child: ChildProcess | undefined;

  /** Starts `main.js`; its ready line and the standard error so far. */
  async function launch(): Promise<{
    ready: { control: string; peers: { name: string; address: string }[] };
    banner: string;
  }> {
    const config = join(network.root, 'config.json');
    await writeFile(config, JSON.stringify(network.options));
    const started = spawn(process.execPath, [require.resolve('../main.js'), '--config', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    let banner = '';
    started.stderr.on('data', (data: Buffer) => {
      banner += data.toString('utf8');
    });
    const line = await Promise.race([
      once(createInterface(started.stdout), 'line').then(([first]) => String(first)),
      once(started, 'exit').then(() => Promise.reject(new Error(banner))),
    ]);
    return {
      ready: JSON.parse(line) as { control: string; peers: { name: string; address: string }[] },
      banner,
    };
  }

  before(async () => {
    network = await TestNetwork.create({ organizations: 2, durable: true });
  });
  after(async () => {
    child?.kill('SIGKILL');
    await network.close();
  });

  it('says that it is a development tool, and is driven over its control interface', async () => {
    const { ready, banner } = await launch();
    assert.match(banner, /development tool: one process, no consensus, not for production data/);
    assert.equal((await stat(ready.control)).mode & 0o777, 0o600);
    const control = await readControlFile(ready.control);
    await assert.rejects(
      controlRequest({ ...control, token: 'wrong' }, 'GET', '/status'),
      /Authorization: Bearer/,
    );
    const chaincode = await network.startChaincode('probe', 'peer0.org1.example');
    const definition: ChaincodeDefinition = {
      channel: channelName,
      name: 'probe',
      version: '1.0',
      sequence: 1,
      policy: "OR('Org1MSP.peer')",
      connections: { 'peer0.org1.example': { address: chaincode.address, packageId: chaincode.packageId } },
    };
    await controlRequest(control, 'POST', '/chaincodes', definition);
    assert.deepEqual(await controlRequest(control, 'GET', '/chaincodes'), [definition]);
    await assert.rejects(
      controlRequest(control, 'POST', '/chaincodes', { ...definition, sequence: 5 }),
      /new definition must be sequence 2/,
    );
    await assert.rejects(
      controlRequest(control, 'POST', '/chaincodes', { name: 'x' }),
      /a chaincode definition needs/,
    );
    const saved = join(network.root, 'saved.snapshot');
    await controlRequest(control, 'POST', '/snapshot/save', { file: saved });
    assert.equal((await stat(saved)).mode & 0o777, 0o600);
    await controlRequest(control, 'POST', '/chaincodes', { ...definition, name: 'later' });
    await controlRequest(control, 'POST', '/snapshot/restore', { file: saved });
    assert.deepEqual(await controlRequest(control, 'GET', '/chaincodes'), [definition]);
    await assert.rejects(
      controlRequest(control, 'POST', '/snapshot/restore', { file: join(network.root, 'absent') }),
      /cannot read the snapshot in .*absent/,
    );
    await assert.rejects(
      controlRequest(control, 'POST', '/snapshot/restore', { file: 'relative' }),
      /absolute path of a file/,
    );
    await controlRequest(control, 'POST', '/peers/peer0.org2.example/stop');
    const stopped = (await controlRequest(control, 'GET', '/status')) as {
      peers: { name: string; running: boolean }[];
    };
    assert.equal(stopped.peers.find(({ name }) => name === 'peer0.org2.example')?.running, false);
    await controlRequest(control, 'POST', '/peers/peer0.org2.example/start');
    const health = await new Promise<number | undefined>((resolve, reject) => {
      request({ host: '127.0.0.1', port: control.port, path: '/healthz' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    assert.equal(health, 200);
  });

  it('has everything that was acknowledged after it was killed under load', async () => {
    const address = (
      JSON.parse(await readFile(join(network.root, 'config.json'), 'utf8')) as typeof network.options
    ).organizations[0]?.peers[0]?.address;
    const acknowledged: { id: string; key: string }[] = [];
    for (let round = 0; round < 3; round += 1) {
      const load = await loadClient(network, address ?? '');
      const killed = (async () => {
        await new Promise((resolve) => setTimeout(resolve, 300 + 150 * round));
        const exited = once(child!, 'exit');
        child!.kill('SIGKILL');
        await exited;
      })();
      await Promise.all([killed, load.run(`r${round}`, acknowledged)]);
      load.close();
      await launch();
    }
    assert.ok(acknowledged.length > 0, 'nothing was committed before the kills');
    const reader = await loadClient(network, address ?? '');
    for (const { id, key } of acknowledged) {
      assert.equal(await reader.codeOf(id), codes.VALID, key);
      assert.equal(await reader.get(key), key);
    }
    reader.close();
  });

  it('closes durably on SIGTERM, keeps definitions, and goes on', async () => {
    const exited = once(child!, 'exit');
    child!.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
    await assert.rejects(stat(join(network.root, 'ledger', 'control.json')), /ENOENT/);
    const { ready } = await launch();
    const definitions = (await controlRequest(
      await readControlFile(ready.control),
      'GET',
      '/chaincodes',
    )) as unknown[];
    assert.equal(definitions.length, 1);
  });

  it('refuses a directory that belongs to another configuration, with one line', async () => {
    const exited = once(child!, 'exit');
    child!.kill('SIGTERM');
    await exited;
    const [channel] = network.options.channels;
    const config = join(network.root, 'other.json');
    await writeFile(
      config,
      JSON.stringify({ ...network.options, channels: [{ ...channel, readers: 'peers-and-admins' }] }),
    );
    const other = spawn(process.execPath, [require.resolve('../main.js'), '--config', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    other.stderr.on('data', (data: Buffer) => {
      output += data.toString('utf8');
    });
    assert.deepEqual(await once(other, 'exit'), [1, null]);
    assert.match(
      output,
      /channel care: members, policies, batch or certificates differ from the configuration/,
    );
    assert.ok(!output.includes('    at '), output);
  });
});

interface LoadClient {
  /** Submits until the ledger is gone; notes what was acknowledged as VALID. */
  run(prefix: string, acknowledged: { id: string; key: string }[]): Promise<void>;
  codeOf(transactionId: string): Promise<number>;
  get(key: string): Promise<string>;
  close(): void;
}

async function loadClient(network: TestNetwork, address: string): Promise<LoadClient> {
  const { connectTo } = await import('../testing/test-network.js');
  const organization = network.organization('Org1MSP');
  const connection = connectTo(organization, await organization.issue('user1', 'client'), address);
  const contract = connection.gateway.getNetwork(channelName).getContract('probe');
  const qscc = connection.gateway.getNetwork(channelName).getContract('qscc');
  return {
    run: async (prefix, acknowledged) => {
      let next = 0;
      const submitUntilGone = async () => {
        for (;;) {
          const key = `${prefix}-${next++}`;
          try {
            const commit = await contract.submitAsync('put', { arguments: [key, key] });
            const { code, transactionId } = await commit.getStatus();
            assert.equal(code, codes.VALID);
            acknowledged.push({ id: transactionId, key });
          } catch (error) {
            assert.ok(error instanceof GatewayError, String(error));
            return;
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, submitUntilGone));
    },
    codeOf: async (transactionId) =>
      peer.ProcessedTransaction.deserializeBinary(
        await qscc.evaluateTransaction('GetTransactionByID', channelName, transactionId),
      ).getValidationcode(),
    get: async (key) => Buffer.from(await contract.evaluateTransaction('get', key)).toString(),
    close: () => {
      connection.close();
    },
  };
}
