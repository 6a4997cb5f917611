import type { ConsentProvision } from 'fhir/r4';
import * as v from 'valibot';
import { invalid } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes, text, wholeNumber } from '../json/shape.js';
import { dataUseShape, type DataUse } from '../research/data-use.js';
import { isTrialNumber } from '../trial-evidence/trial-number.js';
import {
  delegationEntries,
  keysShape,
  kidShape,
  prohibitionShape,
  provisionShape,
  shownTextShape,
  linkShape,
  withdrawalShape,
  type DelegationBody,
  type KeysBody,
  type LinkBody,
  type ProhibitionBody,
  type ProhibitionKind,
  type ShownText,
  type WithdrawalBody,
} from './bodies.js';
import { checkPublicJwk, publicJwkShape, type PublicJwk } from './jwk.js';

/** Whom a statement is about, at one custodian. */
export interface AddressedPatient {
  /** {@link "./patient-mark".patientMark} of the patient's id there. */
  readonly patient: string;
}

/** A statement in one patient's chain at one custodian: one more than the last `sequence`, and the last statement's digest. */
export interface ChainLink extends AddressedPatient {
  readonly sequence: number;
  /** {@link "./jws".statementDigest} of the last accepted statement; null for the first. */
  readonly previous: string | null;
}

/** What a patient grants or refuses. Its validity is the root provision's `period`. */
export interface ConsentBody {
  readonly consent: string;
  readonly version: number;
  /** What a revocation presents the secret of; see `handleOf`. */
  readonly handle: string;
  readonly provision: ConsentProvision;
  /** The base rule where the root provision has no `type`: OPTIN = deny base, OPTOUT = permit base. */
  readonly policyRule?: 'OPTIN' | 'OPTOUT';
  /** The text the patient saw: SHA-256 and its language (BCP 47). */
  readonly text: ShownText;
  /** The clinical trial that it is a consent to take part in: the registry's number. */
  readonly trial?: string;
  /** GA4GH DUO: what the data may be used for in research; absent = whatever the provision permits. */
  readonly dataUse?: DataUse;
  /** Present if the custodian may ask the patient again, about other studies that the terms let in. */
  readonly recontact?: true;
  readonly replaces?: { readonly consent: string; readonly version: number };
}

const READ_SUBJECTS = [
  'log',
  'consents',
  'history',
  'records',
  'notice',
  'notification-key',
  'rectifications',
  'links',
  'care-teams',
] as const;

/** What a patient may ask to see: the access log, the consents in force, every statement accepted, their records, or of notifications. */
export type ReadSubject = (typeof READ_SUBJECTS)[number];

/** A patient's request to see what a custodian holds about consent or access. */
export interface ReadBody {
  readonly what: ReadSubject;
  /** To whom the answer is encrypted. */
  readonly encryptionKey: PublicJwk;
  /** For `notice`: the transaction whose event had the patient's tag. */
  readonly transaction?: string;
  readonly bookmark?: string;
  readonly pageSize?: number;
}

/** A new notification key takes the place of the one before. */
export interface NotificationBody {
  /** 256 random bits, of which and of the key before the new one is made. */
  readonly fresh: string;
}

interface StatementFrame {
  readonly version: 1;
  /** The signing key's thumbprint; equals the header's `kid`. */
  readonly issuer: string;
  readonly issued: string;
}

export interface ConsentStatement extends StatementFrame {
  readonly kind: 'consent';
  /** By MSP id: whom it is addressed to, about which patient, with its place in that patient's chain there. */
  readonly custodians: Readonly<Record<string, ChainLink>>;
  readonly body: ConsentBody;
}

export interface ReadStatement extends StatementFrame {
  readonly kind: 'read';
  readonly custodians: Readonly<Record<string, AddressedPatient>>;
  readonly body: ReadBody;
}

interface ChainedStatement<K extends string, B> extends StatementFrame {
  readonly kind: K;
  readonly custodians: Readonly<Record<string, ChainLink>>;
  readonly body: B;
}

/** Every statement but consents that changes something. */
export type Declaration =
  | ChainedStatement<'keys', KeysBody>
  | ChainedStatement<ProhibitionKind, ProhibitionBody>
  | ChainedStatement<'delegation', DelegationBody>
  | ChainedStatement<'withdrawal', WithdrawalBody>
  | ChainedStatement<'link', LinkBody>;

export type NotificationStatement = ChainedStatement<'notification', NotificationBody>;

export type Statement = ConsentStatement | Declaration | NotificationStatement | ReadStatement;

