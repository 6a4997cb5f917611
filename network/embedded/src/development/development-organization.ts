import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OrdererOrganizationOptions, OrganizationOptions } from '../options.js';
import { DevelopmentAuthority, type IssuedIdentity } from './certificate-authority.js';

/** The authorities of an organization, for another process. */
export interface KeptOrganization {
  readonly mspId: string;
  readonly authority: IssuedIdentity;
  readonly tls: IssuedIdentity;
}

/** An organization of a network that was made for tests: its authorities and its MSP folder. */
export class DevelopmentOrganization {
  private constructor(
    readonly mspId: string,
    readonly authority: DevelopmentAuthority,
    readonly tls: DevelopmentAuthority,
    private readonly folder: string,
  ) {}

  /** New, or as it was `kept`; the folder is made in `root`. */
  static async create(
    root: string,
    mspId: string,
    kept?: KeptOrganization,
  ): Promise<DevelopmentOrganization> {
    const folder = join(root, mspId);
    const authority = new DevelopmentAuthority(`ca of ${mspId}`, kept?.authority);
    const tls = new DevelopmentAuthority(`tlsca of ${mspId}`, kept?.tls);
    const files = {
      'cacerts/ca.pem': authority.certificate,
      'tlscacerts/tlsca.pem': tls.certificate,
      'config.yaml': nodeUnits,
    };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content, { mode: 0o600 });
    }
    return new DevelopmentOrganization(mspId, authority, tls, folder);
  }

  get kept(): KeptOrganization {
    return { mspId: this.mspId, authority: this.authority.kept, tls: this.tls.kept };
  }

  /** With one peer at a free port. */
  options(): OrganizationOptions {
    const name = peerNameOf(this.mspId);
    const identity = this.authority.issue({ commonName: name, unit: 'peer' });
    const server = this.tls.issue({ commonName: name, hosts: [name, 'localhost', '127.0.0.1'] });
    return {
      mspId: this.mspId,
      mspDirectory: this.folder,
      peers: [
        {
          name,
          address: '127.0.0.1:0',
          tlsCertificate: server.certificate,
          tlsKey: server.key,
          signCertificate: identity.certificate,
          signKey: identity.key,
        },
      ],
    };
  }

  ordererOptions(): OrdererOrganizationOptions {
    const signer = this.authority.issue({ commonName: 'orderer', unit: 'orderer' });
    return {
      mspId: this.mspId,
      mspDirectory: this.folder,
      signCertificate: signer.certificate,
      signKey: signer.key,
    };
  }
}

export function peerNameOf(mspId: string): string {
  return `peer0.${mspId.toLowerCase()}`;
}

const nodeUnits = `NodeOUs:
  Enable: true
${['Client', 'Peer', 'Admin', 'Orderer']
  .map((role) => `  ${role}OUIdentifier: { OrganizationalUnitIdentifier: ${role.toLowerCase()} }\n`)
  .join('')}`;
