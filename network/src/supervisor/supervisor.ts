import { spawn } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessSpec } from '../engine/engine.js';
import type { NetworkDirectory } from '../engine/network-directory.js';
import { NetworkError } from '../errors/network-error.js';
import { BoundedLog } from './bounded-log.js';
import type { Requests } from './control-server.js';
import { endProcesses } from './end-processes.js';
import { minimalEnvironment } from './environment.js';
import { PidFiles } from './pid-file.js';
import { processIdentity } from './process-identity.js';
import type { ProcessStatus } from './supervised-process.js';
import {
  livingSupervisor,
  readSupervisorState,
  removeSupervisorState,
  runFolder,
  type SupervisorState,
} from './supervisor-state.js';

const START_DEADLINE_MS = 10_000;
const LEFTOVER_GRACE_MS = 8_000;

/** A network's supervisor, from outside: a process of its own that outlives the command which started it. */
export class Supervisor {
  private constructor(private readonly state: SupervisorState) {}

  /** The one that runs for `directory`, if one does. */
  static find(directory: NetworkDirectory): Supervisor | undefined {
    const state = readSupervisorState(directory);
    return state && new Supervisor(state);
  }

  /**
   * Starts one, which ends, with all that it runs, when this program does, until it is disowned. What a supervisor that died
   * left running is ended first.
   */
  static async start(directory: NetworkDirectory): Promise<Supervisor> {
    await Supervisor.endLeftovers(directory);
    mkdirSync(directory.root, { recursive: true, mode: 0o700 });
    const log = new BoundedLog(join(directory.logs, 'supervisor.log'));
    log.bound();
    const output = log.open(`--- ${new Date().toISOString()} starting the supervisor`);
    const owner = [String(process.pid), processIdentity(process.pid) ?? 'unknown'];
    try {
      const child = spawn(process.execPath, [join(__dirname, 'main.js'), directory.root, ...owner], {
        cwd: directory.root,
        env: minimalEnvironment(),
        stdio: ['ignore', output, output],
        detached: true,
      });
      child.unref();
    } finally {
      closeSync(output);
    }
    return Supervisor.appear(directory, log.file);
  }

  private static async appear(directory: NetworkDirectory, log: string): Promise<Supervisor> {
    const deadline = Date.now() + START_DEADLINE_MS;
    for (;;) {
      const found = Supervisor.find(directory);
      if (found) return found;
      if (Date.now() > deadline) {
        throw new NetworkError('PROCESS_FAILED', `The supervisor did not start; see ${log}.`);
      }
      await sleep(10);
    }
  }

  /**
   * Ends the processes that a supervisor left behind when it was killed. Only those whose pid and start time prove
   * them to be this network's. Returns their names.
   */
  static async endLeftovers(directory: NetworkDirectory): Promise<readonly string[]> {
    if (Supervisor.find(directory)) return [];
    const orphaned = livingSupervisor(directory);
    // It is about to end by itself; it must not take what is started now with it.
    if (orphaned) await endProcesses([{ name: 'supervisor', ...orphaned }], START_DEADLINE_MS);
    removeSupervisorState(directory);
    const pidFiles = new PidFiles(runFolder(directory));
    const living = pidFiles.living();
    await endProcesses(living, LEFTOVER_GRACE_MS);
    for (const { name } of living) pidFiles.remove(name);
    return living.map(({ name }) => name);
  }

  async startProcesses(specs: readonly ProcessSpec[]): Promise<void> {
    await this.ask('start', { specs });
  }

  async resume(names: readonly string[]): Promise<void> {
    await this.ask('resume', { names });
  }

  async stop(names: readonly string[]): Promise<void> {
    await this.ask('stop', { names });
  }

  async status(): Promise<readonly ProcessStatus[]> {
    return (await this.ask('status', {})) as readonly ProcessStatus[];
  }

  /** From now on it outlives this program. */
  async disown(): Promise<void> {
    await this.ask('disown', {});
  }

  /** Ends every process, dependants first, and then the supervisor. */
  async shutdown(): Promise<void> {
    await this.ask('shutdown', {});
    await endProcesses([{ name: 'supervisor', ...this.state }], START_DEADLINE_MS);
  }

  private ask<Name extends keyof Requests>(name: Name, body: Requests[Name]): Promise<unknown> {
    const { port, token } = this.state;
    return new Promise((resolve, reject) => {
      const failed = (cause: Error) => {
        reject(
          new NetworkError('PROCESS_FAILED', `The network's supervisor does not answer: ${cause.message}`, {
            cause,
          }),
        );
      };
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          path: `/${name}`,
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('error', failed);
          response.on('end', () => {
            const answer = JSON.parse(text) as { error?: string } | null;
            if (response.statusCode === 200) resolve(answer);
            else reject(new NetworkError('PROCESS_FAILED', answer?.error ?? 'the supervisor refused'));
          });
        },
      );
      outgoing.on('error', failed);
      outgoing.end(JSON.stringify(body));
    });
  }
}
