import type { ConsentProvision } from 'fhir/r4';
import * as v from 'valibot';
import { isKnownSensitivity } from '../decision/labels.js';
import { isKnownPurpose } from '../decision/purposes.js';
import { closed, shapes, text } from '../json/shape.js';
import {
  linkedPatientShape,
  referenceTypeShape,
  type LinkedPatient,
  type ReferenceType,
} from '../records/patient-links.js';
import { publicJwkShape, type PublicJwk } from './jwk.js';

/** The text that was shown, by its SHA-256, and its language (BCP 47). */
export interface ShownText {
  readonly digest: string;
  readonly language: string;
}

/** A change of the patient's keys. */
export interface KeysBody {
  readonly add: readonly { readonly jwk: PublicJwk; readonly use: 'sig' | 'enc' }[];
  /** Thumbprints of the keys that are no longer valid, or all that there were. */
  readonly retire: 'all' | readonly string[];
}

/**
 * What the patient forbids, whatever consents say. `restriction`: GDPR art. 18; `objection`: art. 21, to purposes;
 * `opt-out`: without a reason, of every secondary use (EHDS art. 71) or of primary use by others (art. 10).
 */
export type ProhibitionKind = 'restriction' | 'objection' | 'opt-out';

export const PROHIBITION_KINDS: readonly ProhibitionKind[] = ['restriction', 'objection', 'opt-out'];

export interface ProhibitionBody {
  readonly prohibition: string;
  /** What lifting it presents the secret of. */
  readonly handle: string;
  /** What is forbidden: a `deny` without exceptions. Absent in an `opt-out`, which always forbids the same. */
  readonly provision?: ConsentProvision;
  /** In an `opt-out`: of treatment by other organizations than the custodian; of secondary use if absent. */
  readonly use?: 'primary-use';
}

/** What somebody may do for the patient. */
export type DelegatedAct =
  /** Grant, amend and withdraw consents and prohibitions. */
  | 'consent'
  /** Read the access log and the history. */
  | 'log'
  /** Read the patient's records. */
  | 'records'
  /** Confirm new keys after a loss, together with a registrar. */
  | 'recover';

export const DELEGATED_ACTS: readonly DelegatedAct[] = ['consent', 'log', 'records', 'recover'];

/** Who may act for the patient, in what, and how long. */
export interface DelegationBody {
  readonly delegation: string;
  /** What ending it presents the secret of. */
  readonly handle: string;
  /** The delegate's own signing key. */
  readonly delegate: PublicJwk;
  readonly acts: readonly DelegatedAct[];
  /** Purposes of use that the delegate may consent to; any if absent. */
  readonly purposes?: readonly string[];
  /** Sensitivities that stay closed to the delegate, and out of the reach of their consents. */
  readonly hidden?: readonly string[];
  /** Instants; from its acceptance on, and without an end of its own, if absent. */
  readonly from?: string;
  readonly until?: string;
  readonly text: ShownText;
}

/** That the patient is also known elsewhere, or no longer says so; told to one custodian at a time. */
export interface LinkBody {
  readonly other: LinkedPatient;
  /** `seealso` if absent. */
  readonly type?: ReferenceType;
  /** Present where an earlier link is taken back. */
  readonly unlink?: true;
}

/** Takes something out of force by the patient's word instead of its secret. */
export interface WithdrawalBody {
  readonly withdraws: 'consent' | 'prohibition' | 'delegation';
  readonly id: string;
}

const isSensitivity = (value: unknown) => isKnownSensitivity(String(value));

const MAX_LISTED = 20;

const listOf = <T>(entry: v.GenericSchema<unknown, T>, least: number) =>
  v.pipe(
    v.array(entry),
    v.minLength(least, `must have at least ${least} entries`),
    v.maxLength(MAX_LISTED, `must have at most ${MAX_LISTED} entries`),
    v.check(
      (all) => new Set(all.map((one) => JSON.stringify(one))).size === all.length,
      'must not repeat an entry',
    ),
  );

export const kidShape = text(
  (value) => /^[A-Za-z0-9_-]{43}$/.test(String(value)),
  'must be an RFC 7638 thumbprint',
);

export const languageShape = text(
  (value) => /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}$/.test(String(value)),
  'must be a BCP 47 language tag such as en or de-CH',
);

export const shownTextShape = closed({ digest: shapes.digest, language: languageShape });

export const provisionShape = v.custom<ConsentProvision>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be a FHIR R4 Consent.provision',
);

export const keysShape = closed({
  add: listOf(closed({ jwk: publicJwkShape, use: v.picklist(['sig', 'enc'], 'must be sig or enc') }), 1),
  retire: v.union([v.literal('all'), listOf(kidShape, 0)], 'must be all, or a list of thumbprints'),
});

export const prohibitionShape = closed({
  prohibition: shapes.id,
  handle: shapes.digest,
  provision: v.exactOptional(provisionShape),
  use: v.exactOptional(v.literal('primary-use', 'must be primary-use or absent')),
});

export const delegationEntries = {
  delegation: shapes.id,
  handle: shapes.digest,
  delegate: publicJwkShape,
  acts: listOf(
    v.picklist(['consent', 'log', 'records', 'recover'], 'must be consent, log, records or recover'),
    1,
  ),
  purposes: v.exactOptional(
    listOf(text(isKnownPurpose, 'must be an HL7 v3 PurposeOfUse code such as TREAT'), 1),
  ),
  hidden: v.exactOptional(listOf(text(isSensitivity, 'must be a sensitivity of v3-ActCode such as SDV'), 1)),
  from: v.exactOptional(shapes.instant),
  until: v.exactOptional(shapes.instant),
  text: shownTextShape,
};

export const withdrawalShape = closed({
  withdraws: v.picklist(
    ['consent', 'prohibition', 'delegation'],
    'must be consent, prohibition or delegation',
  ),
  id: shapes.id,
});

export const linkShape = closed({
  other: linkedPatientShape,
  type: v.exactOptional(referenceTypeShape),
  unlink: v.exactOptional(v.literal(true, 'must be true, or absent')),
});
