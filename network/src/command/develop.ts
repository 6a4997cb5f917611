import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { NetworkError } from '../errors/network-error.js';
import type { Network } from '../network/network.js';
import { openNetwork } from '../network/start.js';
import { progressFrom } from './report.js';

/** Editors write a file in several steps. */
const QUIET_MS = 150;
const OTHERS = /(^|[\\/])(node_modules|\.git)([\\/]|$)/;

interface DevelopOptions {
  readonly directory: string;
  /** Shell command, run in the chaincode's folder. */
  readonly build?: string;
  /** Watched instead of the chaincode's folder. */
  readonly watch?: string;
}

/** Builds and deploys a chaincode whenever a file of it changes, until it is interrupted; the ledger keeps its state. */
export async function develop(
  { directory, build, watch: watched }: DevelopOptions,
  name = '',
): Promise<void> {
  const progress = progressFrom();
  const network = await openNetwork(directory);
  const folder = folderOf(network, name);
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
  });
  const changes = new Changes(watched ?? folder, interrupted.signal);
  progress(`watching ${watched ?? folder}; every change is deployed as ${name}`);
  while (await changes.next()) {
    try {
      if (build !== undefined) await run(build, folder);
      await network.deploy(name);
      progress(`${name} runs with its present code`);
    } catch (error) {
      // The next change may put it right.
      progress(`${name} runs as before: ${(error as Error).message}`);
    }
  }
}

function folderOf(network: Network, name: string): string {
  const chaincode = network.topology.chaincodes.find((candidate) => candidate.name === name);
  if (chaincode?.path !== undefined) return chaincode.path;
  const names = network.topology.chaincodes.filter(({ path }) => path !== undefined).map((each) => each.name);
  throw new NetworkError(
    'DEPLOY_FAILED',
    `The network runs no chaincode ${name} from a folder; it runs ${names.join(', ')}.`,
  );
}

/** Changes of files below a folder; several that follow each other, also while nobody waits, are one. */
class Changes {
  private pending = false;
  private wake: () => void = () => undefined;

  constructor(
    folder: string,
    private readonly signal: AbortSignal,
  ) {
    watch(folder, { recursive: true, signal }, (_, file) => {
      if (file !== null && OTHERS.test(file)) return;
      this.pending = true;
      this.wake();
    });
    signal.addEventListener('abort', () => {
      this.wake();
    });
  }

  /** Resolves with true at a change, with false when it is interrupted. */
  async next(): Promise<boolean> {
    while (!this.pending && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    while (this.take()) await sleep(QUIET_MS);
    return !this.signal.aborted;
  }

  /** Whether there was a change since it was asked last. */
  private take(): boolean {
    const taken = this.pending;
    this.pending = false;
    return taken;
  }
}

async function run(command: string, cwd: string): Promise<void> {
  const child = spawn(command, { cwd, shell: true, stdio: ['ignore', 2, 2] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new NetworkError('DEPLOY_FAILED', `"${command}" ended with ${String(code)}.`);
}
