import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Below what systems hand out to outgoing connections, so that nobody takes our ports while we are down. */
const LOWEST = 12_032;
/** Ports of a block. */
const SIZE = 64;
const BLOCKS = 296;
/** Longer than a network takes from choosing its ports to listening on them; from then on everyone sees that they are taken. */
const LEASE_MS = 180_000;
const SETTLING_MS = 50;

/**
 * Blocks of ports that networks of this user have chosen and may not listen on yet: a file each in a folder that they share. Of two networks that
 * start at the same time, each choosing some forty free ports by chance, one in twelve would fail.
 */
export class PortClaims {
  readonly #folder: string;

  /** @param folder the same for all who may start networks at the same time */
  constructor(folder = join(tmpdir(), `vitaledger-ports-${String(process.getuid?.() ?? '')}`)) {
    this.#folder = folder;
  }

  /** Ports, block by block, that no other network has claimed; whether somebody else listens on them is not looked at. */
  async *ports(): AsyncGenerator<number, void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const first = randomInt(BLOCKS);
    for (let turn = 0; turn < BLOCKS; turn++) {
      const block = (first + turn) % BLOCKS;
      if (!(await this.#claim(join(this.#folder, String(block))))) continue;
      for (let port = 0; port < SIZE; port++) yield LOWEST + block * SIZE + port;
    }
  }

  /** Whether the block is ours from now on. */
  async #claim(file: string): Promise<boolean> {
    const mark = randomBytes(16).toString('hex');
    if (created(file, mark)) return true;
    if (!isOver(file)) return false;
    const partial = `${file}.${mark}`;
    writeFileSync(partial, mark, { mode: 0o600 });
    renameSync(partial, file);
    // Somebody else may have found it over at the same moment: the last one has it.
    await sleep(SETTLING_MS);
    return readFileSync(file, 'utf8') === mark;
  }
}

function created(file: string, mark: string): boolean {
  try {
    writeFileSync(file, mark, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isOver(file: string): boolean {
  return Date.now() - statSync(file).mtimeMs > LEASE_MS;
}
