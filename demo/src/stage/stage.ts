import { connect, VitaledgerError, type Vitaledger } from '@vitaledger/client';
import { startNetwork, topologies, type Network } from '@vitaledger/network';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DemoOptions } from '../options.js';

/** Where `--keep` leaves the network unless told. */
const KEPT = join('.vitaledger', 'demo');

/** A network of the demonstration's own, and the connections of those who play in it. */
export class Stage {
  readonly #connections = new Map<string, Promise<Vitaledger>>();
  #ended: Promise<void> | undefined;

  private constructor(
    readonly network: Network,
    readonly folder: StageFolder,
  ) {}

  /**
   * Starts the network in a new folder. When it fails or `signal` aborts, nothing that it started goes on.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` when the folder holds a network already; NetworkError
   */
  static async start(
    options: Pick<DemoOptions, 'engine' | 'keep' | 'directory'>,
    onProgress: (line: string) => void,
    signal: AbortSignal,
  ): Promise<Stage> {
    const folder = await stageFolder(options);
    try {
      const network = await startNetwork({
        topology: topologies.default,
        engine: options.engine,
        directory: folder.network,
        lifetime: options.keep ? 'detached' : 'process',
        onProgress: (line) => {
          // The start is given up at its next step, and stops what it has started.
          signal.throwIfAborted();
          onProgress(line);
        },
      });
      return new Stage(network, folder);
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  /** Connects a user of an organization, by their short names. */
  ledger(organization: string, user: string): Promise<Vitaledger> {
    const key = `${organization}/${user}`;
    let connection = this.#connections.get(key);
    if (!connection) {
      connection = connect({
        profile: this.network.profile(organization),
        identity: this.network.identity(organization, user).mspDirectory,
      });
      this.#connections.set(key, connection);
    }
    return connection;
  }

  /** The organization as people call it. */
  displayName(mspId: string): string {
    return (
      this.network.topology.organizations.find((organization) => organization.mspId === mspId)?.displayName ??
      mspId
    );
  }

  /** Stops the network's processes; its data stays until {@link end}. */
  async stop(): Promise<void> {
    await this.#disconnect();
    await this.network.stop();
  }

  /** Ends the network and removes what it wrote. */
  end(): Promise<void> {
    this.#ended ??= (async () => {
      await this.#disconnect();
      await this.network.clean();
      await this.folder.remove();
    })();
    return this.#ended;
  }

  /** Leaves the network running. */
  leave(): Promise<void> {
    this.#ended ??= this.#disconnect();
    return this.#ended;
  }

  async #disconnect(): Promise<void> {
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    for (const connection of connections) (await connection).close();
  }
}

interface StageFolder {
  /** The network's. */
  readonly network: string;
  /** Removes what was made around it. */
  remove(): Promise<void>;
}

async function stageFolder({
  directory,
  keep,
}: Pick<DemoOptions, 'keep' | 'directory'>): Promise<StageFolder> {
  if (directory === undefined && !keep) {
    const temporary = await mkdtemp(join(tmpdir(), 'vitaledger-demo-'));
    return {
      network: join(temporary, 'network'),
      remove: () => rm(temporary, { recursive: true, force: true }),
    };
  }
  const network = resolve(directory ?? KEPT);
  if (existsSync(join(network, 'state.json'))) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `There is a network in ${network} already, and the story needs a new one. Name another folder (--directory), or ` +
        `remove that one: npm run network -- clean --yes --directory ${network}`,
    );
  }
  return { network, remove: () => Promise.resolve() };
}
