import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A message, code or behaviour of Fabric, and the traces that hold the embedded ledger to it. */
export interface ChecklistRow {
  /** `<section of the reference>.<word>`. */
  readonly id: string;
  readonly behaviour: string;
  /** `group/name`; `*` stands for anything. */
  readonly traces: readonly string[];
  /** Why there is no trace. */
  readonly reason?: string;
}

export function readChecklist(): readonly ChecklistRow[] {
  const file = join(__dirname, '../../conformance/checklist.json');
  return JSON.parse(readFileSync(file, 'utf8')) as ChecklistRow[];
}

/** Whether a row's pattern names a trace. */
export function names(pattern: string, trace: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  return rest.length === 0 ? pattern === trace : trace.startsWith(start) && trace.endsWith(rest.join('*'));
}
