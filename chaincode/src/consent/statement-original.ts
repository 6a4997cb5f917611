import type { MedicalActor } from '@vitaledger/domain';

/** A statement as the patient signed it, kept by the custodian as proof. */
export interface StatementOriginal {
  /** The compact JWS. */
  readonly jws: string;
  /** When the custodian accepted it. */
  readonly instant: string;
  /** Who brought it. */
  readonly relay: MedicalActor & { readonly via?: string };
  readonly salt: string;
}
