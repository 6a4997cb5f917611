import { connect, type Vitaledger } from '@vitaledger/client';
import { startNetwork, topologies, type Network } from '@vitaledger/network';
import type { DemoOptions } from '../options.js';
import type { StageFolder } from './stage-folder.js';

/** A network of the demonstration's own, and the connections of those who play in it. */
export class Stage {
  readonly #connections = new Map<string, Promise<Vitaledger>>();
  #ended: Promise<void> | undefined;

  private constructor(
    readonly network: Network,
    readonly folder: StageFolder,
  ) {}

  /**
   * Starts the network in its folder. When it fails or `signal` aborts, nothing that it started goes on.
   *
   * @throws NetworkError
   */
  static async start(
    folder: StageFolder,
    options: Pick<DemoOptions, 'engine' | 'keep'>,
    onProgress: (line: string) => void,
    signal: AbortSignal,
  ): Promise<Stage> {
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
