import assert from 'node:assert/strict';
import { TestNetwork, channelName } from '../testing/test-network.js';

describe('the gateway', function () {
  this.timeout(60_000);
  let network: TestNetwork;

  before(async () => {
    network = await TestNetwork.create();
    await network.start();
    await network.deploy('probe');
  });
  after(() => network.close());

  it('commits a transaction that a majority of three organizations endorsed', async () => {
    const gateway = await network.connect('Org1MSP');
    const contract = gateway.getNetwork(channelName).getContract('probe');
    const result = await contract.submitTransaction('put', 'a', 'one');
    assert.equal(Buffer.from(result).toString(), 'one');
    const read = await contract.evaluateTransaction('get', 'a');
    assert.equal(Buffer.from(read).toString(), 'one');
  });
});
