import assert from 'node:assert/strict';
import { GatewayError, type Gateway } from '@hyperledger/fabric-gateway';
import { common, ledger, peer } from '@hyperledger/fabric-protos';
import { TestNetwork, channelName } from '../testing/test-network.js';

/** The block of the chaincode's definition; its approvals are in the one before. */
const definedIn = 2n;

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

describe('block events and qscc', function () {
  this.timeout(60_000);
  let network: TestNetwork;
  let client: Gateway;
  let admin: Gateway;

  before(async () => {
    network = await TestNetwork.create({
      organizations: 2,
      channels: (mspIds) => [
        {
          name: channelName,
          readers: 'peers-and-admins',
          // Closed to everybody otherwise.
          acls: { 'event/Block': '/Channel/Application/Readers' },
          members: mspIds.map((mspId) => ({ mspId, peers: mspId === 'Org1MSP' })),
        },
        { name: 'registry', members: mspIds.map((mspId) => ({ mspId, peers: true })) },
      ],
    });
    await network.start();
    await network.deploy('probe', {}, ['peer0.org1.example']);
    client = await network.connect('Org1MSP');
    admin = await network.connect('Org1MSP', {
      identityOf: await network.organization('Org1MSP').issue('Admin', 'admin'),
    });
    const contract = client.getNetwork(channelName).getContract('probe');
    await contract.submitTransaction('announce', 'first', 'visible only in full blocks');
    await contract.submit('putPrivate', {
      arguments: ['_implicit_org_Org1MSP', 'p'],
      transientData: { value: 'secret' },
    });
  });
  after(() => network.close());

  it('come from any start, with a hash chain that holds', async () => {
    const blocks = await admin.getNetwork(channelName).getBlockEvents({ startBlock: 0n });
    const received: common.Block[] = [];
    for await (const block of blocks) {
      received.push(block);
      if (received.length === 3) {
        blocks.close();
        break;
      }
    }
    assert.deepEqual(
      received.map((block) => block.getHeader()?.getNumber()),
      [0, 1, 2],
    );
    const { blockHeaderBytes } = await import('../wire/block.js');
    const { createHash } = await import('node:crypto');
    for (const index of [1, 2]) {
      const before = received[index - 1]!.getHeader()!;
      assert.deepEqual(
        Buffer.from(received[index]!.getHeader()!.getPreviousHash_asU8()),
        createHash('sha256').update(blockHeaderBytes(before)).digest(),
      );
    }
  });

  it('tell only ids, codes and event names when filtered', async () => {
    const events = await admin.getNetwork(channelName).getFilteredBlockEvents({ startBlock: definedIn + 1n });
    for await (const filtered of events) {
      events.close();
      const [transaction] = filtered.getFilteredTransactionsList();
      assert.equal(filtered.getChannelId(), channelName);
      assert.equal(transaction?.getTxValidationCode(), peer.TxValidationCode.VALID);
      const event = transaction.getTransactionActions()?.getChaincodeActionsList()[0]?.getChaincodeEvent();
      assert.equal(event?.getEventName(), 'first');
      assert.equal(event.getPayload_asU8().length, 0);
      break;
    }
  });

  it('carry private data to members of its collection and to nobody else', async () => {
    const values = async (gateway: Gateway) => {
      const events = await gateway.getNetwork(channelName).getBlockAndPrivateDataEvents({
        startBlock: definedIn + 2n,
      });
      for await (const both of events) {
        events.close();
        const writes = both
          .getPrivateDataMapMap()
          .get(0)
          ?.getNsPvtRwsetList()[0]
          ?.getCollectionPvtRwsetList()[0];
        return writes === undefined
          ? undefined
          : ledger.rwset.kvrwset.KVRWSet.deserializeBinary(writes.getRwset_asU8())
              .getWritesList()
              .map((write) => text(write.getValue_asU8()));
      }
      return undefined;
    };
    assert.deepEqual(await values(admin), ['secret']);
  });

  it('are refused with FORBIDDEN to those who are not readers', async () => {
    const received: unknown[] = [];
    await assert.rejects(async () => {
      const blocks = await client.getNetwork(channelName).getFilteredBlockEvents({ startBlock: 0n });
      for await (const block of blocks) {
        received.push(block);
      }
    }, /403/);
    assert.deepEqual(received, []);
  });

  it('are refused with FORBIDDEN to an organization without a peer on the channel, its admin included', async () => {
    const outsider = await network.connect('Org2MSP', {
      peer: 'peer0.org1.example',
      identityOf: await network.organization('Org2MSP').issue('Admin', 'admin'),
    });
    await assert.rejects(async () => {
      const blocks = await outsider.getNetwork(channelName).getBlockEvents({ startBlock: 0n });
      for await (const block of blocks) {
        assert.fail(String(block.getHeader()?.getNumber()));
      }
    }, /403/);
    const contract = outsider.getNetwork(channelName).getContract('probe');
    assert.equal(text(await contract.submitTransaction('put', 'x', 'by a guest')), 'by a guest');
  });

  it('end with NOT_FOUND for a channel that is not there', async () => {
    await assert.rejects(async () => {
      const blocks = await admin.getNetwork('nowhere').getBlockEvents();
      for await (const block of blocks) {
        assert.fail(String(block.getHeader()?.getNumber()));
      }
    }, /404/);
  });

  it('wait for blocks to come, and deliver the chaincode events of clients who may not read blocks', async () => {
    const events = await client.getNetwork(channelName).getChaincodeEvents('probe');
    const next = (async () => {
      for await (const event of events) {
        return event.eventName;
      }
      return undefined;
    })();
    await client.getNetwork(channelName).getContract('probe').submitTransaction('announce', 'later', '');
    assert.equal(await next, 'later');
    events.close();
  });

  it('qscc gives blocks and transactions to readers', async () => {
    const qscc = admin.getNetwork(channelName).getContract('qscc');
    const info = common.BlockchainInfo.deserializeBinary(
      await qscc.evaluateTransaction('GetChainInfo', channelName),
    );
    assert.ok(info.getHeight() >= 3);
    const block = common.Block.deserializeBinary(
      await qscc.evaluateTransaction('GetBlockByNumber', channelName, '1'),
    );
    assert.equal(block.getHeader()?.getNumber(), 1);
    const transaction = await admin
      .getNetwork(channelName)
      .getContract('probe')
      .submitAsync('put', { arguments: ['q', '1'] });
    await transaction.getStatus();
    const processed = peer.ProcessedTransaction.deserializeBinary(
      await qscc.evaluateTransaction('GetTransactionByID', channelName, transaction.getTransactionId()),
    );
    assert.equal(processed.getValidationcode(), peer.TxValidationCode.VALID);
    const byId = await qscc.evaluateTransaction(
      'GetBlockByTxID',
      channelName,
      transaction.getTransactionId(),
    );
    assert.ok(byId.length > 0);
  });

  it("qscc refuses others and unknown things in Fabric's words", async () => {
    const message = async (gateway: Gateway, ...args: [string, ...string[]]) => {
      try {
        await gateway
          .getNetwork(channelName)
          .getContract('qscc')
          .evaluateTransaction(...args);
      } catch (error) {
        assert.ok(error instanceof GatewayError);
        return error.details[0]?.message ?? '';
      }
      return assert.fail('nothing was refused');
    };
    assert.match(
      await message(client, 'GetBlockByNumber', channelName, '0'),
      /^chaincode response 500, access denied for \[GetBlockByNumber\]\[care\]: \[Failed evaluating policy on signed data during check policy on channel \[care\] with policy \[\/Channel\/Application\/Readers\]: \[implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Readers' sub-policies to be satisfied\]\]$/,
    );
    assert.match(
      await message(admin, 'GetTransactionByID', channelName, 'ab'),
      /error no such transaction ID \[ab\] in index$/,
    );
    assert.match(
      await message(admin, 'GetBlockByNumber', channelName, '999'),
      /error no such block number \[999\] in index$/,
    );
    assert.match(
      await message(admin, 'Nothing', channelName, 'x'),
      /access denied for \[Nothing\]\[care\]: \[Unmapped policy for qscc\/Nothing\]$/,
    );
    assert.match(await message(admin, 'GetChainInfo', 'nowhere'), /Invalid chain ID, nowhere$/);
  });
});
