import { isDeepStrictEqual } from 'node:util';
import type { ProcessSpec } from '../engine/engine.js';
import { SupervisedProcess, type ProcessStatus } from './supervised-process.js';

/** Ended first to last: what depends on others before them. */
const END_ORDER: readonly ProcessSpec['kind'][] = ['clock', 'chaincode', 'peer', 'ledger', 'orderer'];

/** The processes of a network, in the order in which they were started. */
export class ProcessSet {
  private readonly processes = new Map<string, SupervisedProcess>();

  constructor(private readonly create: (spec: ProcessSpec) => SupervisedProcess) {}

  /** Starts each; one that runs with the same specification is left alone, with another one it is replaced. */
  async start(specs: readonly ProcessSpec[]): Promise<void> {
    for (const spec of specs) {
      const known = this.processes.get(spec.name);
      if (known && isDeepStrictEqual(known.spec, spec)) {
        known.start();
        continue;
      }
      await known?.stop();
      const created = this.create(spec);
      this.processes.set(spec.name, created);
      created.start();
    }
  }

  /** Starts again what was stopped. Throws RangeError for an unknown name. */
  resume(names: readonly string[]): void {
    for (const one of this.named(names)) one.start();
  }

  async stop(names: readonly string[]): Promise<void> {
    await this.end(this.named(names));
  }

  async stopAll(): Promise<void> {
    await this.end([...this.processes.values()]);
  }

  status(): readonly ProcessStatus[] {
    return [...this.processes.values()].map((one) => one.status());
  }

  boundLogs(): void {
    for (const one of this.processes.values()) one.boundLog();
  }

  private named(names: readonly string[]): SupervisedProcess[] {
    return names.map((name) => {
      const found = this.processes.get(name);
      if (!found) throw new RangeError(`there is no process ${name}`);
      return found;
    });
  }

  /** One kind after the other; those of a kind together. */
  private async end(processes: readonly SupervisedProcess[]): Promise<void> {
    for (const kind of END_ORDER) {
      await Promise.all(processes.filter(({ spec }) => spec.kind === kind).map((one) => one.stop()));
    }
  }
}
