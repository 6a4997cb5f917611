import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { NetworkError } from '../errors/network-error.js';

const run = promisify(execFile);

const PROGRAMS = ['peer', 'orderer', 'osnadmin', 'configtxgen'] as const;
type Program = (typeof PROGRAMS)[number];

/** Versions on which the integration test is run. */
export const TESTED_VERSIONS = ['2.5.16', '3.1.5'] as const;

export interface FabricVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Absolute paths of Fabric's programs, and the version of the peer. */
export type FabricBinaries = Readonly<Record<Program, string>> & { readonly version: FabricVersion };

/** What of the operator's environment says where the programs are. */
export interface BinaryEnvironment {
  readonly FABRIC_BIN?: string | undefined;
  readonly PATH?: string | undefined;
}

/**
 * Finds Fabric's programs in the folder `FABRIC_BIN`, or without that on `PATH`, and asks peer and orderer for their
 * version.
 *
 * @throws NetworkError `BINARY_MISSING` that names what is missing, `BINARY_VERSION` for anything but 2.5 to 3.
 */
export async function findBinaries(environment: BinaryEnvironment = process.env): Promise<FabricBinaries> {
  const folders = searchFolders(environment);
  const found = await Promise.all(PROGRAMS.map((program) => findProgram(program, folders)));
  const missing = PROGRAMS.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) {
    throw new NetworkError('BINARY_MISSING', missingMessage(missing, environment));
  }
  const [peer = '', orderer = '', osnadmin = '', configtxgen = ''] = found;
  const [version, ordererVersion] = await Promise.all([versionOf(peer), versionOf(orderer)]);
  requireSupported(peer, version);
  requireSupported(orderer, ordererVersion);
  if (version.major !== ordererVersion.major || version.minor !== ordererVersion.minor) {
    throw new NetworkError(
      'BINARY_VERSION',
      `The peer is of version ${formatVersion(version)} and the orderer of version ${formatVersion(ordererVersion)}. ` +
        'Take both from one release archive of Hyperledger Fabric.',
    );
  }
  return { peer, orderer, osnadmin, configtxgen, version };
}

/** `3.1.5` */
export function formatVersion(version: FabricVersion): string {
  return `${version.major}.${version.minor}.${version.patch}`;
}

function searchFolders(environment: BinaryEnvironment): readonly string[] {
  if (environment.FABRIC_BIN !== undefined && environment.FABRIC_BIN !== '') {
    return [resolve(environment.FABRIC_BIN)];
  }
  return (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

async function findProgram(program: Program, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const candidate = join(folder, program);
    if (await isExecutable(candidate)) {
      return candidate;
    }
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missingMessage(missing: readonly Program[], environment: BinaryEnvironment): string {
  const place =
    environment.FABRIC_BIN === undefined || environment.FABRIC_BIN === ''
      ? 'on PATH (FABRIC_BIN is not set)'
      : `in FABRIC_BIN=${environment.FABRIC_BIN}`;
  return (
    `Not found ${place}: ${missing.join(', ')}. They come in the release archive of Hyperledger Fabric, ` +
    `hyperledger-fabric-${archiveOs()}-${archiveArchitecture()}-<version>.tar.gz, on ` +
    'https://github.com/hyperledger/fabric/releases (2.5 or 3; tested with ' +
    `${TESTED_VERSIONS.join(' and ')}). Unpack it anywhere and set FABRIC_BIN to its bin folder.`
  );
}

function archiveOs(): string {
  return process.platform === 'win32' ? 'windows' : process.platform;
}

function archiveArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

async function versionOf(program: string): Promise<FabricVersion> {
  let output: string;
  try {
    output = (await run(program, ['version'], { timeout: 20_000, env: {} })).stdout;
  } catch (cause) {
    throw new NetworkError(
      'BINARY_VERSION',
      `${program} version failed. Is it built for ${archiveOs()}-${archiveArchitecture()}?`,
      {
        cause,
      },
    );
  }
  return parseVersion(program, output);
}

/** Reads `Version: v3.1.5` from what the programs print. */
export function parseVersion(program: string, output: string): FabricVersion {
  const match = /^\s*Version:\s*v?(\d+)\.(\d+)\.(\d+)/m.exec(output);
  if (match === null) {
    throw new NetworkError('BINARY_VERSION', `${program} version printed no version number.`);
  }
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

function requireSupported(program: string, version: FabricVersion): void {
  const supported = (version.major === 2 && version.minor >= 5) || version.major === 3;
  if (!supported) {
    throw new NetworkError(
      'BINARY_VERSION',
      `${program} is of version ${formatVersion(version)}. Vitaledger needs Hyperledger Fabric 2.5 or 3: ` +
        'purging private data came with 2.5, and 4 is not known yet.',
    );
  }
}
