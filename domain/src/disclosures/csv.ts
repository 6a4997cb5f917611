import type { LogEntry } from '../access/receipt.js';
import type { PackEffect } from '../packs/pack.js';
import type { DisclosureReport } from './report.js';

const COLUMNS = [
  'date',
  'custodian',
  'recipient organization',
  'recipient person',
  'recipient role',
  'service',
  'purpose',
  'study',
  'scope',
  'what',
  'basis',
  'receipt',
] as const;

/** A report as CSV (RFC 4180, UTF-8, with a header line). */
export function disclosureCsv({ disclosures }: DisclosureReport): string {
  return [COLUMNS, ...disclosures.map(rowOf)].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function rowOf(entry: LogEntry): readonly string[] {
  const { instant, custodian, actor, via = '', purpose, study = '', scope, receipt } = entry;
  return [
    instant,
    custodian,
    actor.mspId,
    actor.subject,
    actor.role,
    via,
    purpose,
    study,
    scope,
    whatOf(entry),
    basisOf(entry),
    receipt,
  ];
}

function whatOf({ filter: { classes, codes, labels, records, from, to } }: LogEntry): string {
  const limits = [
    ...list('classes', classes),
    ...list(
      'codes',
      codes?.map(({ system, code }) => `${system}|${code}`),
    ),
    ...list(
      'labels',
      labels?.map(({ code }) => code),
    ),
    ...list('records', records),
    ...list('from', from === undefined ? undefined : [from]),
    ...list('to', to === undefined ? undefined : [to]),
  ];
  return limits.length === 0 ? 'all records permitted' : limits.join('; ');
}

function list(name: string, values: readonly string[] | undefined): readonly string[] {
  return values === undefined ? [] : [`${name}: ${values.join(' ')}`];
}

function basisOf({ rules, prescription, order, inspection, policies = [], emergency }: LogEntry): string {
  if (emergency) return `emergency: ${emergency.reason}`;
  if (prescription !== undefined) return `prescription ${prescription}`;
  if (order !== undefined) return `order ${order}`;
  if (inspection) return 'inspection by the custodian';
  const consents = rules.filter(({ type }) => type === 'permit').map(({ consent }) => consent);
  if (consents.length > 0) return [...new Set(consents)].map((id) => `consent ${id}`).join('; ');
  const laws = [...new Set(policies.filter(isPermitting).map(({ citation }) => citation))];
  return laws.length === 0 ? 'law' : `law: ${laws.join('; ')}`;
}

/** Whether a law's rule lets something pass: by itself, or as a duty. */
function isPermitting({ effect }: { readonly effect: PackEffect }): boolean {
  return effect === 'permit' || effect === 'duty';
}

/** Quoted where it must be. A field that a spreadsheet would take for a formula begins with an apostrophe. */
function field(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
