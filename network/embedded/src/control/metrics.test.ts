import assert from 'node:assert/strict';
import { TestNetwork, channelName } from '../testing/test-network.js';
import { metricsText } from './metrics.js';

describe('metrics', function () {
  this.timeout(30_000);

  it('count transactions by their code, blocks with their time, and proposals, under the names of Fabric', async () => {
    const network = await TestNetwork.create({ organizations: 1 });
    try {
      await network.start();
      await network.deploy('probe');
      const contract = (await network.connect('Org1MSP')).getNetwork(channelName).getContract('probe');
      await contract.submitTransaction('put', 'key', 'value');
      const [first, second] = await Promise.all(
        [1, 2].map(() => contract.newProposal('increment', { arguments: ['key'] }).endorse()),
      );
      await (await first!.submit()).getStatus();
      await (await second!.submit()).getStatus();
      await assert.rejects(contract.evaluateTransaction('nothing'));
      const lines = metricsText(network.ledger.status(), network.ledger.measurements()).split('\n');
      for (const line of [
        // Approval and commitment of the definition, a put, and one of two increments.
        'ledger_transaction_count{channel="care",validation_code="VALID"} 4',
        'ledger_transaction_count{channel="care",validation_code="MVCC_READ_CONFLICT"} 1',
        'ledger_block_processing_time_count{channel="care"} 5',
        'ledger_blockchain_height{channel="care"} 6',
        'endorser_proposals_received{peer="peer0.org1.example"} 4',
        'endorser_successful_proposals{peer="peer0.org1.example"} 3',
        'peer_running{peer="peer0.org1.example"} 1',
      ]) {
        assert.ok(lines.includes(line), `${line}\n${lines.join('\n')}`);
      }
      const seconds = lines
        .find((line) => line.startsWith('ledger_block_processing_time_sum'))
        ?.split(' ')[1];
      assert.ok(Number(seconds) > 0);
    } finally {
      await network.close();
    }
  });
});