/** The most custodians one statement can address. */
export const MAX_CUSTODIANS = 100;
/** The most entries one page of a patient's read can ask for. */
export const MAX_READ_PAGE = 500;

const frame = {
  version: v.literal(1, 'must be 1'),
  issuer: kidShape,
  issued: shapes.instant,
};

const sequence = wholeNumber(1, 99_999_999);

const custodiansOf = <T>(link: v.GenericSchema<unknown, T>) =>
  v.pipe(
    v.record(shapes.mspId, link),
    v.check((all) => Object.keys(all).length >= 1, 'must name at least one custodian'),
    v.check((all) => Object.keys(all).length <= MAX_CUSTODIANS, `must name at most ${MAX_CUSTODIANS}`),
  );

const chained = custodiansOf(
  closed({ patient: shapes.digest, sequence, previous: v.nullable(shapes.digest, undefined) }),
);

/** The body of a consent, signed or recorded. */
export const consentBodyShape = closed({
  consent: shapes.id,
  version: wholeNumber(1, 9999),
  handle: shapes.digest,
  provision: provisionShape,
  policyRule: v.exactOptional(v.picklist(['OPTIN', 'OPTOUT'], 'must be OPTIN or OPTOUT')),
  text: shownTextShape,
  trial: v.exactOptional(
    text((value) => isTrialNumber(String(value)), "must be the registry's number of a trial"),
  ),
  dataUse: v.exactOptional(dataUseShape),
  recontact: v.exactOptional(v.literal(true, 'must be true, or absent')),
  replaces: v.exactOptional(closed({ consent: shapes.id, version: wholeNumber(1, 9999) })),
});

const chainedOf = <const K extends string, B>(kind: K, body: v.GenericSchema<unknown, B>) =>
  closed({ ...frame, kind: v.literal(kind), custodians: chained, body });

const consentShape = chainedOf('consent', consentBodyShape);

const notificationShape = chainedOf('notification', closed({ fresh: shapes.digest }));

const DECLARATIONS = {
  keys: chainedOf('keys', keysShape),
  restriction: chainedOf('restriction', prohibitionShape),
  objection: chainedOf('objection', prohibitionShape),
  'opt-out': chainedOf('opt-out', prohibitionShape),
  delegation: chainedOf('delegation', closed(delegationEntries)),
  withdrawal: chainedOf('withdrawal', withdrawalShape),
  link: chainedOf('link', linkShape),
};

/** Whether a kind of statement is one of the declarations. */
export function isDeclared(kind: unknown): kind is Declaration['kind'] {
  return typeof kind === 'string' && Object.hasOwn(DECLARATIONS, kind);
}

const readShape = closed({
  ...frame,
  kind: v.literal('read'),
  custodians: custodiansOf(closed({ patient: shapes.digest })),
  body: closed({
    what: v.picklist(READ_SUBJECTS, `must be one of ${READ_SUBJECTS.join(', ')}`),
    encryptionKey: publicJwkShape,
    transaction: v.exactOptional(shapes.digest),
    bookmark: v.exactOptional(text((value) => String(value).length <= 512, 'must be at most 512 characters')),
    pageSize: v.exactOptional(wholeNumber(1, MAX_READ_PAGE)),
  }),
});

/**
 * Checks the shape of a statement's payload. The consent's provision is checked by the decision room
 * (`validateProvision`), which knows its semantics.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path, beginning at `statement`.
 */
export function validateStatement(payload: unknown): Statement {
  const kind: unknown =
    typeof payload === 'object' && payload !== null && 'kind' in payload ? payload.kind : null;
  if (kind === 'consent') return checkShape(consentShape, payload, 'statement');
  if (kind === 'notification') return checkShape(notificationShape, payload, 'statement');
  if (isDeclared(kind))
    return checkDeclaration(checkShape<Declaration>(DECLARATIONS[kind], payload, 'statement'));
  if (kind !== 'read') throw invalid('statement.kind', 'must be one that docs/protocol.md names');
  const statement = checkShape(readShape, payload, 'statement');
  checkPublicJwk(statement.body.encryptionKey, 'statement.body.encryptionKey');
  return statement;
}

/** Keys must be points of the curve, so that what is accepted can be used. */
function checkDeclaration(statement: Declaration): Declaration {
  if (statement.kind === 'keys') {
    statement.body.add.forEach(({ jwk }, index) => checkPublicJwk(jwk, `statement.body.add[${index}].jwk`));
  }
  if (statement.kind === 'delegation') checkPublicJwk(statement.body.delegate, 'statement.body.delegate');
  return statement;
}
