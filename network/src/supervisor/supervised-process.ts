import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { ProcessSpec } from '../engine/engine.js';
import type { BoundedLog } from './bounded-log.js';
import { endProcesses } from './end-processes.js';
import type { PidFiles, PidRecord } from './pid-file.js';
import { processIdentity } from './process-identity.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** A process that ran this long was well; its next end starts the pauses anew. */
const STEADY_MS = 30_000;
const GRACE_MS = 8_000;

/** `waiting`: it ended by itself and is started again after a pause; `failed`: it ended and stays so. */
export type ProcessState = 'running' | 'waiting' | 'stopped' | 'failed';

export interface ProcessStatus {
  readonly name: string;
  readonly kind: ProcessSpec['kind'];
  readonly state: ProcessState;
  readonly pid?: number;
  /** ISO 8601, of the last change of state. */
  readonly since: string;
  /** How often it ended by itself. */
  readonly failures: number;
  /** How it ended last: `exit code 1`, `SIGKILL`, or why it could not be started. */
  readonly lastEnd?: string;
  readonly log: string;
}

/** One process: started, kept running where its specification says so, and ended together with its descendants. */
export class SupervisedProcess {
  private state: ProcessState = 'stopped';
  private since = new Date();
  private failures = 0;
  private lastEnd: string | undefined;
  private record: PidRecord | undefined;
  private pause = FIRST_PAUSE_MS;
  private timer: NodeJS.Timeout | undefined;
  /** The process whose end is expected. */
  private ending: ChildProcess | undefined;
  private child: ChildProcess | undefined;

  constructor(
    readonly spec: ProcessSpec,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly log: BoundedLog,
    private readonly pidFiles: PidFiles,
  ) {}

  /** On somebody's request, who is not to wait: pauses begin anew, also for one that is just about to be seen to end. */
  start(): void {
    this.pause = FIRST_PAUSE_MS;
    if (this.state !== 'running') this.launch();
  }

  private launch(): void {
    clearTimeout(this.timer);
    const { command, args, cwd, env } = this.spec;
    const output = this.log.open(`--- ${new Date().toISOString()} starting ${this.spec.name}`);
    try {
      const child = spawn(command, args, {
        cwd,
        env: { ...this.environment, ...env },
        stdio: ['ignore', output, output],
        // A group of its own: it can be ended with its descendants, and a terminal's Ctrl-C does not reach it.
        detached: true,
      });
      this.follow(child);
    } finally {
      closeSync(output);
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    const { record } = this;
    if (record) {
      this.ending = this.child;
      await endProcesses([record], GRACE_MS);
      this.pidFiles.remove(this.spec.name);
    }
    this.record = undefined;
    this.become('stopped');
  }

  boundLog(): void {
    this.log.bound();
  }

  status(): ProcessStatus {
    return {
      name: this.spec.name,
      kind: this.spec.kind,
      state: this.state,
      ...(this.record ? { pid: this.record.pid } : {}),
      since: this.since.toISOString(),
      failures: this.failures,
      ...(this.lastEnd === undefined ? {} : { lastEnd: this.lastEnd }),
      log: this.log.file,
    };
  }

  private follow(child: ChildProcess): void {
    this.child = child;
    child.once('error', (error) => {
      // Never ran: no such program, no such folder, or not allowed.
      if (child.pid === undefined) this.ended(child, `cannot be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      this.ended(child, signal ?? `exit code ${String(code)}`);
    });
    if (child.pid === undefined) return;
    const identity = processIdentity(child.pid);
    if (identity !== undefined) {
      this.record = { name: this.spec.name, pid: child.pid, identity };
      this.pidFiles.write(this.record);
    }
    this.become('running');
  }

  private ended(child: ChildProcess, how: string): void {
    if (child !== this.child || child === this.ending) return;
    const ranFor = Date.now() - this.since.getTime();
    this.lastEnd = how;
    this.failures += 1;
    this.record = undefined;
    this.pidFiles.remove(this.spec.name);
    this.log.note(`--- ${new Date().toISOString()} ${this.spec.name} ended by itself: ${how}`);
    if (!this.spec.restart) {
      this.become('failed');
      return;
    }
    if (ranFor > STEADY_MS) this.pause = FIRST_PAUSE_MS;
    this.become('waiting');
    this.timer = setTimeout(() => {
      this.launch();
    }, this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  private become(state: ProcessState): void {
    this.state = state;
    this.since = new Date();
  }
}
