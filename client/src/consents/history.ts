import {
  addressedLink,
  parseJson,
  splitJws,
  statementDigest,
  validateStatement,
  VitaledgerError,
  type ChainState,
  type MedicalActor,
  type Statement,
} from '@vitaledger/domain';
import type { PatientToken } from '../patient/patient-token.js';

/** A statement as the custodian keeps it. */
export interface StoredStatement {
  /** The compact JWS. */
  readonly jws: string;
  /** When the custodian accepted it. */
  readonly instant: string;
  /** Who brought it. */
  readonly relay: MedicalActor & { readonly via?: string };
  readonly salt: string;
}

/** A statement of a patient's history, read. Its signature is not checked here: {@link verifyProof} does that. */
export interface AcceptedStatement extends StoredStatement {
  /** Its place in the chain, from 1. */
  readonly sequence: number;
  /** What the next statement names as the one before. */
  readonly digest: string;
  readonly statement: Statement;
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
  next(stored: StoredStatement): AcceptedStatement {
    const { custodian: mspId, patient } = this.#token;
    const statement = validateStatement(parseJson(splitJws(stored.jws).payload, 'statement'));
    const isNext = statement.kind !== 'read' && this.#follows(addressedLink(statement, { mspId, patient }));
    if (!isNext) {
      throw new VitaledgerError(
        'INTEGRITY',
        'A statement of the history does not follow the one before: the custodian left one out or changed their order',
      );
    }
    this.#sequence += 1;
    this.#previous = statementDigest(stored.jws);
    return { ...stored, sequence: this.#sequence, digest: this.#previous, statement };
  }

  #follows({ sequence, previous }: ChainState): boolean {
    return sequence === this.#sequence + 1 && previous === this.#previous;
  }
}
