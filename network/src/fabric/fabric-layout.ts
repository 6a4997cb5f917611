import { join } from 'node:path';
import type { NetworkDirectory } from '../engine/network-directory.js';

/** Where the Fabric engine keeps its files, below the network's folder. Everything here can be removed by `clean`. */
export class FabricLayout {
  readonly root: string;

  constructor(directory: NetworkDirectory) {
    this.root = directory.engine('fabric');
  }

  /** Configuration and data of one peer; the folder that FABRIC_CFG_PATH names. */
  peer(name: string): string {
    return join(this.root, 'peers', name);
  }
  peerData(name: string): string {
    return join(this.peer(name), 'data');
  }
  /** How this peer reaches its chaincodes, a file per chaincode; contains client keys. */
  chaincodeServices(peer: string): string {
    return join(this.peer(peer), 'chaincodes');
  }
  /** What the external builder released, a folder per package id. */
  chaincodeBuilds(peer: string): string {
    return join(this.peerData(peer), 'externalbuilder', 'builds');
  }
  orderer(name: string): string {
    return join(this.root, 'orderers', name);
  }
  ordererData(name: string): string {
    return join(this.orderer(name), 'data');
  }
  /** `configtx.yaml`, from which `genesis.block` was made. */
  channel(name: string): string {
    return join(this.root, 'channels', name);
  }
  genesisBlock(channel: string): string {
    return join(this.channel(channel), 'genesis.block');
  }
  /** Chaincode package and the record of the definition that was committed last. */
  chaincode(channel: string, name: string): string {
    return join(this.root, 'chaincodes', channel, name);
  }
  get builder(): string {
    return join(this.root, 'builders', 'ccaas');
  }
}
