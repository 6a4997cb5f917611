import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import {
  CommitError,
  EndorseError,
  GatewayError,
  type Contract,
  type Gateway,
} from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import { TestNetwork, channelName } from '../testing/test-network.js';

const codes = peer.TxValidationCode;

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** The gateway error that a promise must reject with. */
async function gatewayError(promise: Promise<unknown>): Promise<GatewayError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    return error;
  }
  assert.fail('nothing was refused');
}

describe('the gateway of a three-organization channel', function () {
  this.timeout(60_000);
  let network: TestNetwork;
  let gateway: Gateway;
  let contract: Contract;

  before(async () => {
    network = await TestNetwork.create();
    await network.start();
    await network.deploy('probe', {
      collections: [
        {
          name: 'shared',
          policy: "OR('Org1MSP.member', 'Org2MSP.member')",
          requiredPeerCount: 1,
          maxPeerCount: 1,
          memberOnlyRead: true,
          memberOnlyWrite: true,
        },
        { name: 'narrow', policy: "OR('Org1MSP.member')" },
      ],
    });
    await network.deploy('other', { policy: "OR('Org1MSP.peer', 'Org2MSP.peer', 'Org3MSP.peer')" });
    gateway = await network.connect('Org1MSP');
    contract = gateway.getNetwork(channelName).getContract('probe');
  });
  after(() => network.close());

  it('commits a transaction that a majority of organizations endorsed', async () => {
    const transaction = await contract.newProposal('put', { arguments: ['a', 'one'] }).endorse();
    const commit = await transaction.submit();
    const outcome = await commit.getStatus();
    assert.equal(outcome.code, codes.VALID);
    assert.equal(text(await contract.evaluateTransaction('get', 'a')), 'one');
    assert.equal(await endorsersOf(transaction.getBytes()), 2);
  });

  it('runs the chaincode of every endorser, so that results which differ are found', async () => {
    const error = await gatewayError(contract.submitTransaction('differ'));
    assert.equal(error.code, status.ABORTED);
    assert.match(error.message, /failed to collect enough transaction endorsements, see attached details/);
    assert.ok(error.details.some(({ message }) => message === 'ProposalResponsePayloads do not match'));
  });

  it('passes on what a chaincode threw, with the peer that said it', async () => {
    const error = await gatewayError(contract.submitTransaction('fail', 'CODE: no'));
    assert.ok(error instanceof EndorseError);
    assert.equal(error.code, status.ABORTED);
    assert.equal(error.details[0]?.message, 'chaincode response 500, CODE: no');
    assert.equal(error.details[0].mspId, 'Org1MSP');
    assert.equal(error.details[0].address, network.ledger.address('peer0.org1.example'));
    assert.equal(text(await contract.evaluateTransaction('get', 'never')), '');
  });

  it('passes on what an evaluated chaincode threw as UNKNOWN', async () => {
    const error = await gatewayError(contract.evaluateTransaction('fail', 'CODE: no'));
    assert.equal(error.code, status.UNKNOWN);
    assert.match(error.message, /evaluate call to endorser returned error: chaincode response 500, CODE: no/);
  });

  it('says that a chaincode is not defined', async () => {
    const missing = gateway.getNetwork(channelName).getContract('nothing');
    const submitted = await gatewayError(missing.submitTransaction('put', 'a', 'b'));
    assert.equal(submitted.code, status.FAILED_PRECONDITION);
    assert.match(
      submitted.message,
      /no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode nothing in channel care/,
    );
    const evaluated = await gatewayError(missing.evaluateTransaction('get', 'a'));
    assert.equal(evaluated.code, status.FAILED_PRECONDITION);
    assert.match(evaluated.message, /no peers available to evaluate chaincode nothing in channel care/);
  });

  it('says that it does not know a channel', async () => {
    const error = await gatewayError(
      gateway.getNetwork('nowhere').getContract('probe').evaluateTransaction('get', 'a'),
    );
    assert.equal(error.code, status.UNAVAILABLE);
    assert.match(error.message, /failed to get config for channel \[nowhere\]/);
  });

  it('says which named organizations have no peer for a chaincode', async () => {
    const error = await gatewayError(
      contract.submit('put', { arguments: ['a', 'b'], endorsingOrganizations: ['Org1MSP', 'Org9MSP'] }),
    );
    assert.equal(error.code, status.UNAVAILABLE);
    assert.match(error.message, /failed to find any endorsing peers for org\(s\): Org9MSP/);
  });

  it('commits a write to an implicit collection that only its organization endorsed', async () => {
    const value = randomUUID();
    const transaction = await contract
      .newProposal('putPrivate', {
        arguments: ['_implicit_org_Org2MSP', 'p1'],
        transientData: { value },
        endorsingOrganizations: ['Org2MSP'],
      })
      .endorse();
    assert.ok(!Buffer.from(transaction.getBytes()).toString('latin1').includes(value));
    const commit = await transaction.submit();
    assert.equal((await commit.getStatus()).code, codes.VALID);
    const read = (organization: string) =>
      contract.evaluate('getPrivate', {
        arguments: ['_implicit_org_Org2MSP', 'p1'],
        endorsingOrganizations: [organization],
      });
    assert.equal(text(await read('Org2MSP')), value);
    const refused = await gatewayError(read('Org1MSP'));
    assert.match(refused.message, /private data matching public hash version is not available/);
  });

  it('finds by itself who must endorse a write to an implicit collection', async () => {
    const transaction = await contract
      .newProposal('putPrivate', {
        arguments: ['_implicit_org_Org1MSP', 'own'],
        transientData: { value: 'v' },
      })
      .endorse();
    assert.equal(await endorsersOf(transaction.getBytes()), 1);
    const commit = await transaction.submit();
    assert.equal((await commit.getStatus()).code, codes.VALID);
  });

  it('does not spread transient data beyond the members of a collection', async () => {
    const error = await gatewayError(
      contract.submit('putPrivate', { arguments: ['narrow', 'p2'], transientData: { value: 'v' } }),
    );
    assert.equal(error.code, status.FAILED_PRECONDITION);
    assert.match(
      error.message,
      /requires endorsement from organisation\(s\) that are not in the distribution policy of the private data collection\(s\): \[narrow\]; retry specifying trusted endorsing organizations to protect transient data/,
    );
  });

  it('marks a transaction as invalid that the wrong organization endorsed', async () => {
    const submitted = contract.submit('putPrivate', {
      arguments: ['_implicit_org_Org2MSP', 'p3'],
      transientData: { value: 'v' },
      endorsingOrganizations: ['Org1MSP'],
    });
    await assert.rejects(submitted, (error: unknown) => {
      assert.ok(error instanceof CommitError);
      assert.equal(error.code, codes.ENDORSEMENT_POLICY_FAILURE);
      return true;
    });
  });

  it('lets only members use a collection that is for members only', async () => {
    await contract.submit('putPrivate', {
      arguments: ['shared', 's1'],
      transientData: { value: 'both' },
      endorsingOrganizations: ['Org1MSP', 'Org2MSP'],
    });
    assert.equal(text(await contract.evaluateTransaction('getPrivate', 'shared', 's1')), 'both');
    const stranger = await network.connect('Org3MSP');
    const error = await gatewayError(
      stranger
        .getNetwork(channelName)
        .getContract('probe')
        .evaluate('getPrivate', { arguments: ['shared', 's1'], endorsingOrganizations: ['Org1MSP'] }),
    );
    assert.match(
      error.message,
      /tx creator does not have read access permission on privatedata in chaincodeName:probe collectionName: shared/,
    );
  });

  it('demands the endorsement that a key has of its own', async () => {
    await contract.submitTransaction('put', 'guarded', '1');
    await contract.submitTransaction('protect', 'guarded', 'Org3MSP');
    const wrong = contract.submit('put', {
      arguments: ['guarded', '2'],
      endorsingOrganizations: ['Org1MSP', 'Org2MSP'],
    });
    await assert.rejects(wrong, (error: unknown) => {
      assert.ok(error instanceof CommitError);
      assert.equal(error.code, codes.ENDORSEMENT_POLICY_FAILURE);
      return true;
    });
    await contract.submitTransaction('put', 'guarded', '3');
    assert.equal(text(await contract.evaluateTransaction('get', 'guarded')), '3');
  });

  it('merges what a called chaincode of the same channel wrote, and drops its event', async () => {
    // The caller's namespace is validated although nothing was written there, but plans do not know of it: name them.
    const result = await contract.submit('call', {
      arguments: ['other', '', 'put,inner,value'],
      endorsingOrganizations: ['Org1MSP', 'Org3MSP'],
    });
    assert.equal(text(result), '200:value');
    const other = gateway.getNetwork(channelName).getContract('other');
    assert.equal(text(await other.evaluateTransaction('get', 'inner')), 'value');
    assert.equal(text(await contract.evaluateTransaction('get', 'inner')), '');
  });

  it('refuses a chaincode that calls itself, or one that is not there', async () => {
    const self = await gatewayError(contract.evaluateTransaction('call', 'probe', '', 'get,a'));
    assert.match(
      self.message,
      /INVOKE_CHAINCODE failed: transaction ID: \w+: execute failed: error sending: txid: \w+\(care\) exists/,
    );
    const missing = await gatewayError(contract.evaluateTransaction('call', 'nothing', '', 'get,a'));
    assert.match(
      missing.message,
      /execute failed: invalid invocation: \[channel care\] failed to get chaincode container info for nothing: chaincode nothing not found/,
    );
    const query = await contract.evaluateTransaction('call', 'qscc', '', 'GetChainInfo,care');
    assert.match(
      text(query),
      /^500:Rejecting invoke of QSCC from another chaincode because of potential for deadlocks/,
    );
  });

  it('hands out ranges in batches, pages and history', async () => {
    await contract.submitTransaction('putMany', 'many', '205');
    const keys = text(await contract.evaluateTransaction('range', 'many', 'manz')).split(',');
    assert.equal(keys.length, 205);
    assert.equal(keys[204], 'many0204');
    const [page, bookmark = ''] = text(
      await contract.evaluateTransaction('page', 'many', 'manz', '3', ''),
    ).split(';');
    assert.equal(page, 'many0000,many0001,many0002');
    const next = text(await contract.evaluateTransaction('page', 'many', 'manz', '2', bookmark));
    assert.match(next, /^many0003,many0004;/);
    await contract.submitTransaction('put', 'h', '1');
    await contract.submitTransaction('put', 'h', '2');
    await contract.submitTransaction('remove', 'h');
    assert.equal(text(await contract.evaluateTransaction('history', 'h')), 'deleted,2,1');
  });

  it('refuses rich queries as a LevelDB peer does', async () => {
    const error = await gatewayError(contract.evaluateTransaction('richQuery'));
    assert.match(
      error.message,
      /GET_QUERY_RESULT failed: transaction ID: \w+: ExecuteQuery not supported for leveldb/,
    );
  });

  it('tells the chaincode who asks and where it is', async () => {
    assert.equal(text(await contract.evaluateTransaction('whoami')), 'Org1MSP Org1MSP care');
  });

  it('sends chaincode events from any start and only of valid transactions', async () => {
    const first = contract.newProposal('announce', { arguments: ['created', 'payload'] });
    const commit = await (await first.endorse()).submit();
    const { blockNumber } = await commit.getStatus();
    await contract.submitTransaction('announceAndCall', 'outer', 'other');
    const events = await gateway
      .getNetwork(channelName)
      .getChaincodeEvents('probe', { startBlock: blockNumber });
    const seen: string[] = [];
    for await (const event of events) {
      seen.push(`${event.eventName}:${text(event.payload)}`);
      if (seen.length === 2) {
        events.close();
        break;
      }
    }
    assert.deepEqual(seen, ['created:payload', 'outer:outer']);
    const later = await gateway.getNetwork(channelName).getChaincodeEvents('probe', {
      checkpoint: {
        getBlockNumber: () => blockNumber,
        getTransactionId: () => first.getTransactionId(),
      },
    });
    for await (const event of later) {
      assert.equal(event.eventName, 'outer');
      later.close();
      break;
    }
  });

  it('waits for a commit until the deadline of the client', async () => {
    const proposal = contract.newProposal('put', { arguments: ['unsubmitted', '1'] });
    const transaction = await proposal.endorse();
    const waiting = await transaction
      .submit()
      .then((commit) => commit.getStatus({ deadline: Date.now() + 5_000 }));
    assert.equal(waiting.successful, true);
    const never = await contract.newProposal('put', { arguments: ['x', '1'] }).endorse();
    const request = gateway.newSignedCommit(
      (await signedCommit(gateway, never.getTransactionId())).bytes,
      new Uint8Array(64),
    );
    const error = await gatewayError(request.getStatus({ deadline: Date.now() + 1_000 }));
    assert.equal(error.code, status.PERMISSION_DENIED);
  });

  it('answers a replayed transaction with DUPLICATE_TXID only in the block, and a replayed proposal at once', async () => {
    const proposal = contract.newProposal('put', { arguments: ['once', '1'] });
    const transaction = await proposal.endorse();
    const commit = await transaction.submit();
    await commit.getStatus();
    const again = await gatewayError(proposal.endorse());
    assert.equal(again.code, status.ABORTED);
    assert.match(
      again.details[0]?.message ?? '',
      /^duplicate transaction found \[\w+\]\. Creator \[[0-9a-f]+\]$/,
    );
    await transaction.submit();
    assert.equal((await commit.getStatus()).code, codes.VALID);
  });
});

