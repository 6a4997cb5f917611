import type { LedgerStatus } from '../ledger-status.js';

/** The ledger's state in Prometheus' text format. */
export function metricsText({ peers, channels }: LedgerStatus): string {
  const lines = [
    '# TYPE ledger_blockchain_height gauge',
    ...channels.map(({ name, height }) => `ledger_blockchain_height{channel="${name}"} ${height}`),
    '# TYPE ledger_transaction_count counter',
    ...channels.map(
      ({ name, transactions }) => `ledger_transaction_count{channel="${name}"} ${transactions}`,
    ),
    '# TYPE peer_running gauge',
    ...peers.map(({ name, running }) => `peer_running{peer="${name}"} ${running ? 1 : 0}`),
  ];
  return `${lines.join('\n')}\n`;
}
