import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Engine } from '../engine/engine.js';
import { NetworkDirectory } from '../engine/network-directory.js';
import { NetworkError } from '../errors/network-error.js';
import { readState, type Ordering } from '../network/network-state.js';
import type { NetworkStatus } from '../network/network.js';
import { openNetwork, startNetwork } from '../network/start.js';
import { topologies } from '../topology/topologies.js';
import { showLogs } from './show-logs.js';
import { progressFrom } from './report.js';

interface InFolder {
  readonly directory: string;
}

interface UpOptions extends InFolder {
  readonly topology?: string;
  readonly engine?: Engine['name'];
  readonly ordering: Ordering;
}

export async function up(options: UpOptions): Promise<void> {
  const directory = new NetworkDirectory(resolve(options.directory));
  const engine = options.engine ?? readState(directory)?.engine ?? 'embedded';
  const progress = progressFrom();
  if (engine === 'embedded') progress('the embedded ledger is a development tool: one process, no consensus');
  const network = await startNetwork({
    topology: topologyFile(directory, options.topology),
    engine,
    directory: directory.root,
    ordering: options.ordering,
    lifetime: 'detached',
    onProgress: progress,
  });
  progress(`${network.topology.name} is up in ${directory.root}`);
  printStatus(await network.status());
}

export async function down({ directory }: InFolder): Promise<void> {
  const progress = progressFrom();
  const network = await openNetwork(directory, progress);
  await network.stop();
  progress(`${network.topology.name} is down; its data stays in ${network.directory.root}`);
}

export async function status(options: InFolder & { readonly json?: boolean }): Promise<void> {
  const network = await openNetwork(options.directory);
  const found = await network.status();
  if (options.json) console.log(JSON.stringify(found, null, 2));
  else printStatus(found);
  if (!found.running) process.exitCode = 1;
}

export async function deploy(
  options: InFolder & { readonly topology?: string },
  chaincode = '',
): Promise<void> {
  const progress = progressFrom();
  const network = await openNetwork(options.directory, progress);
  const file = topologyFile(network.directory, options.topology);
  const { version, sequence, channel } = await network.deploy(chaincode, file);
  progress(`${chaincode} ${version} is deployed on ${channel}, sequence ${sequence}`);
}

export async function logs(
  options: InFolder & { readonly lines: string; readonly follow?: boolean },
  process?: string,
): Promise<void> {
  const network = await openNetwork(options.directory);
  const lines = Number(options.lines);
  if (!Number.isInteger(lines) || lines < 0) {
    throw new NetworkError('FILE_MISSING', '--lines must be a whole number of lines.');
  }
  await showLogs(network.directory, {
    lines,
    follow: options.follow ?? false,
    ...(process ? { process } : {}),
  });
}

export async function saveSnapshot({ directory }: InFolder, file = ''): Promise<void> {
  const network = await openNetwork(directory);
  await network.snapshot('save', resolve(file));
  console.error(`the ledger of ${network.topology.name} is in ${file}`);
}

export async function restoreSnapshot({ directory }: InFolder, file = ''): Promise<void> {
  const network = await openNetwork(directory);
  await network.snapshot('restore', resolve(file));
  console.error(`the ledger of ${network.topology.name} is as it was saved in ${file}`);
}

export async function clean(options: InFolder & { readonly yes?: boolean }): Promise<void> {
  const network = await openNetwork(options.directory);
  if (!options.yes) {
    throw new NetworkError(
      'BUSY',
      `This removes ${network.topology.name} in ${network.directory.root} for ever: its ledgers, its identities with their ` +
        'keys, its vaults and logs. Add --yes to do it.',
    );
  }
  await network.clean();
  console.error(`${network.topology.name} is removed`);
}

/** `default`, `small` and `registry` are ours; without a name, the one that the network was made from. */
function topologyFile(directory: NetworkDirectory, named: string | undefined): string {
  if (named !== undefined) return Object.hasOwn(topologies, named) ? topologies[named as 'default'] : named;
  const origin = readState(directory)?.topologyFile;
  if (origin !== undefined && existsSync(origin)) return origin;
  return existsSync(directory.topology) ? directory.topology : topologies.default;
}

function printStatus(found: NetworkStatus): void {
  console.log(
    `${found.name} on ${found.engine}, ${found.running ? 'running' : 'not running'}, in ${found.directory}`,
  );
  for (const { name, state, pid, failures, lastEnd } of found.processes) {
    const about = [
      pid === undefined ? '' : `pid ${pid}`,
      failures === 0 ? '' : `ended ${failures} times, last: ${lastEnd ?? 'unknown'}`,
    ].filter((part) => part !== '');
    console.log(`  ${name.padEnd(36)} ${state.padEnd(8)} ${about.join(', ')}`);
  }
  for (const { name, channel, version, sequence } of found.chaincodes) {
    console.log(`  chaincode ${name} ${version} on ${channel}, sequence ${sequence}`);
  }
  for (const [organization, profile] of Object.entries(found.profiles)) {
    console.log(`  profile of ${organization}: ${profile}`);
  }
}
