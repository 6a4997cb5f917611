import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { closed, text } from '../json/shape.js';
import { codingShape, type Coding } from './coding.js';
import type { RecordMetadata } from './record.js';

/** Why somebody changed a record. */
export interface ChangeReason {
  /** One line, 1 to 500 characters. */
  readonly text: string;
  /** HL7 v3 ActReason, or another code system's. */
  readonly code?: Coding;
}

/** Who changed a record, when and why: what FHIR R4 Provenance tells. */
export interface Change {
  readonly instant: string;
  readonly by: MedicalActor;
  /** Subject of the service that acted for the person. */
  readonly via?: string;
  readonly reason: ChangeReason;
}

/** A version of a record that is no longer shown to ordinary readers; kept for audit. */
export interface EndedVersion extends RecordMetadata {
  /** What ended it: an amendment, or the retraction of the record. */
  readonly ended: Change & { readonly how: 'amended' | 'retracted' };
  /** The salt that the version had while it was current; its content's proof follows from it. */
  readonly recordSalt: string;
}

/** What stands in the place of a record that was entered in error. Nothing of its content or classification. */
export interface Retraction {
  readonly id: string;
  readonly patient: string;
  /** How many versions it had. */
  readonly version: number;
  readonly retracted: Change;
  readonly salt: string;
}

/** What the ledger holds under a record's id. */
export type HeldRecord = RecordMetadata | Retraction;

export function isRetracted(record: HeldRecord): record is Retraction {
  return 'retracted' in record;
}

/** Versions of one record. */
export const MAX_VERSIONS = 1000;

/** One line that says why. */
export const reasonText = text(
  (value) => /^\S(?:[^\p{Cc}]{0,498}\S)?$/u.test(String(value)),
  'must be 1 to 500 characters on one line, without outer spaces',
);

export const changeReasonShape = closed({ text: reasonText, code: v.exactOptional(codingShape) });
