import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ports } from '../engine/engine.js';
import type { NetworkDirectory } from '../engine/network-directory.js';
import { NetworkError } from '../errors/network-error.js';
import type { Topology } from '../topology/topology.js';
import { PortClaims } from './claims.js';
import { describeOwner, isFree } from './listeners.js';
import { fixedPorts, portNames, structured, type PortTable } from './names.js';

const CLOSING_MS = 2_000;

/**
 * Settles every port of the network and remembers it in `ports.json`: a network keeps its ports for life, because they
 * become part of its channels' configuration. With `basePort` 0 free ones are chosen, others than networks choose that start at the same time.
 */
export async function settlePorts(
  topology: Topology,
  directory: NetworkDirectory,
  claims = new PortClaims(),
): Promise<Ports> {
  const fixed = fixedPorts(topology);
  const remembered = readPorts(directory);
  const taken = new Set([...fixed.values(), ...remembered.values()]);
  const table = new Map<string, number>();
  const candidates = topology.basePort === 0 ? claims.ports() : following(topology.basePort);
  for (const name of portNames(topology)) {
    const known = fixed.get(name) ?? remembered.get(name);
    table.set(name, known ?? (await nextPort(topology.basePort, candidates, taken)));
  }
  writePorts(directory, table);
  return structured(topology, table);
}

/** Throws `PORT_TAKEN` naming every port of the network that somebody listens on, and who. */
export async function requireFreePorts(topology: Topology, directory: NetworkDirectory): Promise<void> {
  const problems: string[] = [];
  for (const [name, port] of readPorts(directory)) {
    // No certificate authority is started; its port only fills the place it has in connection profiles.
    if (name.startsWith('ca.') || (await becomesFree(port))) continue;
    problems.push(`port ${port} (${name}) is taken by ${describeOwner(port)}`);
  }
  if (problems.length === 0) return;
  const remedy =
    topology.basePort === 0
      ? 'End that program; or remove this network ("vitaledger network clean") and start anew, which chooses other ports.'
      : 'End that program; or, for a new network, set another basePort in the topology.';
  throw new NetworkError('PORT_TAKEN', `${problems.join('\n')}\n${remedy}`, { problems });
}

/** Of a process that was just killed, the system closes the sockets a moment after it is gone. */
async function becomesFree(port: number): Promise<boolean> {
  for (let waited = 0; waited < CLOSING_MS; waited += 100) {
    if (await isFree(port)) return true;
    await sleep(100);
  }
  return isFree(port);
}

/** Those that follow `basePort` are taken as they come, so that they are always the same; others must be free. */
async function nextPort(
  basePort: number,
  candidates: AsyncIterator<number, void> | Iterator<number, void>,
  taken: Set<number>,
): Promise<number> {
  for (;;) {
    const { value: port } = await candidates.next();
    if (port === undefined) throw tooFew(basePort);
    if (taken.has(port) || (basePort === 0 && !(await isFree(port)))) continue;
    taken.add(port);
    return port;
  }
}

function* following(basePort: number): Generator<number, void> {
  for (let port = basePort; port <= 65_535; port++) yield port;
}

function tooFew(basePort: number): NetworkError {
  if (basePort !== 0) {
    return new NetworkError(
      'TOPOLOGY_INVALID',
      `basePort ${basePort} leaves too few ports for this network.`,
    );
  }
  return new NetworkError(
    'PORT_TAKEN',
    'Too few ports below 31000 are free. End other networks, or wait three minutes where many were started.',
  );
}

function readPorts(directory: NetworkDirectory): PortTable {
  if (!existsSync(directory.ports)) return new Map();
  try {
    return new Map(
      Object.entries(JSON.parse(readFileSync(directory.ports, 'utf8')) as Record<string, number>),
    );
  } catch (cause) {
    throw new NetworkError(
      'FILE_MISSING',
      `${directory.ports} cannot be read. Restore it: the channels' configuration contains the ports in it.`,
      { cause },
    );
  }
}

function writePorts(directory: NetworkDirectory, table: PortTable): void {
  mkdirSync(directory.root, { recursive: true, mode: 0o700 });
  const partial = `${directory.ports}.partial`;
  writeFileSync(partial, `${JSON.stringify(Object.fromEntries(table), null, 2)}\n`);
  renameSync(partial, directory.ports);
}
