import type { MedicalActor } from '../consortium/roles.js';
import type { Delegate } from './head.js';
import type { RegistrarRecord } from './record.js';

/** A statement as it was signed, or what a registrar recorded in its place, kept by the custodian as proof. */
export interface StoredStatement {
  /** The compact JWS; absent where only a registrar's word is there. */
  readonly jws?: string;
  /** What the custodian's registrar recorded. */
  readonly record?: RegistrarRecord;
  /** The delegate who signed, if it was not the patient. */
  readonly by?: Delegate;
  /** When the custodian accepted it. */
  readonly instant: string;
  /** Who brought it. */
  readonly relay: MedicalActor & { readonly via?: string };
  readonly salt: string;
}

/** In the place of a statement that stays hidden from a delegate: no more than what the chain needs. */
export interface HiddenStatement {
  readonly hidden: true;
  /** What the next statement names as the one before. */
  readonly digest: string;
}
