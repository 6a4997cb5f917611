import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

/** The version that every trace is recorded from; of others those are kept that differ. */
const baseVersion = '3.1.5';

/**
 * The committed traces of a group, with those in which the given version of Fabric differs; undefined when none was
 * recorded.
 */
export function readTraces(group: string, version: string = baseVersion): TraceFile | undefined {
  const base = readFile(fileOf(group, baseVersion));
  const own = version === baseVersion ? undefined : readFile(fileOf(group, version));
  if (base === undefined || own === undefined) return base;
  const differing = new Map(own.traces.map((trace) => [trace.name, trace]));
  return { ...own, traces: base.traces.map((trace) => differing.get(trace.name) ?? trace) };
}

export function writeTraces(recorded: TraceFile): void {
  const { fabric, group } = recorded;
  if (fabric === baseVersion) {
    writeFile(fileOf(group, fabric), recorded);
    return;
  }
  const base = new Map(readTraces(group)?.traces.map((trace) => [trace.name, JSON.stringify(trace)]));
  const traces = recorded.traces.filter((trace) => JSON.stringify(trace) !== base.get(trace.name));
  if (traces.length > 0) writeFile(fileOf(group, fabric), { ...recorded, traces });
  else rmSync(fileOf(group, fabric), { force: true });
}

function readFile(file: string): TraceFile | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TraceFile) : undefined;
}

function writeFile(file: string, traces: TraceFile): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(traces, undefined, 1)}\n`);
}

function fileOf(group: string, version: string): string {
  return version === baseVersion
    ? join(folder, 'traces', `${group}.json`)
    : join(folder, 'traces', version, `${group}.json`);
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
