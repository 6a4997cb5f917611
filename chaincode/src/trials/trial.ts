import type { FieldChange, TrialRecord, TrialStatus } from '@vitaledger/domain';

/** What an ethics organization said about one version of a trial. */
export interface EthicsDecision {
  readonly approved: boolean;
  /** Digest of the version that was reviewed. */
  readonly digest: string;
  readonly comment?: string;
}

export interface RecordedApproval extends EthicsDecision {
  /** MSP id of the ethics organization. */
  readonly organization: string;
  readonly instant: string;
}

/** Where a trial stands; its versions lie beside it. */
export interface TrialHead {
  /** The registry's own number. */
  readonly id: string;
  readonly status: TrialStatus;
  /** Number of the latest version, from 1. */
  readonly version: number;
  /** MSP id of the organization that registered it and alone may amend it. */
  readonly sponsor: string;
  /** Digest of the latest version's record. */
  readonly digest: string;
  /** When its first version was registered. */
  readonly registered: string;
  readonly approvals: readonly RecordedApproval[];
}

/** One version of a trial's record; versions are only ever added. */
export interface TrialVersionEntry {
  readonly record: TrialRecord;
  /** Why it was amended; absent in the first version. */
  readonly reason?: string;
  /** What differs from the version before. */
  readonly changes: readonly FieldChange[];
  /** When the ledger was told. */
  readonly instant: string;
  /** Number of the clock's last beat then; absent in versions from before beats were kept. */
  readonly beat?: number;
  /** Since when, or from when on, it is in force; absent when that is `instant`. */
  readonly effective?: string;
  /** MSP id. */
  readonly organization: string;
  /** SHA-256 of the canonical record. */
  readonly digest: string;
}
