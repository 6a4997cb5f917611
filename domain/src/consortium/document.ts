import * as v from 'valibot';
import { invalid } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes, wholeNumber } from '../json/shape.js';
import { dataId } from '../labels/sensitivity-map.js';
import { ORGANIZATION_KINDS, type OrganizationKind } from './roles.js';

export interface Organization {
  readonly name: string;
  readonly kinds: readonly OrganizationKind[];
  /** ISO 3166: `DE`, `US-CA`. */
  readonly jurisdiction: string;
  readonly status: 'active' | 'suspended';
}

export interface ClockSettings {
  /** Seconds between two beats. */
  readonly intervalSeconds: number;
  /** How far two clocks may differ, in seconds. */
  readonly skewSeconds: number;
}

/** Versioned data that the document puts in force, by the digest of its canonical JSON. */
export interface AdoptedData {
  readonly id: string;
  readonly version: number;
  readonly digest: string;
}

/** A policy pack in force. */
export interface AdoptedPack extends AdoptedData {
  /**
   * The consortium asks the patient even where this law would let it not ask: what the pack permits without consent does
   * not pass. Its prohibitions, requirements and duties hold.
   */
  readonly consentFirst?: true;
}

/** The one public document that decisions read: organizations, policy packs in force, the clock's settings. */
export interface ConsortiumDocument {
  readonly version: number;
  /** By MSP id. */
  readonly organizations: Readonly<Record<string, Organization>>;
  /** Policy packs in force. Their content is on the ledger, by their digests. */
  readonly packs: readonly AdoptedPack[];
  /** The sensitivity map by which records are labelled; at most one. Its content is on the ledger, by its digest. */
  readonly maps?: readonly AdoptedData[];
  readonly clock: ClockSettings;
}

/** Policy packs in force at a time: decisions read them with the document. */
export const MAX_PACKS = 8;

const organization = closed({
  name: v.pipe(
    v.string(),
    v.regex(/^\S(?:.{0,198}\S)?$/u, 'must be 1 to 200 characters without outer spaces'),
  ),
  kinds: v.pipe(
    v.array(v.picklist(ORGANIZATION_KINDS, `must be one of ${ORGANIZATION_KINDS.join(', ')}`)),
    v.minLength(1, 'must name at least one kind'),
    v.check((kinds) => new Set(kinds).size === kinds.length, 'must name each kind once'),
  ),
  jurisdiction: shapes.jurisdiction,
  status: v.picklist(['active', 'suspended'], 'must be active or suspended'),
});

const adoptedMembers = {
  id: dataId,
  version: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  digest: shapes.digest,
};
const adoptedData = closed(adoptedMembers);

const adoptedPack = closed({
  ...adoptedMembers,
  consentFirst: v.exactOptional(v.literal(true, 'must be true or absent')),
});

const documentShape = closed({
  version: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  organizations: v.pipe(
    v.record(shapes.mspId, organization),
    v.check((all) => Object.keys(all).length >= 1, 'must name at least one organization'),
    v.check((all) => Object.keys(all).length <= 500, 'must name at most 500 organizations'),
  ),
  packs: v.pipe(
    v.array(adoptedPack),
    v.maxLength(MAX_PACKS, `must name at most ${MAX_PACKS} policy packs`),
    v.check((packs) => new Set(packs.map(({ id }) => id)).size === packs.length, 'must name each pack once'),
  ),
  maps: v.exactOptional(
    v.pipe(v.array(adoptedData), v.maxLength(1, 'must name at most one sensitivity map')),
  ),
  clock: closed({ intervalSeconds: wholeNumber(1, 3600), skewSeconds: wholeNumber(1, 300) }),
});

/**
 * Checks a consortium document.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path of the first fault.
 */
export function validateDocument(value: unknown): ConsortiumDocument {
  const document: ConsortiumDocument = checkShape(documentShape, value, 'document');
  if (!Object.values(document.organizations).some(({ status }) => status === 'active')) {
    throw invalid('document.organizations', 'must have at least one active organization');
  }
  return document;
}
