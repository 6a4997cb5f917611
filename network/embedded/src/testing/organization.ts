import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestAuthority, type IssuedCertificate } from './certificate-authority.js';

/** An organization's identity material on disk, in cryptogen's layout. */
export interface TestOrganization {
  readonly mspId: string;
  readonly domain: string;
  readonly authority: TestAuthority;
  readonly tlsAuthority: TestAuthority;
  readonly directory: string;
  /** `config.yaml` of its MSP. */
  readonly nodeUnits: string;
  /** Common name `<name>@<domain>` or `<name>.<domain>`. */
  issue(name: string, unit: 'client' | 'peer' | 'admin' | 'orderer'): Promise<IssuedCertificate>;
}

const nodeUnits = `NodeOUs:
  Enable: true
${['Client', 'Peer', 'Admin', 'Orderer']
  .map(
    (role) => `  ${role}OUIdentifier:
    Certificate: cacerts/ca.pem
    OrganizationalUnitIdentifier: ${role.toLowerCase()}
`,
  )
  .join('')}`;

export async function createOrganization(
  root: string,
  mspId: string,
  domain: string,
): Promise<TestOrganization> {
  const authority = await TestAuthority.create(`ca.${domain}`);
  const tlsAuthority = await TestAuthority.create(`tlsca.${domain}`);
  const directory = join(root, domain);
  const mspDirectory = join(directory, 'msp');
  await writeAll(mspDirectory, {
    'cacerts/ca.pem': authority.certificate,
    'tlscacerts/tlsca.pem': tlsAuthority.certificate,
    'config.yaml': nodeUnits,
  });
  return {
    mspId,
    domain,
    authority,
    tlsAuthority,
    directory,
    nodeUnits,
    issue: (name, unit) =>
      authority.issue({
        commonName: unit === 'peer' || unit === 'orderer' ? `${name}.${domain}` : `${name}@${domain}`,
        unit,
      }),
  };
}

export async function writeAll(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content, { mode: 0o600 });
  }
}
