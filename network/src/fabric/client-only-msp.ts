import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { writeWhole } from './files.js';

/**
 * Writes an MSP folder of an organization whose clients are members of a channel and whose peers are not: the same
 * authorities, but only clients and administrators are valid identities.
 *
 * A policy alone does not do that. Where an organization has peers on another channel, a peer that is on both judges
 * their gossip by whichever channel it happens to look at first (`MSPMessageCryptoService.Verify` walks a Go map): if
 * that one counts the identity as valid and its Readers do not include it, the message is dropped. Where the identity is
 * not valid at all, Fabric goes on to the next channel, and gossip works.
 */
export async function writeClientOnlyMsp(msp: string, into: string): Promise<void> {
  for (const folder of ['cacerts', 'tlscacerts']) {
    for (const name of await readdir(join(msp, folder))) {
      await writeWhole(join(into, folder, name), await readFile(join(msp, folder, name)));
    }
  }
  const configuration = await readFile(join(msp, 'config.yaml'), 'utf8');
  await writeWhole(join(into, 'config.yaml'), withoutNodes(configuration));
}

/** The NodeOUs of an MSP's `config.yaml` without peers and orderers. */
export function withoutNodes(configuration: string): string {
  const { NodeOUs } = parse(configuration) as { NodeOUs: Record<string, unknown> };
  const { Enable, ClientOUIdentifier, AdminOUIdentifier } = NodeOUs;
  return stringify({ NodeOUs: { Enable, ClientOUIdentifier, AdminOUIdentifier } });
}
