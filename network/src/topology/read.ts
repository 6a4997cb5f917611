import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { NetworkError } from '../errors/network-error.js';
import { findContradictions } from './contradictions.js';
import { describeIssue, topologyFile, type TopologyFile } from './schema.js';
import type { ChaincodeSpec, ChannelMember, OrganizationSpec, Topology } from './topology.js';

/**
 * Reads a topology file (YAML 1.2), fills in what it leaves out, and resolves its paths against its folder.
 * Throws `TOPOLOGY_INVALID` with every finding in `problems`, each with its path in the file.
 */
export function readTopology(file: string): Topology {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NetworkError(
      'FILE_MISSING',
      `Cannot read the topology ${file}: ${(cause as Error).message}. Name one with --topology.`,
      { cause },
    );
  }
  return parseTopology(text, dirname(resolve(file)), file);
}

/** The same for text; relative paths in it are resolved against `folder`. */
export function parseTopology(text: string, folder: string, name = 'topology'): Topology {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw invalid(
      name,
      document.errors.map((error) => error.message.split('\n')[0] ?? error.message),
    );
  }
  const parsed = v.safeParse(topologyFile, document.toJS());
  if (!parsed.success) throw invalid(name, parsed.issues.map(describeIssue));
  const topology = complete(parsed.output, folder);
  const problems = findContradictions(topology);
  if (problems.length > 0) throw invalid(name, problems);
  return topology;
}

/** Throws `TOPOLOGY_INVALID` for a topology built by a program that contradicts itself. */
export function checkTopology(topology: Topology): void {
  const problems = findContradictions(topology);
  if (problems.length > 0) throw invalid(topology.name, problems);
}

function invalid(name: string, problems: readonly string[]): NetworkError {
  return new NetworkError(
    'TOPOLOGY_INVALID',
    `${name} is not a valid topology:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    { problems },
  );
}

function complete(file: TopologyFile, folder: string): Topology {
  const peersOf = new Map(file.organizations.map((organization) => [organization.name, organization.peers]));
  return {
    ...file,
    organizations: file.organizations.map((organization): OrganizationSpec => ({
      ...organization,
      displayName: organization.displayName ?? organization.name,
    })),
    channels: file.channels.map((channel) => ({
      ...channel,
      members: channel.members.map((member): ChannelMember => {
        const organization = typeof member === 'string' ? member : member.organization;
        const peers = typeof member === 'string' ? undefined : member.peers;
        return { organization, peers: peers ?? (peersOf.get(organization) ?? 0) > 0 };
      }),
    })),
    chaincodes: file.chaincodes.map((chaincode): ChaincodeSpec => ({
      ...chaincode,
      // A chaincode that somebody else starts, or starts in their own way, need not know of certificates.
      tls: chaincode.tls ?? (chaincode.path !== undefined && chaincode.command === undefined),
      ...(chaincode.path === undefined ? {} : { path: resolve(folder, chaincode.path) }),
      ...(chaincode.collections === undefined ? {} : { collections: resolve(folder, chaincode.collections) }),
    })),
  };
}
