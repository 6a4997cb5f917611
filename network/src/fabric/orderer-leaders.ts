import type { EngineContext } from '../engine/engine.js';
import { orderersOf, portOf } from './members.js';
import { HOST } from './peer-configuration.js';

const ANSWER_MS = 2000;

/**
 * Whether the orderers have elected a leader of a channel; until then they refuse every transaction.
 *
 * @returns why not, or undefined when there is one.
 */
export async function missingLeader(context: EngineContext, channel: string): Promise<string | undefined> {
  const ports = orderersOf(context.topology).map(
    ({ name }) => portOf(context.ports.orderers, name).operations,
  );
  const metrics = await Promise.all(ports.map(readMetrics));
  if (metrics.some((text) => text !== undefined && leads(text, channel))) {
    return undefined;
  }
  const silent = metrics.filter((text) => text === undefined).length;
  const seen = silent === 0 ? '' : ` (${silent} of ${ports.length} orderers do not answer)`;
  return `The orderers have no leader for channel ${channel}${seen}.`;
}

/** Reads the metric `consensus_etcdraft_is_leader` of one orderer. */
export function leads(metrics: string, channel: string): boolean {
  return metrics.split('\n').includes(`consensus_etcdraft_is_leader{channel="${channel}"} 1`);
}

/** The Prometheus metrics of an orderer, or undefined while it does not answer. */
async function readMetrics(port: number): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch(`http://${HOST}:${port}/metrics`, { signal });
    return response.ok ? await response.text() : undefined;
  } catch {
    // Not listening yet: the caller asks again and reports it when the time is over.
    return undefined;
  }
}
