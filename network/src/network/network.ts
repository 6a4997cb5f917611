import { join } from 'node:path';
import type { DeployedChaincode, Engine, EngineContext } from '../engine/engine.js';
import type { NetworkDirectory } from '../engine/network-directory.js';
import { NetworkError } from '../errors/network-error.js';
import { peerNames } from '../ports/names.js';
import type { ProcessStatus } from '../supervisor/supervised-process.js';
import { Supervisor } from '../supervisor/supervisor.js';
import { readTopology } from '../topology/read.js';
import type { OrganizationSpec, Topology } from '../topology/topology.js';
import { blockFiles, logFiles } from './block-files.js';
import { removeNetwork } from './clean.js';
import { deployChaincode } from './deploy.js';
import { withLock } from './directory-lock.js';
import { requireState } from './network-state.js';
import { startPeers, stopPeers } from './peers.js';

/** A client identity, as the SDK's `connect` takes it. */
export interface ClientIdentity {
  readonly mspId: string;
  /** Folder with `signcerts` and `keystore`. */
  readonly mspDirectory: string;
}

export interface NetworkStatus {
  readonly name: string;
  readonly networkId: string;
  readonly engine: Engine['name'];
  readonly directory: string;
  /** Whether every process that should run does. */
  readonly running: boolean;
  readonly processes: readonly ProcessStatus[];
  readonly chaincodes: readonly DeployedChaincode[];
  /** By organization name: where its clients connect. */
  readonly profiles: Readonly<Record<string, string>>;
}

/** A network in a folder, running or not. Made by `startNetwork` or `openNetwork`. */
export class Network {
  constructor(
    private readonly context: EngineContext,
    private readonly ledger: Engine,
  ) {}

  get directory(): NetworkDirectory {
    return this.context.directory;
  }

  get topology(): Topology {
    return this.context.topology;
  }

  get engine(): Engine['name'] {
    return this.ledger.name;
  }

  /** Path of an organization's profile, by its short name or MSP id. */
  profile(organization: string): string {
    const { domain, name } = this.organization(organization);
    return this.directory.profile(domain, name);
  }

  /** `user` is `Admin`, `User1` or a name from the topology. Throws `FILE_MISSING` for any other. */
  identity(organization: string, user: string): ClientIdentity {
    const { domain, mspId, identities } = this.organization(organization);
    const names = ['Admin', 'User1', ...identities.map(({ name }) => name)];
    if (!names.includes(user)) {
      throw new NetworkError(
        'FILE_MISSING',
        `${organization} has no identity ${user}; it has ${names.join(', ')}.`,
      );
    }
    return { mspId, mspDirectory: join(this.directory.user(domain, user), 'msp') };
  }

  /** Folder of an organization's vault. */
  vault(organization: string): string {
    return this.directory.vault(this.organization(organization).mspId);
  }

  /** Files with blocks, the orderers' included. */
  blockFiles(): readonly string[] {
    return blockFiles(this.directory, this.engine);
  }

  logFiles(): readonly string[] {
    return logFiles(this.directory);
  }

  async status(): Promise<NetworkStatus> {
    const state = requireState(this.directory);
    const processes = (await Supervisor.find(this.directory)?.status()) ?? [];
    return {
      name: this.topology.name,
      networkId: state.networkId,
      engine: this.engine,
      directory: this.directory.root,
      running: processes.length > 0 && processes.every((one) => one.state === 'running'),
      processes,
      chaincodes: Object.values(state.chaincodes),
      profiles: Object.fromEntries(
        this.topology.organizations.map(({ name, domain }) => [name, this.directory.profile(domain, name)]),
      ),
    };
  }

  /** Stops an organization's peers and its chaincode processes; clients of it and of others then see it as down. */
  async stopPeer(organization: string): Promise<void> {
    await stopPeers(this.context, this.ledger, this.supervisor(), this.organization(organization));
  }

  /** Resolves when the organization's peers endorse again. */
  async startPeer(organization: string): Promise<void> {
    await startPeers(this.context, this.ledger, this.supervisor(), this.organization(organization));
  }

  /**
   * Deploys a chaincode again: from `topology` when given (other chaincodes, versions, policies; organizations and channels
   * must be the same), and in any case with its present code. A changed definition becomes the next sequence.
   */
  async deploy(name: string, topology: Topology | string = this.topology): Promise<DeployedChaincode> {
    const changed = typeof topology === 'string' ? readTopology(topology) : topology;
    return withLock(this.directory, () =>
      deployChaincode(this.context, this.ledger, this.supervisor(), changed, name),
    );
  }

  /** Writes all that is on the ledger to a file, or puts the ledger back to it. Only the embedded ledger can: `ENGINE_FAILED`. */
  async snapshot(action: 'save' | 'restore', file: string): Promise<void> {
    if (this.ledger.snapshot === undefined) {
      throw new NetworkError(
        'ENGINE_FAILED',
        'Snapshots are of the embedded ledger; on Fabric, stop the network and copy its folder.',
      );
    }
    this.supervisor();
    await this.ledger.snapshot(this.context, action, file);
  }

  /** Stops every process, dependants first. All data stays; `startNetwork` takes it up again. */
  async stop(): Promise<void> {
    await withLock(this.directory, async () => {
      await Supervisor.find(this.directory)?.shutdown();
      await Supervisor.endLeftovers(this.directory);
    });
  }

  /** Stops the network and removes its ledgers, identities, vaults and logs: everything that it made in its folder. */
  async clean(): Promise<void> {
    await this.stop();
    await this.ledger.clean(this.context);
    removeNetwork(this.directory);
  }

  /** Names of an organization's peers. */
  peers(organization: string): readonly string[] {
    return peerNames(this.organization(organization));
  }

  private organization(nameOrMspId: string): OrganizationSpec {
    const found = this.topology.organizations.find(
      ({ name, mspId }) => name === nameOrMspId || mspId === nameOrMspId,
    );
    if (found) return found;
    const names = this.topology.organizations.map(({ name }) => name);
    throw new NetworkError(
      'TOPOLOGY_INVALID',
      `The network has no organization ${nameOrMspId}; it has ${names.join(', ')}.`,
    );
  }

  private supervisor(): Supervisor {
    const found = Supervisor.find(this.directory);
    if (found) return found;
    throw new NetworkError(
      'NOT_RUNNING',
      `The network in ${this.directory.root} is not running. Start it with "vitaledger network up".`,
    );
  }
}
