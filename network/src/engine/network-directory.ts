import { join } from 'node:path';

/**
 * Where a network keeps its files. Below `organizations` the layout is that of Fabric's test-network, so that
 * applications written for it find what they expect.
 */
export class NetworkDirectory {
  constructor(readonly root: string) {}

  get organizations(): string {
    return join(this.root, 'organizations');
  }
  peerOrganization(domain: string): string {
    return join(this.organizations, 'peerOrganizations', domain);
  }
  ordererOrganization(domain: string): string {
    return join(this.organizations, 'ordererOrganizations', domain);
  }
  /** `index` counts from 0. */
  peer(domain: string, index: number): string {
    return join(this.peerOrganization(domain), 'peers', `peer${index}.${domain}`);
  }
  orderer(domain: string, index: number): string {
    return join(this.ordererOrganization(domain), 'orderers', `orderer${index}.${domain}`);
  }
  user(domain: string, name: string): string {
    return join(this.peerOrganization(domain), 'users', `${name}@${domain}`);
  }
  /**
   * TLS material between a peer and its process of a chaincode: `ca.crt` (the organization's TLS root, for both),
   * `server.crt` and `server.key` (the chaincode's), `client.crt` and `client.key` (the peer's). Exists before `prepare`.
   */
  chaincodeTls(chaincode: string, peerName: string): string {
    return join(this.organizations, 'chaincodes', `${chaincode}.${peerName}`, 'tls');
  }
  /** Connection profile of an organization, as Fabric's test-network names it. */
  connectionProfile(domain: string, organization: string): string {
    return join(this.peerOrganization(domain), `connection-${organization}.json`);
  }
  /** The same with what Vitaledger's SDK must know besides. */
  profile(domain: string, organization: string): string {
    return join(this.peerOrganization(domain), `vitaledger-${organization}.json`);
  }
  get logs(): string {
    return join(this.root, 'logs');
  }
  /** Engine data: `fabric` or `embedded`. */
  engine(name: string): string {
    return join(this.root, name);
  }
  /** Custodians' vaults, by MSP id, of a network on one machine. */
  vault(mspId: string): string {
    return join(this.root, 'vaults', mspId);
  }
  get topology(): string {
    return join(this.root, 'topology.yaml');
  }
  get ports(): string {
    return join(this.root, 'ports.json');
  }
  get state(): string {
    return join(this.root, 'state.json');
  }
}
