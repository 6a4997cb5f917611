import { isDigest, isId, isMspId, MAX_FILLS, prescriptionSecrets, VitaledgerError } from '@vitaledger/domain';
import { randomBytes } from 'node:crypto';
import { newId } from '../session/random.js';

/**
 * What the patient carries. It stays with the patient: whoever has it can have every fill made, and cancel. A pharmacy is
 * shown a {@link FillToken}.
 */
export interface PrescriptionToken {
  /** MSP id of the prescriber's organization. */
  readonly prescriber: string;
  /** 128 random bits, hexadecimal. */
  readonly prescription: string;
  /** 256 random bits, hexadecimal. */
  readonly secret: string;
}

/** What the patient shows to a pharmacy: it opens the content, and makes one fill. */
export interface FillToken {
  /** MSP id of the prescriber's organization. */
  readonly prescriber: string;
  readonly prescription: string;
  /** Opens the content. */
  readonly contentSecret: string;
  /** Which fill, from 1. */
  readonly fill: number;
  /** Makes the fill, and is public from then on. */
  readonly fillSecret: string;
}

const [whole, single] = ['vitaledger-prescription', 'vitaledger-fill'];

/** A new token for a prescription by this organization. */
export function newPrescriptionToken(prescriber: string): PrescriptionToken {
  return { prescriber, prescription: newId(), secret: randomBytes(32).toString('hex') };
}

/**
 * The token of one fill, made on the patient's device, or printed one by one.
 *
 * @param fill from 1.
 * @throws VitaledgerError `INVALID_ARGUMENT`
 */
export function fillToken({ prescriber, prescription, secret }: PrescriptionToken, fill: number): FillToken {
  if (!isFill(fill)) {
    throw new VitaledgerError('INVALID_ARGUMENT', `A fill is a number from 1 to ${MAX_FILLS}`);
  }
  const { content, fills } = prescriptionSecrets(prescription, secret, fill);
  return { prescriber, prescription, contentSecret: content, fill, fillSecret: fills[fill - 1] ?? '' };
}

/** The patient's token as text, for a QR code. */
export function formatPrescriptionToken({ prescriber, prescription, secret }: PrescriptionToken): string {
  return [whole, prescriber, prescription, secret].join(':');
}

/** @throws VitaledgerError `INVALID_ARGUMENT` when the text is not a prescription's token */
export function parsePrescriptionToken(text: string): PrescriptionToken {
  const [head, prescriber, prescription, secret, ...rest] = text.trim().split(':');
  if (head !== whole || rest.length > 0 || !isMspId(prescriber) || !isId(prescription) || !isDigest(secret)) {
    throw notAToken(`${whole}:<prescriber>:<32 hexadecimal digits>:<64 hexadecimal digits>`);
  }
  return { prescriber, prescription, secret };
}

/** A fill's token as text, for a QR code. */
export function formatFillToken(token: FillToken): string {
  const { prescriber, prescription, contentSecret, fill, fillSecret } = token;
  return [single, prescriber, prescription, contentSecret, String(fill), fillSecret].join(':');
}

/** @throws VitaledgerError `INVALID_ARGUMENT` when the text is not the token of a fill */
export function parseFillToken(text: string): FillToken {
  const [head, ...parts] = text.trim().split(':');
  const [prescriber, prescription, contentSecret, number, fillSecret] = parts;
  const fill = Number(number);
  const names = isMspId(prescriber) && isId(prescription);
  const secrets = isDigest(contentSecret) && isDigest(fillSecret);
  if (head !== single || parts.length !== 5 || !names || !secrets || !isFill(fill)) {
    throw notAToken(`${single}:<prescriber>:<prescription>:<secret>:<number of the fill>:<secret>`);
  }
  return { prescriber, prescription, contentSecret, fill, fillSecret };
}

function isFill(fill: number): boolean {
  return Number.isSafeInteger(fill) && fill >= 1 && fill <= MAX_FILLS;
}

function notAToken(form: string): VitaledgerError {
  return new VitaledgerError('INVALID_ARGUMENT', `This is not such a token; it reads ${form}`);
}
