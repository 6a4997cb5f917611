import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { common } from '@hyperledger/fabric-protos';
import { freePort, startProbe, type ChaincodeProcess } from './testing/chaincode-process.js';
import { PeerCommand, peerProgram } from './testing/peer-command.js';
import { servicePackage } from './testing/tar.js';
import { channelName, TestNetwork } from './testing/test-network.js';

describe("Fabric's own peer command works against the embedded ledger", function () {
  this.timeout(120_000);
  const program = peerProgram();
  let network: TestNetwork;
  const commands: PeerCommand[] = [];
  const processes: ChaincodeProcess[] = [];
  let packageId: string;
  let packageFile: string;

  const command = (number: number) => commands[number - 1]!;
  const lifecycle = (...args: readonly string[]) => ['lifecycle', 'chaincode', ...args];
  const atOrderer = () => ['-o', network.ordererAddress, '--tls', '--cafile', network.ordererRoot];
  const atPeers = (...numbers: readonly number[]) =>
    numbers.flatMap((number) => [
      '--peerAddresses',
      network.ledger.address(`peer0.org${number}.example`),
      '--tlsRootCertFiles',
      join(network.organization(`Org${number}MSP`).directory, 'msp/tlscacerts/tlsca.pem'),
    ]);
  const definition = (sequence: number, version = '1.0') => [
    ...['-C', channelName, '-n', 'probe', '-v', version, '--sequence', String(sequence)],
    ...['--signature-policy', "OutOf(2, 'Org1MSP.peer', 'Org2MSP.peer', 'Org3MSP.peer')"],
  ];

  before(async function () {
    if (program === undefined) {
      console.warn('      SKIPPED: set FABRIC_BIN to the folder of the peer program');
      this.skip();
    }
    network = await TestNetwork.create({ durable: true });
    await network.start();
    const address = `127.0.0.1:${await freePort()}`;
    const bytes = servicePackage('probe_1.0', address);
    packageId = `probe_1.0:${createHash('sha256').update(bytes).digest('hex')}`;
    packageFile = join(network.root, 'probe.tar.gz');
    await writeFile(packageFile, bytes);
    for (const number of [1, 2, 3]) {
      const organization = network.organization(`Org${number}MSP`);
      commands.push(
        await PeerCommand.create(
          program,
          organization,
          network.ledger.address(`peer0.${organization.domain}`),
        ),
      );
    }
    processes.push(
      await startProbe({
        directory: join(network.root, 'chaincode'),
        packageId,
        mspId: 'Org1MSP',
        address,
      }),
    );
  });

  after(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    if (program !== undefined) {
      await network.close();
    }
  });

  it('lists the channels that a peer has joined, and tells their height', async () => {
    assert.match(await command(1).output('channel', 'list'), /\bcare\b/);
    assert.match(await command(1).output('channel', 'getinfo', '-c', channelName), /"height":1\b/);
  });

  it('installs a chaincode on each peer, once, and gives the package back', async () => {
    for (const number of [1, 2, 3]) {
      const { stderr } = await command(number).run(...lifecycle('install', packageFile));
      assert.equal(stderr, '');
    }
    const again = await command(1).run(...lifecycle('install', packageFile));
    assert.match(again.stderr, /chaincode already successfully installed \(package ID 'probe_1\.0:/);
    const installed = await command(1).output(...lifecycle('queryinstalled', '-O', 'json'));
    assert.deepEqual(JSON.parse(installed), {
      installed_chaincodes: [{ package_id: packageId, label: 'probe_1.0' }],
    });
    await command(1).output(...lifecycle('getinstalledpackage', '--package-id', packageId));
  });

  it('approves for each organization, tells who has, and commits', async () => {
    const readiness = async () =>
      JSON.parse(
        await command(1).output(...lifecycle('checkcommitreadiness', ...definition(1), '-O', 'json')),
      ) as { approvals: Record<string, boolean> };
    assert.deepEqual((await readiness()).approvals, { Org1MSP: false, Org2MSP: false, Org3MSP: false });
    for (const number of [1, 2]) {
      await command(number).output(
        ...lifecycle('approveformyorg', ...atOrderer(), ...definition(1), '--package-id', packageId),
      );
    }
    assert.deepEqual((await readiness()).approvals, { Org1MSP: true, Org2MSP: true, Org3MSP: false });
    const approved = await command(1).output(
      ...lifecycle('queryapproved', '-C', channelName, '-n', 'probe', '-O', 'json'),
    );
    assert.equal((JSON.parse(approved) as { sequence: number }).sequence, 1);
    await command(1).output(...lifecycle('commit', ...atOrderer(), ...definition(1), ...atPeers(1, 2)));
    const committed = await command(3).output(
      ...lifecycle('querycommitted', '-C', channelName, '-n', 'probe', '-O', 'json'),
    );
    assert.deepEqual((JSON.parse(committed) as { approvals: unknown }).approvals, {
      Org1MSP: true,
      Org2MSP: true,
      Org3MSP: false,
    });
  });

  it('invokes and queries, waiting for the event', async () => {
    const invoke = [
      'chaincode',
      'invoke',
      ...atOrderer(),
      '-C',
      channelName,
      '-n',
      'probe',
      '--waitForEvent',
    ];
    const { code, stderr } = await command(1).run(
      ...[...invoke, ...atPeers(1, 2), '-c', '{"Args":["put","key","value"]}'],
    );
    assert.equal(code, 0, stderr);
    const query = ['chaincode', 'query', '-C', channelName, '-n', 'probe', '-c', '{"Args":["get","key"]}'];
    assert.equal((await command(2).output(...query)).trim(), 'value');
    const unapproved = await command(3).run(...query);
    assert.match(
      unapproved.stderr,
      /chaincode definition for 'probe' at sequence 1 on channel 'care' has not yet been approved by this org/,
    );
  });

  it('lets an organization approve what is committed already', async () => {
    await command(3).output(
      ...lifecycle('approveformyorg', ...atOrderer(), ...definition(1), '--package-id', packageId),
    );
    const query = ['chaincode', 'query', '-C', channelName, '-n', 'probe', '-c', '{"Args":["get","key"]}'];
    assert.equal((await command(3).output(...query)).trim(), 'value');
  });

  it('fetches blocks from the orderer and from a peer', async () => {
    for (const [from, source] of [
      ['newest', atOrderer()],
      ['config', atOrderer()],
      ['2', []],
    ] as const) {
      const file = join(network.root, `${from}.block`);
      await command(1).output('channel', 'fetch', from, file, '-c', channelName, ...source);
      const block = common.Block.deserializeBinary(await readFile(file));
      assert.equal(block.getHeader()?.getNumber(), { newest: 5, config: 0, 2: 2 }[from]);
    }
  });

  it('keeps what was installed, approved and committed over a restart', async () => {
    await network.stop();
    await network.start();
    const query = ['chaincode', 'query', '-C', channelName, '-n', 'probe', '-c', '{"Args":["get","key"]}'];
    assert.equal((await command(1).output(...query)).trim(), 'value');
    const installed = await command(1).output(...lifecycle('queryinstalled', '-O', 'json'));
    assert.match(installed, /"references": *\{\s*"care"/);
  });

  it('refuses wrong sequences, strangers and unapproved definitions in the words of Fabric', async () => {
    const wrong = await command(1).run(
      ...lifecycle('approveformyorg', ...atOrderer(), ...definition(4), '--package-id', packageId),
    );
    assert.match(wrong.stderr, /requested sequence 4 is larger than the next available sequence number 2/);
    const early = await command(1).run(
      ...lifecycle('commit', ...atOrderer(), ...definition(2, '2.0'), ...atPeers(1)),
    );
    assert.match(early.stderr, /chaincode definition not agreed to by this org \(Org1MSP\)/);
    const client = await PeerCommand.create(
      program!,
      network.organization('Org1MSP'),
      network.ledger.address('peer0.org1.example'),
      'client',
    );
    const denied = await client.run(...lifecycle('install', packageFile));
    assert.match(denied.stderr, /Failed to authorize invocation due to failed ACL check/);
  });
});
