import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { isMissing, isTaken } from '../vault/durable-file.js';

/** Who holds a lock. */
interface Holder {
  readonly host: string;
  readonly pid: number;
  /** What tells this process from an earlier one with its number; empty where the system does not tell. */
  readonly started: string;
}

/**
 * Makes sure that one process at a time works with a file, and that a process that was killed does not keep others out.
 *
 * A lock is the file `<file>.lock.<n>` with the highest number; it names its holder, or nobody. Who takes it creates the next number,
 * which one process only can do, and then removes the lower ones. The highest is never removed, so no number is used twice, and whoever
 * acts on an old reading of the folder finds a higher number than its own and has lost.
 */
export class ProcessLock {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * @param file what is locked; its folder must be there
   * @throws VitaledgerError `PRECONDITION_FAILED` when another process, or this one, has it
   */
  static async acquire(file: string): Promise<ProcessLock> {
    const highest = (await locksOf(file)).at(-1);
    if (highest) await refuseIfHeld(file, highest);
    const mine = lockFile(file, (highest ?? 0) + 1);
    if (!(await created(mine, JSON.stringify(thisProcess())))) throw held(file);
    const [latest, ...lower] = (await locksOf(file)).map((number) => lockFile(file, number)).reverse();
    if (latest !== mine) {
      await removed(mine);
      throw held(file);
    }
    for (const old of lower) await removed(old);
    return new ProcessLock(mine);
  }

  async release(): Promise<void> {
    await replaced(this.#file, '');
  }
}

function lockFile(file: string, number: number): string {
  return `${file}.lock.${number}`;
}

/** Numbers of the locks, ascending. */
async function locksOf(file: string): Promise<number[]> {
  const prefix = `${basename(file)}.lock.`;
  const names = (await readdir(dirname(file))).filter((name) => name.startsWith(prefix));
  return names
    .map((name) => name.slice(prefix.length))
    .filter((rest) => /^\d+$/.test(rest))
    .map(Number)
    .sort((a, b) => a - b);
}

async function refuseIfHeld(file: string, number: number): Promise<void> {
  let text: string;
  try {
    text = await readFile(lockFile(file, number), 'utf8');
  } catch (error) {
    // Removed: somebody has just taken a higher one.
    if (isMissing(error)) throw held(file);
    throw error;
  }
  if (text === '') return;
  const holder = JSON.parse(text) as Holder;
  if (holder.host !== hostname()) throw heldElsewhere(file, holder, lockFile(file, number));
  if (isAlive(holder)) throw held(file, holder.pid);
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startOf(pid) === started;
}

function thisProcess(): Holder {
  return { host: hostname(), pid: process.pid, started: startOf(process.pid) };
}

/** On Linux, when a process began, in clock ticks since the machine did (proc_pid_stat(5), field 22), and which start of the machine. */
function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the command in parentheses, which may hold anything.
    const ticks = fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${ticks}`;
  } catch {
    return '';
  }
}

/** Creates a file with its content in one step; false when it is there. */
async function created(file: string, content: string): Promise<boolean> {
  return written(file, content, async (draft) => {
    try {
      await link(draft, file);
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    } finally {
      await unlink(draft);
    }
  });
}

async function replaced(file: string, content: string): Promise<void> {
  await written(file, content, (draft) => rename(draft, file));
}

async function written<T>(file: string, content: string, name: (draft: string) => Promise<T>): Promise<T> {
  const draft = join(dirname(file), `.${basename(file)}.${randomBytes(8).toString('hex')}`);
  await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
  return name(draft);
}

async function removed(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

function held(file: string, pid?: number): VitaledgerError {
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  return new VitaledgerError(
    'PRECONDITION_FAILED',
    `${file} is in use by ${who}: one process at a time may go on from it; give each its own`,
    { reason: 'CHECKPOINT_IN_USE' },
  );
}

function heldElsewhere(file: string, { host, pid }: Holder, lock: string): VitaledgerError {
  return new VitaledgerError(
    'PRECONDITION_FAILED',
    `${file} was in use by process ${pid} on ${host}, which cannot be asked from here: make sure that it has ended, and remove ${lock}`,
    { reason: 'CHECKPOINT_IN_USE' },
  );
}
