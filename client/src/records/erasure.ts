import type { ErasureGround, Retention } from '@vitaledger/domain';
import type { VaultBackup } from '../vault/backups.js';
import type { ErasedParts } from '../vault/vault.js';

/** What an erasure would destroy, and what stands before it. */
export interface ErasurePreview {
  /** The vault's names of the record's objects, one for each version. */
  readonly objects: readonly string[];
  /** When its first version was registered. */
  readonly registered: string;
  /** Duties to keep it, the one that ends last first; those yield to some grounds. */
  readonly retentions: readonly Retention[];
  /** How many legal holds keep it, whatever the ground. */
  readonly holds: number;
}

/** What was erased, by which transaction, and what is left where. */
export interface ErasureReceipt {
  /** The record's id. */
  readonly record: string;
  readonly ground: ErasureGround;
  /** The transaction that destroyed the ledger's share of the key; absent when an earlier attempt had already done so. */
  readonly transactionId?: string;
  readonly block?: bigint;
  /** What was destroyed, and where. */
  readonly destroyed: readonly Destroyed[];
  /** What the vault still had of it: each object, by its name there. */
  readonly vault: readonly ErasedObject[];
  /** Backups of the vault that hold the ciphertext, and are to be purged; those that were noted. */
  readonly backups: readonly VaultBackup[];
  readonly remains: readonly Remainder[];
}

/** A thing that an erasure destroyed. */
export interface Destroyed {
  readonly where: string;
  readonly what: string;
}

/** An object of the vault, by name, and which parts of it were there to be deleted. */
export interface ErasedObject extends ErasedParts {
  readonly name: string;
}

/** Something that an erasure leaves behind. */
export interface Remainder {
  readonly where: string;
  readonly what: string;
  readonly until: string;
}

/** What was destroyed, by place. */
export function destroyedAt(custodian: string, objects: readonly ErasedObject[]): readonly Destroyed[] {
  const versions = objects.length === 1 ? 'its version' : `its ${objects.length} versions`;
  return [
    {
      where: `private collection _implicit_org_${custodian}, on every peer of ${custodian}`,
      what: `metadata, manifest, proof and the ledger's share of the key of ${versions}`,
    },
    ...objects.map(({ name, object, share }) => ({
      where: `vault of ${custodian}, object ${name}`,
      what: partsOf(object, share),
    })),
  ];
}

function partsOf(object: boolean, share: boolean): string {
  const parts = [
    ...(object ? ['the encrypted content'] : []),
    ...(share ? ["the vault's share of the key"] : []),
  ];
  return parts.length === 0 ? 'nothing: it was deleted before' : parts.join(' and ');
}

/**
 * Purging a private value is not instant on disk, and backups are the custodian's. Said to whoever asks for an erasure. A peer
 * deletes what was purged at its next sweep, LevelDB overwrites its files later still: seen after 110 to 230 blocks and more.
 */
export function remainders(block: bigint | undefined, backups: readonly VaultBackup[]): readonly Remainder[] {
  const from = block === undefined ? 'the purge' : `block ${block}`;
  return [
    {
      where: 'ledger of every member of the channel',
      what: 'salted hashes of the record and its key name, from which nothing can be learned without the salt',
      until: 'for ever',
    },
    {
      where: "databases of the custodian's peers",
      what: "the record's metadata and the ledger's share of its key, in files that are no longer read",
      until: `the first sweep after ${from} (pvtdataStore.purgeInterval: every 10 blocks as generated, 100 by Fabric's default) and the next compaction of the database's files, which has no fixed time; stop a peer and compact its databases to be sure`,
    },
    {
      where: "transient stores of the custodian's peers",
      what: 'the same, of transactions that were endorsed and never submitted',
      until: `transientstoreMaxBlockRetention blocks after ${from} (1,000 to 20,000)`,
    },
    ...(backups.length > 0
      ? backups.map(({ name, taken, until }) => ({
          where: `backup ${name} of the custodian's vault, taken ${taken}`,
          what: 'the encrypted content; it cannot be decrypted any more, unless the vault shares were backed up too',
          until: until ?? 'it is purged',
        }))
      : [
          {
            where: "backups of the custodian's vault, if any: none is noted",
            what: 'the encrypted content; it cannot be decrypted any more, unless the vault shares were backed up too',
            until: "the end of the custodian's backup rotation",
          },
        ]),
    {
      where: "the custodian's private ledger data",
      what: 'that the record was erased, by whom, when, on which ground and why; entries of the access log that name its id; requests to put it right',
      until: 'for ever',
    },
  ];
}
