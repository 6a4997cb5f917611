import type { common } from '@hyperledger/fabric-protos';
import type { AccessReceipt } from '@vitaledger/client';
import { verifyLedger } from '@vitaledger/embedded-ledger';
import { join } from 'node:path';
import { readBlocks } from '../chain/read-blocks.js';
import { searchBlocks, type Wanted } from '../chain/search-blocks.js';
import { findTransaction, type TransactionContent } from '../chain/transaction-content.js';
import { verifyChain } from '../chain/verify-chain.js';
import { bytes, counted, grouped, listed, short } from '../narrator/layout.js';
import type { Narrator } from '../narrator/narrator.js';
import { parties, type Cast, type CastPatient } from '../stage/cast.js';
import type { Stage } from '../stage/stage.js';

/** @param denied receipt of the request that was denied, whose transaction is looked into */
export async function chainsAndBlocks(
  narrator: Narrator,
  stage: Stage,
  cast: Cast,
  patients: readonly CastPatient[],
  denied: AccessReceipt,
): Promise<void> {
  narrator.scene('The chains are verified, and a block is looked into');
  narrator.tell(
    'Administrators fetch every block from their own peers, and compute every hash again: of the transactions in each block, and of ' +
      'each block in the next.',
  );
  const blocks = await verifyChannels(narrator, stage);
  const care = blocks.get('care') ?? [];
  const transaction = findTransaction(care, denied.receipt);
  if (!transaction) throw new Error('The denied request is in no block: please report this.');
  showTransaction(narrator, transaction);
  showSearch(narrator, cast, patients, [...blocks.values()].flat());
}

/** @returns the blocks by channel */
async function verifyChannels(
  narrator: Narrator,
  stage: Stage,
): Promise<ReadonlyMap<string, readonly common.Block[]>> {
  const found = new Map<string, readonly common.Block[]>();
  const rows: string[][] = [];
  for (const { name: channel, members } of stage.network.topology.channels) {
    for (const { organization } of members.filter(({ peers }) => peers)) {
      const blocks = await narrator.does(
        peerOf(organization),
        (list) => `fetches ${counted(list.length, 'block')} of ${channel} and computes their hashes`,
        () => readBlocks(stage.network, { organization, channel }),
      );
      const { height, transactions, lastHash, fault } = verifyChain(blocks);
      if (fault !== undefined)
        throw new Error(`The chain of ${channel} at ${organization} is broken: ${fault}.`);
      rows.push([channel, peerOf(organization), String(height), String(transactions), lastHash.slice(0, 32)]);
      const others = found.get(channel);
      if (others) requireSameHistory(channel, others, blocks);
      found.set(channel, blocks);
    }
  }
  narrator.table(rows, { head: ['channel', 'peer of', 'blocks', 'transactions', 'hash of the last block'] });
  narrator.allowed(parties.everybody, 'the chains are whole, and the members’ peers hold the same ones.');
  return found;
}

/** The party that an organization of the topology is in this story. */
function peerOf(organization: string): string {
  const known: Readonly<Record<string, string>> = parties;
  return known[organization] ?? organization;
}

/** One peer may be a block behind another; what both have must be the same. */
function requireSameHistory(
  channel: string,
  one: readonly common.Block[],
  other: readonly common.Block[],
): void {
  const common = Math.min(one.length, other.length);
  const hashes = [one, other].map((blocks) => verifyChain(blocks.slice(0, common)).lastHash);
  if (hashes[0] !== hashes[1])
    throw new Error(`Peers hold different chains of ${channel}: please report this.`);
}

