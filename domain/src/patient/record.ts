import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { validateConsent } from '../decision/provision.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { digestOf } from '../json/canonical.js';
import { checkShape, closed, shapes, text } from '../json/shape.js';
import {
  delegationEntries,
  keysShape,
  withdrawalShape,
  type DelegationBody,
  type KeysBody,
  type WithdrawalBody,
} from '../statements/bodies.js';
import { acceptInChain } from '../statements/chain.js';
import { checkPublicJwk } from '../statements/jwk.js';
import { consentBodyShape, type ConsentBody } from '../statements/statement.js';
import { verifyStatement } from '../statements/verify.js';
import { putInForce } from './consents.js';
import { delegate } from './delegations.js';
import { type HeadChange, refuseStale, rewritten } from './head-change.js';
import type { PatientHead, RecordSource } from './head.js';
import { changeKeys } from './keys.js';
import { checkMandate, signersOf } from './mandate.js';
import { takeOut } from './withdrawal.js';

/** Why somebody is a guardian: until the age-out date, or as a finding of incapacity says. */
export type GuardianBody = DelegationBody & { readonly basis: 'minor' | 'incapacity' };

/** What a registrar records in a patient's place: it is marked so, and names the document that it rests on. */
export type RegistrarRecord = { readonly source: RecordSource } & (
  | { readonly kind: 'consent'; readonly body: ConsentBody }
  | { readonly kind: 'guardian'; readonly body: GuardianBody }
  | { readonly kind: 'withdrawal'; readonly body: WithdrawalBody }
  /** Keys after a loss, when the registrar has proven the patient's identity anew. */
  | { readonly kind: 'keys'; readonly body: KeysBody }
  /** Keys after a loss, as a delegate's statement confirms. */
  | { readonly kind: 'confirmed-keys'; readonly statement: string }
);

const source = (...forms: readonly RecordSource['form'][]) =>
  closed({
    form: v.picklist(forms, `must be ${forms.join(' or ')}`),
    document: shapes.digest,
  });

const RECORDS = {
  consent: closed({
    kind: v.literal('consent'),
    body: consentBodyShape,
    source: source('paper', 'verbal'),
  }),
  guardian: closed({
    kind: v.literal('guardian'),
    body: closed({
      ...delegationEntries,
      basis: v.picklist(['minor', 'incapacity'], 'must be minor or incapacity'),
    }),
    source: source('paper', 'court'),
  }),
  withdrawal: closed({
    kind: v.literal('withdrawal'),
    body: withdrawalShape,
    source: source('paper', 'verbal', 'court'),
  }),
  keys: closed({ kind: v.literal('keys'), body: keysShape, source: source('proofing') }),
  'confirmed-keys': closed({
    kind: v.literal('confirmed-keys'),
    statement: text((value) => typeof value === 'string', 'must be a compact JWS'),
    source: source('proofing'),
  }),
};

/**
 * Checks what a registrar records.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path, beginning at `input.record`.
 */
export function validateRegistrarRecord(value: unknown): RegistrarRecord {
  const kind: unknown = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : null;
  if (typeof kind !== 'string' || !Object.hasOwn(RECORDS, kind)) {
    const kinds = v.picklist(
      Object.keys(RECORDS),
      'must be consent, guardian, withdrawal, keys or confirmed-keys',
    );
    checkShape(v.object({ kind: kinds }), value, 'input.record');
  }
  const record = checkShape<RegistrarRecord>(RECORDS[kind as keyof typeof RECORDS], value, 'input.record');
  if (record.kind === 'guardian') checkPublicJwk(record.body.delegate, 'input.record.body.delegate');
  if (record.kind === 'consent') validateConsent(record.body, 'input.record.body');
  if (record.kind === 'keys') {
    record.body.add.forEach(({ jwk }, index) => checkPublicJwk(jwk, `input.record.body.add[${index}].jwk`));
  }
  return record;
}

/** Who records, at which custodian. */
export interface Recording {
  readonly registrar: MedicalActor;
  readonly mspId: string;
}

/**
 * The head after a registrar's record: in the same chain as the patient's own statements (its digest is that of its canonical JSON),
 * so that the patient's device learns of it before it can sign anything else.
 *
 * @throws VitaledgerError as the statement would that the patient could have signed.
 */
export function acceptRecord(
  head: PatientHead,
  record: RegistrarRecord,
  { registrar, mspId }: Recording,
  change: HeadChange,
): PatientHead {
  if (record.kind === 'confirmed-keys') return confirmKeys(head, record.statement, mspId, change);
  const evidence = digestOf(record);
  const linked = { ...head, sequence: head.sequence + 1, previous: evidence };
  switch (record.kind) {
    case 'consent': {
      const { body, source: basis } = record;
      return putInForce(linked, body, { recorded: { body, source: basis, registrar } }, { ...change, mspId });
    }
    case 'guardian': {
      const { basis, ...body } = record.body;
      const ground = { relationship: 'guardian', basis, evidence, instant: change.instant } as const;
      return rewritten(delegate(linked, body, ground), change.salt);
    }
    case 'withdrawal':
      return rewritten(takeOut(linked, record.body.id, record.body.withdraws).rest, change.salt);
    case 'keys':
      return rewritten(changeKeys(linked, record.body, 'registrar', change.instant), change.salt);
  }
}

/** The new keys that a delegate's statement names; the statement takes its own place in the chain. */
function confirmKeys(head: PatientHead, jws: string, mspId: string, change: HeadChange): PatientHead {
  const { instant, salt } = change;
  const verified = verifyStatement(jws, signersOf(head), instant);
  const chain = acceptInChain(head, verified, mspId);
  const { statement, signer } = verified;
  if (statement.kind !== 'keys' || signer.delegation === undefined) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      'input.record.statement must be of kind keys, signed by a delegate',
      {
        path: 'input.record.statement',
      },
    );
  }
  refuseStale(statement.issued, instant);
  checkMandate(head, signer, { kind: 'keys' }, instant);
  return rewritten(changeKeys({ ...head, ...chain }, statement.body, 'delegate', instant), salt);
}
