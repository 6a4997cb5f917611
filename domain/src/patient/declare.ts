import { validateProvision } from '../decision/provision.js';
import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import type { LinkBody, ProhibitionBody, WithdrawalBody } from '../statements/bodies.js';
import { acceptInChain } from '../statements/chain.js';
import { type Declaration, isDeclared, type Statement } from '../statements/statement.js';
import type { SigningKey, VerifiedStatement } from '../statements/verify.js';
import { checkCareTeams } from './care-teams.js';
import { delegate } from './delegations.js';
import { type HeadChange, refuseStale, rewritten } from './head-change.js';
import type { PatientHead } from './head.js';
import { changeKeys } from './keys.js';
import { checkMandate, delegateOf } from './mandate.js';
import { forbid } from './prohibitions.js';
import { takeOut } from './withdrawal.js';

/**
 * The head after a statement other than a consent is accepted: keys, a prohibition, a delegation, a withdrawal or a link.
 *
 * @param verified what {@link verifyStatement} returned for `jws` at `change.instant`, against {@link signersOf} the head.
 * @throws VitaledgerError `PERMISSION_DENIED`, `CONFLICT`, `INVALID_ARGUMENT`, `EXPIRED`, `NOT_FOUND`, `PRECONDITION_FAILED`.
 */
export function declare(
  head: PatientHead,
  jws: string,
  verified: VerifiedStatement,
  mspId: string,
  change: HeadChange,
): PatientHead {
  const chain = acceptInChain(head, verified, mspId);
  const { statement, signer } = verified;
  if (!isDeclaration(statement)) {
    throw invalid(
      'statement.kind',
      'must be keys, restriction, objection, opt-out, delegation, withdrawal or link',
    );
  }
  refuseStale(statement.issued, change.instant);
  checkMandate(head, signer, { kind: statement.kind }, change.instant);
  const next = changed(head, jws, { statement, signer, digest: verified.digest, mspId }, change.instant);
  return rewritten({ ...next, ...chain }, change.salt);
}

function isDeclaration(statement: Statement): statement is Declaration {
  return isDeclared(statement.kind);
}

interface Declared {
  readonly statement: Declaration;
  readonly signer: SigningKey;
  readonly digest: string;
  /** The custodian. */
  readonly mspId: string;
}

function changed(
  head: PatientHead,
  jws: string,
  { statement, signer, digest, mspId }: Declared,
  instant: string,
): PatientHead {
  switch (statement.kind) {
    case 'keys':
      if (signer.delegation !== undefined) throw registrarNeeded();
      return changeKeys(head, statement.body, 'rotation', instant);
    case 'delegation':
      return delegate(head, statement.body, { relationship: 'proxy', evidence: digest, instant });
    case 'withdrawal':
      return withdraw(head, statement.body, signer);
    case 'link':
      checkElsewhere(statement.body, mspId);
      return head; // the custodian keeps links beside the head
    case 'restriction':
    case 'objection':
    case 'opt-out': {
      const by = delegateOf(head, signer);
      const entry = { jws, ...(by === undefined ? {} : { by }), from: instant };
      checkForbidden(head, statement.body, mspId);
      return forbid(head, statement.kind, statement.body, entry);
    }
  }
}

function checkElsewhere({ other }: LinkBody, mspId: string): void {
  if (other.custodian === mspId) {
    throw invalid('statement.body.other.custodian', 'must be another custodian; entries of one are merged');
  }
}

/** A prohibition that names a care team which is not known here would forbid nobody. */
function checkForbidden(head: PatientHead, { provision }: ProhibitionBody, mspId: string): void {
  if (!provision) return;
  const path = 'statement.body.provision';
  checkCareTeams(head, mspId, validateProvision(provision, path), { base: 'deny', path });
}

function registrarNeeded(): VitaledgerError {
  return new VitaledgerError(
    'PERMISSION_DENIED',
    "A delegate's word alone changes no keys; the custodian's registrar must record it",
    { reason: 'REGISTRAR_NEEDED' },
  );
}

/** Patients take back their own word and their proxies'; delegates what they gave themselves; guardians end by a registrar. */
function withdraw(head: PatientHead, { withdraws, id }: WithdrawalBody, signer: SigningKey): PatientHead {
  const { what, entry, rest } = takeOut(head, id, withdraws);
  const isGuardian = 'relationship' in entry && entry.relationship === 'guardian';
  const ownOf = 'by' in entry ? entry.by?.delegation : undefined;
  const isOwn =
    signer.delegation === undefined ? !isGuardian : what !== 'delegation' && ownOf === signer.delegation;
  if (!isOwn) {
    throw new VitaledgerError(
      'PERMISSION_DENIED',
      "Delegates withdraw what they signed themselves, and a guardian's part ends by the custodian's registrar",
      { reason: 'NOT_YOURS_TO_WITHDRAW' },
    );
  }
  return rest;
}
