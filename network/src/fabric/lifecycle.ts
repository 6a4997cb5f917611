import { NetworkError } from '../errors/network-error.js';
import type { EngineContext } from '../engine/engine.js';
import type { ChaincodeSpec } from '../topology/topology.js';
import type { CommittedDefinition } from './chaincode-definition.js';
import { orderersOf, type PeerMember } from './members.js';
import type { PeerCli } from './peer-cli.js';
import { reasonOf, type ProgramResult } from './run-program.js';
import { DeadlinePassed, until, type Attempt } from './until.js';

/** How long a step may be refused for passing reasons. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 250;

/** The orderers elect a leader, a peer lags by a block, or a process is just starting. */
const PASSING =
  /SERVICE_UNAVAILABLE|no Raft leader|ProposalResponsePayloads do not match|MVCC_READ_CONFLICT|connection refused|code = Unavailable/;

/** What a repeated approval is told that had arrived after all. */
const APPROVED_BEFORE = /attempted to redefine .* with unchanged content/;

/** Fabric's chaincode lifecycle, a step at a time. */
export class Lifecycle {
  private readonly orderers: readonly (readonly string[])[];

  constructor(
    private readonly cli: PeerCli,
    private readonly context: EngineContext,
  ) {
    this.orderers = orderersOf(context.topology).map(({ name, index }) => cli.orderer(name, index));
  }

  /** Installs a package unless the peer has it. */
  async install(peer: PeerMember, packageId: string, packageFile: string): Promise<void> {
    const step = `${peer.name} does not install ${packageId}`;
    const installed = await this.patiently(step, () =>
      this.cli.run(peer, 'lifecycle', 'chaincode', 'queryinstalled', '--output', 'json'),
    );
    if (!installedPackages(installed.stdout).includes(packageId)) {
      await this.patiently(step, () => this.cli.run(peer, 'lifecycle', 'chaincode', 'install', packageFile));
    }
  }

  /** The committed sequence number and version of a chaincode, as the peer's ledger has them. */
  async committed(
    peer: PeerMember,
    chaincode: ChaincodeSpec,
  ): Promise<{ sequence: number; version: string } | undefined> {
    const result = await this.cli.run(
      peer,
      ...['lifecycle', 'chaincode', 'querycommitted', '--output', 'json'],
      ...['--channelID', chaincode.channel, '--name', chaincode.name],
    );
    if (result.succeeded) {
      return JSON.parse(result.stdout) as { sequence: number; version: string };
    }
    if (/namespace \S+ is not defined/.test(result.stderr)) {
      return undefined;
    }
    throw failure(`${peer.name} does not say which ${chaincode.name} is committed`, reasonOf(result));
  }

  /** Approves a definition for the peer's organization; approving twice is no error. */
  async approve(peer: PeerMember, chaincode: ChaincodeSpec, definition: CommittedDefinition): Promise<void> {
    const { organization } = peer;
    await this.patiently(
      `${organization.displayName} (${organization.mspId}) cannot approve ${chaincode.name} ${definition.version}`,
      async (orderer) => {
        const result = await this.cli.run(
          peer,
          ...['lifecycle', 'chaincode', 'approveformyorg', ...orderer],
          ...definitionArguments(chaincode, definition),
          ...['--package-id', definition.packageId],
          ...this.cli.targets([peer]),
        );
        return APPROVED_BEFORE.test(result.stderr) ? { ...result, succeeded: true } : result;
      },
    );
  }

  /** Commits a definition with the endorsement of the given peers, and waits until they all have it. */
  async commit(
    peers: readonly [PeerMember, ...PeerMember[]],
    chaincode: ChaincodeSpec,
    definition: CommittedDefinition,
  ): Promise<void> {
    await this.patiently(
      `${chaincode.name} ${definition.version} cannot be committed on ${chaincode.channel}`,
      (orderer) =>
        this.cli.run(
          peers[0],
          ...['lifecycle', 'chaincode', 'commit', ...orderer],
          ...definitionArguments(chaincode, definition),
          ...this.cli.targets(peers),
        ),
    );
  }

  /** Repeats a step that fails for a passing reason, each time by the next orderer. */
  private async patiently(
    step: string,
    run: (orderer: readonly string[]) => Promise<ProgramResult>,
  ): Promise<ProgramResult> {
    let attempts = 0;
    try {
      return await until(
        async (): Promise<Attempt<ProgramResult>> => {
          const result = await run(this.orderers[attempts++ % this.orderers.length] ?? []);
          if (result.succeeded) {
            return { done: true, value: result };
          }
          if (PASSING.test(result.stderr)) {
            return { done: false, reason: reasonOf(result) };
          }
          throw failure(step, reasonOf(result));
        },
        Date.now() + PATIENCE_MS,
        PAUSE_MS,
        this.context.signal,
      );
    } catch (error) {
      throw error instanceof DeadlinePassed ? failure(step, error.reason, error) : error;
    }
  }
}

function definitionArguments(chaincode: ChaincodeSpec, definition: CommittedDefinition): readonly string[] {
  return [
    ...['--channelID', chaincode.channel],
    ...['--name', chaincode.name],
    ...['--version', definition.version],
    ...['--sequence', String(definition.sequence)],
    ...['--signature-policy', definition.policy],
    ...(chaincode.collections === undefined ? [] : ['--collections-config', chaincode.collections]),
  ];
}

function installedPackages(output: string): readonly string[] {
  const list = JSON.parse(output) as { installed_chaincodes?: { package_id: string }[] };
  return (list.installed_chaincodes ?? []).map(({ package_id }) => package_id);
}

function failure(step: string, reason: string, cause?: unknown): NetworkError {
  return new NetworkError('DEPLOY_FAILED', `${step}: ${reason}`, { cause });
}