/** Number of endorsements in a serialized `gateway.PreparedTransaction`. */
async function endorsersOf(bytes: Uint8Array): Promise<number> {
  const { gateway, common } = await import('@hyperledger/fabric-protos');
  const envelope = gateway.PreparedTransaction.deserializeBinary(bytes).getEnvelope();
  const payload = common.Payload.deserializeBinary(envelope?.getPayload_asU8() ?? new Uint8Array());
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  return (
    peer.ChaincodeActionPayload.deserializeBinary(action?.getPayload_asU8() ?? new Uint8Array())
      .getAction()
      ?.getEndorsementsList().length ?? 0
  );
}

/** A commit status request for a transaction, unsigned. */
async function signedCommit(gateway: Gateway, transactionId: string): Promise<{ bytes: Uint8Array }> {
  const protos = await import('@hyperledger/fabric-protos');
  const { mspId, credentials } = gateway.getIdentity();
  const identity = new protos.msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(credentials);
  const request = new protos.gateway.CommitStatusRequest();
  request.setIdentity(identity.serializeBinary());
  request.setChannelId(channelName);
  request.setTransactionId(transactionId);
  const signed = new protos.gateway.SignedCommitStatusRequest();
  signed.setRequest(request.serializeBinary());
  return { bytes: signed.serializeBinary() };
}

