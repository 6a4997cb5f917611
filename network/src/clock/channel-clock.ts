import { setTimeout as sleep } from 'node:timers/promises';
import {
  Administrator,
  ContractRefusal,
  reasonOf,
  type AdministratorOptions,
} from '../consortium/administrator.js';

const FIRST_PAUSE_MS = 1_000;

/** What keeps a channel's clock: how often it is to beat, and who may do it. */
export interface ChannelClockOptions {
  readonly intervalSeconds: number;
  /** In order of preference: when one organization is unreachable, the next beats. */
  readonly administrators: readonly AdministratorOptions[];
}

/** Writes the channel's clock key as long as it runs. A failed beat is repeated, by another organization, after a pause. */
export class ChannelClock {
  private readonly connected = new Map<AdministratorOptions, Promise<Administrator>>();
  /** Who beat last; it is asked first. */
  private preferred = 0;

  constructor(
    private readonly options: ChannelClockOptions,
    private readonly report: (line: string) => void,
  ) {}

  /** Beats until `signal` is aborted: once now unless the last beat is younger than the interval, then at every interval. */
  async run(signal: AbortSignal): Promise<void> {
    const interval = this.options.intervalSeconds * 1000;
    let wait = await this.remaining(interval);
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      if (!(await slept(wait, signal))) break;
      if (await this.tryBeat()) {
        wait = interval;
        pause = FIRST_PAUSE_MS;
      } else {
        wait = Math.min(pause, interval);
        pause *= 2;
      }
    }
    await this.close();
  }

  /** One beat, by the first organization that can. Throws what the last of them met. */
  async beat(): Promise<void> {
    const { administrators } = this.options;
    let last: unknown = new RangeError('no organization may beat this clock');
    for (let attempt = 0; attempt < administrators.length; attempt++) {
      const index = (this.preferred + attempt) % administrators.length;
      try {
        await (await this.administrator(index)).submit('beat');
        this.preferred = index;
        return;
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  async close(): Promise<void> {
    for (const connecting of this.connected.values()) (await connecting).close();
    this.connected.clear();
  }

  private async tryBeat(): Promise<boolean> {
    try {
      await this.beat();
      return true;
    } catch (error) {
      this.report(`${this.channel} was not beaten: ${reasonOf(error)}`);
      return false;
    }
  }

  /** Milliseconds until the next beat is due. */
  private async remaining(interval: number): Promise<number> {
    try {
      const { instant } = JSON.parse(await (await this.administrator(0)).evaluate('clock')) as {
        instant: string;
      };
      return Math.min(interval, Math.max(0, Date.parse(instant) + interval - Date.now()));
    } catch (error) {
      if (!(error instanceof ContractRefusal))
        this.report(`${this.channel} does not answer: ${reasonOf(error)}`);
      // Never beaten, or not to be read now: due.
      return 0;
    }
  }

  private get channel(): string {
    return this.options.administrators[0]?.channel ?? 'the channel';
  }

  private administrator(index: number): Promise<Administrator> {
    const options = this.options.administrators[index];
    if (!options) throw new RangeError(`no administrator ${index}`);
    const known = this.connected.get(options);
    if (known) return known;
    const connecting = Administrator.connect(options);
    this.connected.set(options, connecting);
    return connecting;
  }
}

async function slept(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch {
    // The only way that a sleep fails is that it was ended.
    return false;
  }
}
