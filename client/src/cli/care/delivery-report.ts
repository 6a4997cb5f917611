import type { DeliveryReport } from '../../consents/delivery.js';
import { exitCodeOf } from '../exit-code.js';
import { table } from '../table.js';
import { show } from '../trials/trial-input.js';

/**
 * Shows which custodians have a statement. Where one is missing the exit code says why, as it would for any error: the rest is
 * in force all the same.
 *
 * @param about what was delivered, for programs
 */
export function reportDelivery(
  flags: { readonly json?: true },
  report: DeliveryReport,
  about: Readonly<Record<string, string | number>>,
): void {
  const deliveries = report.deliveries.map(({ custodian, status, transactionId, error }) => ({
    custodian,
    status,
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(error === undefined ? {} : { code: error.code, message: error.message }),
  }));
  const rows = deliveries.map(({ custodian, status, code = '', message = '' }) => [
    custodian,
    status,
    code,
    message,
  ]);
  const names = Object.entries(about).map(([name, value]) => `${name}: ${String(value)}`);
  show(
    flags,
    { ...about, complete: report.complete, deliveries },
    [...names, table(['custodian', 'status', 'error', ''], rows), String(report)].join('\n'),
  );
  const missing = report.deliveries.find(({ error }) => error);
  if (missing) process.exitCode = exitCodeOf(missing.error);
}
