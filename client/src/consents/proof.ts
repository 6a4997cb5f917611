import {
  canonicalJson,
  checkPublicJwk,
  digestOf,
  thumbprint,
  verifyStatement,
  VitaledgerError,
  type PublicJwk,
  type Statement,
  type StoredStatement,
} from '@vitaledger/domain';
import type { PatientToken } from '../patient/patient-token.js';
import type { SignedEntry } from './history.js';

/** What shows a third person who signed a statement, when, and under which text. Personal: hand it out with care. */
export interface StatementProof {
  readonly version: 1;
  /** As the custodian keeps it; its hash is in a block. */
  readonly stored: StoredStatement & { readonly jws: string };
  readonly sequence: number;
  /** The custodian, and the patient's id there. */
  readonly token: PatientToken;
  /** The signer's public key. */
  readonly key: PublicJwk;
  /** The text that the patient was shown, where the device kept it. */
  readonly text?: string;
}

/** What a proof shows. */
export interface ProvenStatement {
  readonly statement: Statement;
  readonly digest: string;
  /** Thumbprint (RFC 7638) of the key that signed: compare it with the one that the patient's registrar enrolled. */
  readonly signer: string;
  /** The signing device's time. */
  readonly issued: string;
  /** The custodian's word, which the block bears out. */
  readonly accepted: string;
  /** Whether the text given is the one that was signed; absent when none was given. */
  readonly isText?: boolean;
  /** Hashes by which a member finds the write in its own copy of the blocks, in the custodian's implicit collection. */
  readonly block: { readonly keyHash: string; readonly valueHash: string };
}

/**
 * Makes a proof of one statement of the history.
 *
 * @param key the public key that signed it: of the patient's, the one with the statement's `issuer` as thumbprint
 * @param text what the patient was shown; only its digest is on the ledger
 */
export function proofOf(
  entry: SignedEntry & { readonly sequence: number },
  token: PatientToken,
  key: PublicJwk,
  text?: string,
): StatementProof {
  const { jws, record, by, instant, relay, salt, sequence } = entry;
  const stored = {
    jws,
    ...(record === undefined ? {} : { record }),
    ...(by === undefined ? {} : { by }),
    instant,
    relay,
    salt,
  };
  return { version: 1, stored, sequence, token, key, ...(text === undefined ? {} : { text }) };
}

/**
 * Verifies a proof, without ledger or network: that the key signed exactly these words, and which text they name. That
 * the key is this patient's, the registrar who enrolled it says; that it was accepted when it says, the block with these hashes shows.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` when the key did not sign it, `INVALID_ARGUMENT` when it is no proof
 */
export function verifyProof(proof: StatementProof): ProvenStatement {
  if ((proof.version as number) !== 1) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'This is not a proof of version 1');
  }
  const { stored, sequence, token, text } = proof;
  const jwk = checkPublicJwk(proof.key, 'proof.key');
  const signer = thumbprint(jwk);
  const entry = { kid: signer, jwk, use: 'sig', from: EARLIEST } as const;
  const { statement, digest } = verifyStatement(stored.jws, [entry], stored.instant);
  const key = `statement/${token.patient}/${String(sequence).padStart(8, '0')}`;
  return {
    statement,
    digest,
    signer,
    issued: statement.issued,
    accepted: stored.instant,
    ...(text === undefined ? {} : { isText: isTextOf(statement, text) }),
    block: { keyHash: digestOf(key), valueHash: digestOf(canonicalJson(stored)) },
  };
}

/** Since when the key is valid is not the proof's to say. */
const EARLIEST = '1970-01-01T00:00:00.000Z';

function isTextOf(statement: Statement, text: string): boolean {
  return 'text' in statement.body && statement.body.text.digest === digestOf(text);
}
