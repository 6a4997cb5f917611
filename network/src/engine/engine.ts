import type { Topology } from '../topology/topology.js';
import type { NetworkDirectory } from './network-directory.js';

/** A process of the network, as the supervisor runs it. */
export interface ProcessSpec {
  /** Unique in the network: `peer0.hospital.example`, `orderer0.orderer.example`, `care.peer0.hospital.example`. */
  readonly name: string;
  readonly kind: 'orderer' | 'peer' | 'chaincode' | 'ledger' | 'clock';
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to a minimal environment (PATH, HOME); nothing else of the operator's environment reaches it. */
  readonly env: Readonly<Record<string, string>>;
  /** Started again, with back-off, when it ends by itself. */
  readonly restart: boolean;
}

/** What a ledger engine contributes; the supervisor owns the processes, the command owns the story. */
export interface Engine {
  readonly name: 'fabric' | 'embedded';
  /** Writes configuration that is missing; idempotent. Throws NetworkError before anything starts. */
  prepare(context: EngineContext): Promise<void>;
  /** Ledger processes (peers, orderers or the embedded ledger), in start order. */
  ledgerProcesses(context: EngineContext): readonly ProcessSpec[];
  /** After the ledger processes run: create and join what is not yet joined. Idempotent. */
  join(context: EngineContext): Promise<void>;
  /**
   * Brings one chaincode to the definition in the topology: package ids, approvals, commit; a changed version or policy
   * is the next sequence. Returns the package id that each peer's chaincode process must register with.
   */
  deploy(context: EngineContext, chaincode: string): Promise<DeployedChaincode>;
  /** Resolves when every organization with peers can really endorse; throws NetworkError after the deadline. */
  ready(context: EngineContext, deadlineMs: number): Promise<void>;
  /**
   * Stops and starts one peer. An engine leaves these out when each peer is a process of that name, which the supervisor
   * stops and starts.
   */
  stopPeer?(context: EngineContext, peer: string): Promise<void>;
  startPeer?(context: EngineContext, peer: string): Promise<void>;
  /** Everything on the ledger to a file (absolute path) and back, while it runs. */
  snapshot?(context: EngineContext, action: 'save' | 'restore', file: string): Promise<void>;
  /** Removes the engine's data, never the identities. */
  clean(context: EngineContext): Promise<void>;
}

export interface DeployedChaincode {
  readonly name: string;
  readonly channel: string;
  readonly sequence: number;
  readonly version: string;
  /** Package id by peer name. */
  readonly packageIds: Readonly<Record<string, string>>;
}

export interface EngineContext {
  readonly topology: Topology;
  readonly directory: NetworkDirectory;
  readonly ports: Ports;
  /** One line per step, for a person. */
  readonly progress: (line: string) => void;
  /** Aborted when nobody waits any more; whoever waits for the network ends with its reason then. */
  readonly signal?: AbortSignal;
}

/** Every port of the network, settled before anything starts. */
export interface Ports {
  /** By peer name: its gRPC address, the chaincode listener, operations (health, metrics). */
  readonly peers: Readonly<Record<string, { listen: number; chaincode: number; operations: number }>>;
  readonly orderers: Readonly<Record<string, { listen: number; admin: number; operations: number }>>;
  /** By process name `<chaincode>.<peer>`: where that peer's chaincode process listens. */
  readonly chaincodes: Readonly<Record<string, number>>;
  /** By organization name: what connection profiles say of its certificate authority (no such server is started). */
  readonly authorities: Readonly<Record<string, number>>;
}
