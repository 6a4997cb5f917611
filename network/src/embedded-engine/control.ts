import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  controlRequest,
  type ChaincodeDefinition,
  type ControlAddress,
  type LedgerStatus,
} from '@vitaledger/embedded-ledger';
import { NetworkError } from '../errors/network-error.js';

const PAUSE_MS = 20;

/** The control interface of a running embedded ledger. */
export class Control {
  constructor(private readonly file: string) {}

  /** Resolves when the ledger answers; throws `NOT_READY` after `withinMs`, or the reason of `signal`. */
  async awaitAnswer(withinMs: number, signal?: AbortSignal): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      try {
        await controlRequest(this.address(), 'GET', '/status');
        return;
      } catch (cause) {
        // Not there yet, or what an earlier process left.
        if (Date.now() > deadline) {
          throw new NetworkError('NOT_READY', 'The embedded ledger does not answer; its log says why.', {
            cause,
          });
        }
      }
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }

  async chaincodes(): Promise<readonly ChaincodeDefinition[]> {
    return (await this.request('GET', '/chaincodes')) as readonly ChaincodeDefinition[];
  }

  async define(definition: ChaincodeDefinition): Promise<void> {
    await this.request('POST', '/chaincodes', definition);
  }

  /** Starts the peers that were stopped one by one. */
  async startPeers(): Promise<void> {
    const { peers } = (await this.request('GET', '/status')) as LedgerStatus;
    for (const { name, running } of peers) if (!running) await this.switchPeer(name, 'start');
  }

  async switchPeer(name: string, to: 'start' | 'stop'): Promise<void> {
    await this.request('POST', `/peers/${encodeURIComponent(name)}/${to}`);
  }

  async snapshot(action: 'save' | 'restore', file: string): Promise<void> {
    await this.request('POST', `/snapshot/${action}`, { file });
  }

  private address(): ControlAddress {
    return JSON.parse(readFileSync(this.file, 'utf8')) as ControlAddress;
  }

  private async request(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    try {
      return await controlRequest(this.address(), method, path, body);
    } catch (cause) {
      throw new NetworkError('ENGINE_FAILED', `The embedded ledger refused: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
}