describe('the gateway across channels and under too many requests', function () {
  this.timeout(60_000);
  let network: TestNetwork;
  let contract: Contract;

  before(async () => {
    network = await TestNetwork.create({
      organizations: 1,
      channels: ([mspId = '']) =>
        [channelName, 'registry'].map((name) => ({ name, members: [{ mspId, peers: true }] })),
      ledger: { limits: { gateway: 2 } },
    });
    await network.start();
    await network.deploy('probe');
    await network.deploy('probe', { channel: 'registry' });
    contract = (await network.connect('Org1MSP')).getNetwork(channelName).getContract('probe');
  });
  after(() => network.close());

  it('gives the result of a chaincode on another channel, and drops what it wrote', async () => {
    const result = await contract.submitTransaction('call', 'probe', 'registry', 'put,k,elsewhere');
    assert.equal(text(result), '200:elsewhere');
    const registry = (await network.connect('Org1MSP')).getNetwork('registry').getContract('probe');
    assert.equal(text(await registry.evaluateTransaction('get', 'k')), '');
    assert.equal(text(await contract.evaluateTransaction('get', 'k')), '');
    const nowhere = await gatewayError(contract.evaluateTransaction('call', 'probe', 'nowhere', 'get,k'));
    assert.match(nowhere.message, /Failed to get policy manager for channel \[nowhere\]/);
  });

  it("refuses more requests than the limit in Fabric's words", async () => {
    const busy = [1, 2].map(() => contract.evaluateTransaction('sleep', '1000'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const refused = await gatewayError(contract.evaluateTransaction('get', 'k'));
    assert.equal(refused.code, status.UNKNOWN);
    assert.match(
      refused.message,
      /too many requests for \/gateway\.Gateway, exceeding concurrency limit \(2\)/,
    );
    await Promise.all(busy);
    await contract.evaluateTransaction('get', 'k');
  });
});