function showTransaction(narrator: Narrator, transaction: TransactionContent): void {
  const { creator, hashed } = transaction;
  narrator.tell(
    'One of these transactions is the specialist’s first request, the denied one. This is all that it says, for ever:',
  );
  narrator.table([
    ['block', `${transaction.block}, at ${transaction.instant}, ${bytes(transaction.size)}`],
    ['creator', `${creator.mspId}, certificate ${listed(creator.subject)}`],
    ['its attributes', attributes(creator.attributes)],
    ['called', `${transaction.chaincode}, ${transaction.function}(${transaction.arguments.join(', ')})`],
    ['read', transaction.reads.join(', ')],
    ['written', transaction.writes.length === 0 ? 'nothing in public' : transaction.writes.join(', ')],
    ...hashed.flatMap(({ collection, reads, writes }) => [
      [collection, `read: ${keys(reads)}`],
      ['', `written: ${keys(writes)}`],
    ]),
  ]);
  narrator.blank();
  narrator.remark(
    'So everybody learns that the clinic’s service asked the hospital something at that time. Not about whom, for whom, why, and not the answer: a permission looks the same.',
  );
}

function attributes(found: Readonly<Record<string, string>>): string {
  const entries = Object.entries(found)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${short(value, 16)}`);
  return entries.length === 0 ? 'none' : entries.join(', ');
}

function keys(hashes: readonly string[]): string {
  return hashes.length === 0
    ? 'nothing'
    : `${counted(hashes.length, 'key')}, only as ${hashes.length === 1 ? 'hash' : 'hashes'} ${hashes.map((hash) => short(hash)).join(', ')}`;
}

/** Live: the search must find what is public, and nothing of what is not. */
function showSearch(
  narrator: Narrator,
  { specialistActor }: Cast,
  patients: readonly CastPatient[],
  blocks: readonly common.Block[],
): void {
  narrator.tell(
    'And now every block of both chains is searched, for whatever names the patients: as it is, as hex, as base64, and as hashes of it.',
  );
  const personal = patients.flatMap(personalValues);
  const wanted: Wanted[] = [
    ...personal,
    { what: 'the specialist’s pseudonym', value: specialistActor.subject },
  ];
  const control = searchBlocks(blocks, [
    { what: 'HospitalMSP', value: 'HospitalMSP' },
    { what: 'AccessContract:request', value: 'AccessContract:request' },
  ]);
  const found = searchBlocks(blocks, wanted);
  const kinds = [...new Set(wanted.map(({ what }) => what))];
  narrator.table([
    [
      'searched',
      `${bytes(found.size)} of blocks, for ${grouped(wanted.length)} values in ${grouped(found.patterns)} ways of writing`,
    ],
    ['values', listed(kinds)],
    [
      'found',
      found.sightings.length === 0
        ? 'none'
        : found.sightings
            .map(({ what, written, block }) => `${what} (${written}, block ${block})`)
            .join(', '),
    ],
    [
      'does it search?',
      `yes: it finds ${listed([...new Set(control.sightings.map(({ what }) => `“${what}”`))])}`,
    ],
  ]);
  if (found.sightings.length > 0) throw new Error('A block names somebody: please report this.');
  if (control.sightings.length === 0) throw new Error('The search finds nothing at all: please report this.');
  narrator.allowed(parties.everybody, 'the blocks name nobody.');
}

function personalValues({ file, token, records }: CastPatient): readonly Wanted[] {
  return [
    ...file.identifying,
    { what: 'number at the hospital', value: token.patient },
    ...records.slice(0, 20).map((value) => ({ what: 'record number', value })),
  ];
}

/** The embedded ledger, closed, is computed again from its blocks. */
export async function recompute(narrator: Narrator, stage: Stage): Promise<void> {
  narrator.blank();
  await stage.stop();
  for (const { name } of stage.network.topology.channels) {
    const { difference } = await narrator.does(
      'Ledger, closed',
      ({ height }) => `${name}: ${height} blocks lead to the stored state, computed again`,
      () =>
        verifyLedger(join(stage.network.directory.engine('embedded'), 'ledger', 'channels', name, 'ledger')),
    );
    if (difference !== undefined)
      throw new Error(`The stored ledger is not what its blocks lead to: ${difference}.`);
  }
}
