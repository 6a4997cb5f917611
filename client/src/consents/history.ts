import {
  addressedLink,
  digestOf,
  parseJson,
  splitJws,
  statementDigest,
  validateStatement,
  VitaledgerError,
  type ChainState,
  type HiddenStatement,
  type RegistrarRecord,
  type Statement,
  type StoredStatement,
} from '@vitaledger/domain';
import type { PatientToken } from '../patient/patient-token.js';

/** A place in a patient's history. Signatures are not checked here: {@link verifyProof} does that. */
export type AcceptedStatement = {
  /** Its place in the chain, from 1. */
  readonly sequence: number;
  /** What the next statement names as the one before. */
  readonly digest: string;
} & (SignedEntry | RecordedEntry | { readonly type: 'hidden' });

/** What was signed. */
export interface SignedEntry extends StoredStatement {
  readonly type: 'signed';
  readonly jws: string;
  readonly statement: Statement;
}

/** What a registrar recorded. */
export interface RecordedEntry extends StoredStatement {
  readonly type: 'recorded';
  readonly record: RegistrarRecord;
}

/** Reads a patient's statements at one custodian in their order, and notices one that is missing. */
export class StatementChain {
  readonly #token: PatientToken;
  #sequence = 0;
  #previous: string | null = null;

  constructor(token: PatientToken) {
    this.#token = token;
  }

  /** @throws VitaledgerError `INTEGRITY` unless the statement follows the one before */
  next(stored: StoredStatement | HiddenStatement): AcceptedStatement {
    if ('hidden' in stored) return { type: 'hidden', ...this.#step(stored.digest) };
    const { jws, record } = stored;
    if (jws === undefined) {
      if (record === undefined) throw gap();
      return { ...stored, record, type: 'recorded', ...this.#step(digestOf(record)) };
    }
    const { custodian: mspId, patient } = this.#token;
    const statement = validateStatement(parseJson(splitJws(jws).payload, 'statement'));
    const isNext = statement.kind !== 'read' && this.#follows(addressedLink(statement, { mspId, patient }));
    if (!isNext) throw gap();
    return { ...stored, jws, type: 'signed', statement, ...this.#step(statementDigest(jws)) };
  }

  #step(digest: string): { readonly sequence: number; readonly digest: string } {
    this.#sequence += 1;
    this.#previous = digest;
    return { sequence: this.#sequence, digest };
  }

  #follows({ sequence, previous }: ChainState): boolean {
    return sequence === this.#sequence + 1 && previous === this.#previous;
  }
}

function gap(): VitaledgerError {
  return new VitaledgerError(
    'INTEGRITY',
    'A statement of the history does not follow the one before: the custodian left one out or changed their order',
  );
}
