import type { Delegate, MedicalActor, RegistrarRecord } from '@vitaledger/domain';

/** A statement as it was signed, or what a registrar recorded in its place, kept by the custodian as proof. */
export interface StatementOriginal {
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
