import type { LedgerMeasurements, LedgerStatus } from '../ledger-status.js';

/** The ledger's state in Prometheus' text format; the names are Fabric's, `peer_running` is our own. */
export function metricsText(
  { peers, channels }: LedgerStatus,
  { channels: measured, proposals }: LedgerMeasurements,
): string {
  const lines = [
    '# TYPE ledger_blockchain_height gauge',
    ...channels.map(({ name, height }) => `ledger_blockchain_height{channel="${name}"} ${height}`),
    '# TYPE ledger_transaction_count counter',
    ...[...measured].flatMap(([channel, { transactions }]) =>
      transactions.map(
        ([code, count]) =>
          `ledger_transaction_count{channel="${channel}",validation_code="${code}"} ${count}`,
      ),
    ),
    '# TYPE ledger_block_processing_time summary',
    ...[...measured].flatMap(([channel, { seconds, blocks }]) => [
      `ledger_block_processing_time_sum{channel="${channel}"} ${seconds}`,
      `ledger_block_processing_time_count{channel="${channel}"} ${blocks}`,
    ]),
    '# TYPE endorser_proposals_received counter',
    ...[...proposals].map(
      ([peer, { received }]) => `endorser_proposals_received{peer="${peer}"} ${received}`,
    ),
    '# TYPE endorser_successful_proposals counter',
    ...[...proposals].map(
      ([peer, { successful }]) => `endorser_successful_proposals{peer="${peer}"} ${successful}`,
    ),
    '# TYPE peer_running gauge',
    ...peers.map(({ name, running }) => `peer_running{peer="${name}"} ${running ? 1 : 0}`),
  ];
  return `${lines.join('\n')}\n`;
}
