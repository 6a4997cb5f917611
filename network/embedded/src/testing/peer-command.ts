import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeAll, type TestOrganization } from './organization.js';

/** Fabric's `peer` program in the folder that FABRIC_BIN names; undefined when there is none. */
export function peerProgram(): string | undefined {
  const folder = process.env.FABRIC_BIN;
  const program = folder === undefined ? undefined : join(folder, 'peer');
  return program !== undefined && existsSync(program) ? program : undefined;
}

const coreConfiguration = (address: string, mspId: string, rootCertificate: string, msp: string) => `peer:
  id: cli
  address: ${address}
  localMspId: ${mspId}
  mspConfigPath: ${msp}
  tls:
    enabled: true
    rootcert:
      file: ${rootCertificate}
  client:
    connTimeout: 3s
  BCCSP:
    Default: SW
    SW:
      Hash: SHA2
      Security: 256
`;

export interface PeerCommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The `peer` command of an organization's administrator, at one peer. */
export class PeerCommand {
  private constructor(
    private readonly program: string,
    private readonly folder: string,
  ) {}

  /** `address` is the peer's `host:port`. */
  static async create(
    program: string,
    organization: TestOrganization,
    address: string,
    role: 'admin' | 'client' = 'admin',
  ): Promise<PeerCommand> {
    const folder = join(organization.directory, 'cli', role);
    const identity = await organization.issue(role, role);
    const msp = join(folder, 'msp');
    const rootCertificate = join(organization.directory, 'msp/tlscacerts/tlsca.pem');
    await writeAll(folder, {
      'core.yaml': coreConfiguration(address, organization.mspId, rootCertificate, msp),
      'msp/cacerts/ca.pem': organization.authority.certificate,
      'msp/signcerts/cert.pem': identity.certificate,
      'msp/keystore/key.pem': identity.key,
      'msp/config.yaml': organization.nodeUnits,
    });
    return new PeerCommand(program, folder);
  }

  run(...args: readonly string[]): Promise<PeerCommandResult> {
    return new Promise((resolve) => {
      execFile(
        this.program,
        [...args],
        {
          cwd: this.folder,
          env: { PATH: process.env.PATH, FABRIC_CFG_PATH: this.folder, FABRIC_LOGGING_SPEC: 'error' },
          maxBuffer: 64 * 1024 * 1024,
          timeout: 60_000,
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, stdout, stderr });
        },
      );
    });
  }

  /** What it prints; throws when it fails. */
  async output(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) {
      throw new Error(`peer ${args.join(' ')}: exit code ${code}: ${stderr}${stdout}`);
    }
    return stdout;
  }
}
