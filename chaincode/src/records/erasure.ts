import type { MedicalActor } from '@vitaledger/domain';

/** What remains of an erased record: that it was, who erased it, when and why. */
export interface Erasure {
  readonly patient: string;
  readonly record: string;
  readonly instant: string;
  readonly by: MedicalActor;
  readonly via?: string;
  readonly reason: string;
  readonly salt: string;
}
