import { join } from 'node:path';
import type { EngineContext } from '../engine/engine.js';
import type { FabricBinaries } from './binaries.js';
import type { FabricLayout } from './fabric-layout.js';
import { portOf, type PeerMember } from './members.js';
import { HOST } from './peer-configuration.js';
import { runProgram, type ProgramResult } from './run-program.js';

/** The `peer` command, run as the administrator of a peer's organization against that peer. */
export class PeerCli {
  constructor(
    private readonly binaries: FabricBinaries,
    private readonly context: EngineContext,
    private readonly layout: FabricLayout,
  ) {}

  run(peer: PeerMember, ...args: readonly string[]): Promise<ProgramResult> {
    const { directory } = this.context;
    const { domain } = peer.organization;
    return runProgram(this.binaries.peer, args, {
      // The peer's own configuration names its address, its MSP id and its TLS root.
      FABRIC_CFG_PATH: this.layout.peer(peer.name),
      CORE_PEER_MSPCONFIGPATH: join(directory.user(domain, 'Admin'), 'msp'),
      FABRIC_LOGGING_SPEC: 'error',
    });
  }

  /** Arguments that name the peers whose endorsement a command asks for. */
  targets(peers: readonly PeerMember[]): readonly string[] {
    return peers.flatMap((peer) => [
      '--peerAddresses',
      `${HOST}:${portOf(this.context.ports.peers, peer.name).listen}`,
      '--tlsRootCertFiles',
      join(this.context.directory.peer(peer.organization.domain, peer.index), 'tls', 'ca.crt'),
    ]);
  }

  /** Arguments that name the orderer to which a command submits its transaction. */
  orderer(name: string, index: number): readonly string[] {
    const { directory, topology, ports } = this.context;
    const folder = directory.orderer(topology.orderers.domain, index);
    return [
      '--orderer',
      `${HOST}:${portOf(ports.orderers, name).listen}`,
      '--tls',
      '--cafile',
      join(folder, 'tls', 'ca.crt'),
    ];
  }
}
