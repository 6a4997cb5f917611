import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import type { ConnectionProfile } from './profile.js';

/** A profile, with the folder that its relative paths start from. */
export interface LoadedProfile {
  readonly profile: ConnectionProfile;
  readonly folder: string;
}

/**
 * Reads and checks a connection profile.
 *
 * @param source path of a profile file, or the profile itself (relative paths then start from the working directory)
 * @throws VitaledgerError `NOT_FOUND` when there is no such file; `INVALID_ARGUMENT` with `details.path` (a JSON path)
 *   when it is not a profile of a Vitaledger network
 */
export async function readProfile(source: string | ConnectionProfile): Promise<LoadedProfile> {
  if (typeof source !== 'string') {
    return { profile: checkProfile(source), folder: process.cwd() };
  }
  const file = resolve(source);
  return { profile: checkProfile(parse(await readText(file), file)), folder: dirname(file) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new VitaledgerError(
      'NOT_FOUND',
      `The connection profile ${file} cannot be read (${reason}); "vitaledger network up" writes one for each organization`,
    );
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `The connection profile ${file} is not JSON; write it again with "vitaledger network up"`,
    );
  }
}

type Members = Readonly<Record<string, unknown>>;

/** Checks what the SDK relies on, and returns the value as a profile. */
export function checkProfile(value: unknown): ConnectionProfile {
  const profile = object(value, '$');
  text(profile.name, '$.name');
  const peers = object(profile.peers, '$.peers');
  for (const [name, peer] of Object.entries(peers)) {
    checkPeer(peer, `$.peers['${name}']`);
  }
  for (const [name, channel] of Object.entries(object(profile.channels, '$.channels'))) {
    checkChannel(channel, peers, `$.channels['${name}']`);
  }
  checkNetwork(profile.vitaledger);
  return profile as unknown as ConnectionProfile;
}

function checkPeer(value: unknown, path: string): void {
  const peer = object(value, path);
  const url = text(peer.url, `${path}.url`);
  if (!/^grpcs:\/\/[^/:\s]+:\d+$/.test(url)) {
    throw invalid(`${path}.url`, 'must be grpcs://host:port (peers are reached over TLS only)');
  }
  const pem = text(object(peer.tlsCACerts, `${path}.tlsCACerts`).pem, `${path}.tlsCACerts.pem`);
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw invalid(`${path}.tlsCACerts.pem`, 'must be a PEM certificate');
  }
}

function checkChannel(value: unknown, peers: Members, path: string): void {
  const channel = object(value, path);
  texts(channel.members, `${path}.members`);
  texts(channel.custodians, `${path}.custodians`);
  if (texts(channel.chaincodes, `${path}.chaincodes`).length === 0) {
    throw invalid(`${path}.chaincodes`, 'must name the chaincode with the contracts');
  }
  const names = Object.keys(object(channel.peers, `${path}.peers`));
  if (names.length === 0) {
    throw invalid(`${path}.peers`, 'must name at least one peer to connect to');
  }
  for (const name of names) {
    if (!(name in peers)) {
      throw invalid(`${path}.peers`, `names ${name}, which is not in $.peers`);
    }
  }
}

function checkNetwork(value: unknown): void {
  if (value === undefined) {
    throw invalid(
      '$.vitaledger',
      'is missing: this is a Fabric profile, but not of a Vitaledger network (its files are called vitaledger-<organization>.json)',
    );
  }
  const network = object(value, '$.vitaledger');
  for (const member of ['network', 'networkId', 'mspId']) {
    text(network[member], `$.vitaledger.${member}`);
  }
  object(network.organizations, '$.vitaledger.organizations');
}

function object(value: unknown, path: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(path, 'must be an object');
  }
  return value as Members;
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') {
    throw invalid(path, 'must be a text that is not empty');
  }
  return value;
}

function texts(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
    throw invalid(path, 'must be a list of texts');
  }
  return value;
}

function invalid(path: string, problem: string): VitaledgerError {
  return new VitaledgerError('INVALID_ARGUMENT', `Connection profile: ${path} ${problem}`, { path });
}
