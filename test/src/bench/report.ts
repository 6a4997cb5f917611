import type { ColdStart } from './cold-start.js';
import type { Result } from './results.js';
import { IN_FLIGHT, type Measurement, type Ratio } from './rounds.js';
import { operationNames, operationTitles } from './system.js';

/** The run as a text for a terminal. */
export function reportOf(
  measurements: readonly Measurement[],
  coldStarts: readonly ColdStart[],
  names: Readonly<Record<string, string>>,
  results: readonly Result[],
): string {
  return [
    ...operationNames.flatMap((operation) => {
      const rows = measurements.filter((one) => one.operation === operation);
      return rows.length === 0
        ? []
        : [
            '',
            operationTitles[operation],
            ...table(
              rows.map((row) => cells(row, names)),
              HEAD,
            ),
          ];
    }),
    '',
    `per s: with ${String(IN_FLIGHT)} in flight; p50: with one in flight; CPU: of client + ledger + chaincode; of the ceiling: client + server`,
    '',
    'cold start, everything in a fresh folder, milliseconds since the process was started',
    ...table(
      coldStarts.map((one) => coldCells(one, names)),
      COLD_HEAD,
    ),
    '',
    'what is aimed at',
    ...table(results.filter(({ gate }) => gate !== undefined).map(gateCells), GATE_HEAD),
    '',
    'The embedded ledger is a development tool: one process, no consensus, no replication. How it stands to the client’s own ceiling',
    'says how much of a developer’s waiting is its doing. It is no measure against Fabric, which does what it leaves out.',
  ].join('\n');
}

const HEAD = ['', 'per s', 'of ceiling', 'p50 ms', 'times ceiling', 'CPU µs per operation'];

function cells(
  { system, throughput, latency, cpu, ratio, latencyRatio }: Measurement,
  names: Readonly<Record<string, string>>,
): string[] {
  const { client = 0, ledger, chaincode } = cpu;
  const times = [client, ledger, chaincode].flatMap((time) =>
    time === undefined ? [] : [Math.round(time).toString()],
  );
  return [
    names[system] ?? system,
    throughput.toFixed(0),
    ratioText(ratio),
    latency.toFixed(latency < 10 ? 2 : 1),
    ratioText(latencyRatio),
    times.join(' + '),
  ];
}

/** Median of the rounds, and in brackets the least and the most. */
function ratioText(ratio: Ratio | undefined): string {
  if (!ratio) return '';
  const digits = ratio.median < 10 ? 2 : 0;
  return `${ratio.median.toFixed(digits)} (${ratio.least.toFixed(digits)}–${ratio.most.toFixed(digits)})`;
}

const COLD_HEAD = ['', 'ledger ready', 'network up', 'first transaction VALID'];

function coldCells(
  { engine, ready, up, committed }: ColdStart,
  names: Readonly<Record<string, string>>,
): string[] {
  return [names[engine] ?? engine, ready?.toFixed(0) ?? '', up.toFixed(0), committed.toFixed(0)];
}

const GATE_HEAD = ['', 'measured', 'aim', ''];

function gateCells({ name, value, unit, gate = '', met }: Result): string[] {
  return [
    name,
    `${String(value)} ${unit === 'ratio' ? '' : unit}`.trim(),
    gate,
    met === true ? 'met' : 'NOT MET',
  ];
}

function table(rows: readonly (readonly string[])[], head: readonly string[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  );
}
