import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes, text, wholeNumber } from '../json/shape.js';
import type { PrescriptionCounter } from './counter.js';
import { markOf } from './secrets.js';
import { MAX_FILLS } from './terms.js';

/** How much of a medicine: FHIR SimpleQuantity, with at most four decimals. */
export interface MedicineQuantity {
  readonly value: number;
  /** As the prescription counts it: `tablet`, `mL`. */
  readonly unit: string;
}

/** What was handed out at one time. */
export interface Portion {
  readonly value: number;
  readonly instant: string;
  readonly actor: MedicalActor;
  readonly via?: string;
}

/** What a pharmacy notes before it makes a fill. */
export interface DispenseNote {
  /** 128 random bits; the fill's public mark is derived from it. */
  readonly dispense: string;
  readonly prescription: string;
  /** MSP id of the prescriber's organization. */
  readonly prescriber: string;
  /** Which fill, from 1. */
  readonly fill: number;
  /** The redemption by which the pharmacist had the content. */
  readonly receipt: string;
  /** What the prescription authorizes for one fill. */
  readonly authorized: MedicineQuantity;
  /** What is handed out now: all that is authorized, or a part of it. */
  readonly value: number;
  readonly salt: string;
}

/** A dispense as the pharmacy keeps it. It counts if the public fill carries its mark. */
export interface Dispense extends Omit<DispenseNote, 'value'> {
  /** What was handed out; together never more than is authorized. */
  readonly portions: readonly Portion[];
}

/** `dispensed`: the fill is this pharmacy's. `pending`: it is not made yet. `lost`: another one made it; the note is void. */
export type DispenseState = 'dispensed' | 'pending' | 'lost';

/** As many times as one fill may be handed out in parts. */
export const MAX_PORTIONS = 100;

const DECIMALS = 10_000;
const MAX_VALUE = 1_000_000_000;

const value = v.custom<number>(
  (candidate) => isQuantity(candidate),
  'must be a number above 0, at most 1,000,000,000, with at most four decimals',
);

const noteShape = closed({
  dispense: shapes.id,
  prescription: shapes.id,
  prescriber: shapes.mspId,
  fill: wholeNumber(1, MAX_FILLS),
  receipt: shapes.digest,
  authorized: closed({
    value,
    unit: text(
      (candidate) => /^\S(?:[^\p{Cc}]{0,62}\S)?$/u.test(String(candidate)),
      'must be 1 to 64 characters on one line, without outer spaces',
    ),
  }),
  value,
  salt: shapes.salt,
});

const portionShape = closed({ dispense: shapes.id, value, salt: shapes.salt });

/** @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path. */
export function validateDispense(input: unknown): DispenseNote {
  return checkShape(noteShape, input, 'input');
}

/** @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path. */
export function validatePortion(input: unknown): Pick<DispenseNote, 'dispense' | 'value' | 'salt'> {
  return checkShape(portionShape, input, 'input');
}

/** @throws VitaledgerError `PRECONDITION_FAILED` (`TOO_MUCH`) if it is more than is authorized. */
export function beginDispense(
  { value: now, ...note }: DispenseNote,
  portion: Omit<Portion, 'value'>,
): Dispense {
  return addPortion({ ...note, portions: [] }, { ...portion, value: now }, note.salt);
}

/**
 * Adds what the pharmacy handed out later of the same fill.
 *
 * @throws VitaledgerError `PRECONDITION_FAILED` (`TOO_MUCH`) if all portions together are more than is authorized;
 * `INVALID_ARGUMENT` beyond {@link MAX_PORTIONS}.
 */
export function addPortion(dispense: Dispense, portion: Portion, salt: string): Dispense {
  if (dispense.portions.length >= MAX_PORTIONS) {
    throw invalid('input', `must not be a portion beyond the ${MAX_PORTIONS} that one fill may have`);
  }
  const portions = [...dispense.portions, portion];
  if (handedOut(portions) > parts(dispense.authorized.value)) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      'This is more than the prescription authorizes for the fill; hand out at most what is left of it.',
      { reason: 'TOO_MUCH' },
    );
  }
  return { ...dispense, portions, salt };
}

/** What may still be handed out of a fill, in the unit of the prescription. */
export function remainder({ authorized, portions }: Dispense): number {
  return (parts(authorized.value) - handedOut(portions)) / DECIMALS;
}

/** Whether the fill that a dispense notes was made, and by whom. */
export function dispenseState(
  { dispense, fill }: Pick<Dispense, 'dispense' | 'fill'>,
  counter: PrescriptionCounter | undefined,
): DispenseState {
  const made = counter?.filled[fill - 1];
  if (!made) return 'pending';
  return made.mark === markOf(dispense) ? 'dispensed' : 'lost';
}

function isQuantity(candidate: unknown): boolean {
  if (typeof candidate !== 'number' || !(candidate > 0) || candidate > MAX_VALUE) return false;
  return parts(candidate) / DECIMALS === candidate;
}

/** In ten-thousandths, which add up exactly. */
function parts(quantity: number): number {
  return Math.round(quantity * DECIMALS);
}

function handedOut(portions: readonly Portion[]): number {
  return portions.reduce((sum, portion) => sum + parts(portion.value), 0);
}
