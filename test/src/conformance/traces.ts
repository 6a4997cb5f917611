import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from './session.js';

const folder = join(__dirname, '../../conformance');

/** What a real network did, as committed. */
export interface Trace {
  readonly name: string;
  /** Section of the checklist of behaviours, as in docs/embedded-ledger.md. */
  readonly row: string;
  readonly steps: readonly Step[];
}

export interface TraceFile {
  /** Version of the Hyperledger Fabric that the traces were recorded from. */
  readonly fabric: string;
  readonly group: string;
  readonly traces: readonly Trace[];
}

/** The committed traces of a group; undefined when none was recorded. */
export function readTraces(group: string): TraceFile | undefined {
  const file = fileOf(group);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TraceFile) : undefined;
}

export function writeTraces(traces: TraceFile): void {
  mkdirSync(join(folder, 'traces'), { recursive: true });
  writeFileSync(fileOf(traces.group), `${JSON.stringify(traces, undefined, 1)}\n`);
}

function fileOf(group: string): string {
  return join(folder, 'traces', `${group}.json`);
}

/** A difference that is known and has a reason. */
export interface Deviation {
  readonly id: string;
  readonly reason: string;
  /** Regular expression over `group/name`, `*` for any. */
  readonly traces: string;
  /** Regular expression over the path of the difference. */
  readonly path: string;
}

export function readDeviations(): readonly Deviation[] {
  return JSON.parse(readFileSync(join(folder, 'deviations.json'), 'utf8')) as Deviation[];
}
