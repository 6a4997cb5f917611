import {
  isRetracted,
  retentionsOf,
  type ConsortiumDocument,
  type EndedVersion,
  type ErasureGround,
  type HeldRecord,
  type MedicalActor,
  type PatientHead,
  type RecordMetadata,
  type Retention,
} from '@vitaledger/domain';
import type { Ledger } from '../ledger/ledger.js';
import { endedVersions } from './version-history.js';

/** What remains of an erased record: that it was, how much, who erased it, when, on which ground and why. */
export interface Erasure {
  readonly patient: string;
  readonly record: string;
  /** How many versions were destroyed. */
  readonly versions: number;
  readonly instant: string;
  readonly by: MedicalActor;
  readonly via?: string;
  readonly ground: ErasureGround;
  readonly reason: string;
  readonly salt: string;
}

/** A version of a record under the salt that it was registered with. */
type AnyVersion = RecordMetadata & Partial<Pick<EndedVersion, 'ended'>>;

/** All that the ledger holds of a record, the first version first. */
export async function allVersions(ledger: Ledger, held: HeldRecord): Promise<readonly AnyVersion[]> {
  const versions: AnyVersion[] = [];
  for await (const { recordSalt, ...version } of endedVersions(ledger, held)) {
    versions.push({ ...version, salt: recordSalt });
  }
  if (!isRetracted(held)) versions.push(held);
  return versions;
}

/** The duties to keep a record at this custodian: by the version that ends last. */
export function dutiesToKeep(
  { custodian }: Ledger,
  { organizations }: ConsortiumDocument,
  { ageOut }: PatientHead,
  versions: readonly RecordMetadata[],
  instant: string,
): readonly Retention[] {
  const jurisdiction = organizations[custodian]?.jurisdiction ?? '';
  const duties = versions.flatMap((version) => retentionsOf(version, { jurisdiction, ageOut }, instant));
  const longest = new Map<string, Retention>();
  for (const duty of duties) {
    const known = longest.get(duty.rule);
    if (!known || known.until < duty.until) longest.set(duty.rule, duty);
  }
  return [...longest.values()].sort((a, b) => (a.until < b.until ? 1 : -1));
}
