import {
  encodeSigningInput,
  isDigest,
  isId,
  isMspId,
  statementHeader,
  VitaledgerError,
  type ChainLink,
  type ChainState,
  type ConsentBody,
  type Declaration,
  type PublicJwk,
  type ReadSubject,
  type Statement,
} from '@vitaledger/domain';
import { base64url, calculateJwkThumbprint, type CryptoKey } from 'jose';
import { AnswerKey, publicPart, type PrivateJwk } from '../disclosure/answer-key.js';
import type {
  DelegationTerms,
  KeyChange,
  LinkTerms,
  ProhibitionTerms,
  SignedDeclaration,
  SignedStatement,
  Withdrawal,
} from './declaration.js';
import type { PatientToken } from './patient-token.js';
import { hex, revocationHandle, revocationSecret, sha256 } from './revocation.js';

/** A public key to enrol a patient with. */
export interface EnrolledKey {
  readonly jwk: PublicJwk;
  readonly use: 'sig' | 'enc';
}

/** What a consent says, and to whom; ids, handle, chain and time are added while it is signed. */
export interface ConsentTerms {
  /** The patient at each custodian that the statement is addressed to; each custodian once. */
  readonly patients: readonly PatientToken[];
  /** FHIR R4 `Consent.provision`; see {@link permission}. */
  readonly provision: ConsentBody['provision'];
  readonly policyRule?: ConsentBody['policyRule'];
  /** The text that the patient was shown, and its language (BCP 47); only its digest is signed and leaves the device. */
  readonly text: { readonly content: string; readonly language: string };
  /** The clinical trial that the patient takes part in by it: the registry's number. */
  readonly trial?: string;
  /** GA4GH DUO: what the data may be used for; for a permission of research (HRESCH and below). */
  readonly dataUse?: ConsentBody['dataUse'];
  /** The custodian may ask the patient again, about other studies that the terms let in. */
  readonly recontact?: boolean;
  /** An earlier consent that this one takes the place of; revoke that one too. */
  readonly replaces?: ConsentBody['replaces'];
}

/** One version of a consent. */
export interface ConsentVersion {
  /** The consent's id. */
  readonly consent: string;
  /** From 1. */
  readonly version: number;
}

export interface SignedConsent extends ConsentVersion, SignedStatement {}

export interface SignedConsent extends SignedStatement, ConsentVersion {}

export interface ReadRequest extends PatientToken {
  readonly what: ReadSubject;
  /** For `notice`. */
  readonly transaction?: string;
  readonly bookmark?: string;
  readonly pageSize?: number;
}

/** Everything a patient's device must keep. Keep it secret: it signs and reads in the patient's name. */
export interface PatientKeyExport {
  readonly version: 2;
  readonly signing: PrivateJwk;
  readonly encryption: PrivateJwk;
  /** 256 bits, base64url; the secrets that revoke consents come from it. */
  readonly seed: string;
  /** By custodian and patient (`<MSP>/<patient's id there>`): the last statement accepted. */
  readonly chains: Readonly<Record<string, ChainState>>;
}

const signing = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signature = { name: 'ECDSA', hash: 'SHA-256' } as const;
const seedBytes = 32;
const idBytes = 16;
const notificationBytes = 32;
const unused: ChainState = { sequence: 0, previous: null };

/**
 * A patient's keys, and the memory of what each custodian has accepted from them. One key may act for several patients (a
 * parent's, for each child): every statement names whom it is about. It lives on the patient's device and
 * uses only what browsers have too (WebCrypto).
 *
 * @example
 * ```typescript
 * const key = await PatientKey.generate();
 * const consent = await key.consent({
 *   patients: [token],
 *   provision: permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'], until: '2027-01-01' }),
 *   text: { content: 'The clinic may read my records for treatment.', language: 'en' },
 * });
 * ```
 */
export class PatientKey {
  readonly #signing: CryptoKey;
  readonly #signingJwk: PublicJwk;
  readonly #kid: string;
  readonly #encryption: AnswerKey;
  readonly #seed: Uint8Array;
  readonly #chains: Map<string, ChainState>;
  /** By custodian and patient: the last sequence number that this device saw the custodian commit. */
  readonly #witnessed = new Map<string, number>();

  private constructor(parts: Parts) {
    this.#signing = parts.signing;
    this.#signingJwk = parts.signingJwk;
    this.#kid = parts.kid;
    this.#encryption = parts.encryption;
    this.#seed = parts.seed;
    this.#chains = parts.chains;
  }

  /** New keys, made on the device that they stay on. */
  static async generate(): Promise<PatientKey> {
    const pair = await crypto.subtle.generateKey(signing, true, ['sign', 'verify']);
    const signingJwk = publicPart(await crypto.subtle.exportKey('jwk', pair.publicKey));
    return new PatientKey({
      signing: pair.privateKey,
      signingJwk,
      kid: await calculateJwkThumbprint({ ...signingJwk }),
      encryption: await AnswerKey.generate(),
      seed: crypto.getRandomValues(new Uint8Array(seedBytes)),
      chains: new Map(),
    });
  }

  /** @throws VitaledgerError `INVALID_ARGUMENT` when it is not what {@link export} returned */
  static async import(exported: PatientKeyExport): Promise<PatientKey> {
    try {
      return await importParts(exported, (parts) => new PatientKey(parts));
    } catch {
      // The cause is left out on purpose: it may quote the key.
      throw new VitaledgerError('INVALID_ARGUMENT', 'This is not an exported patient key of version 2');
    }
  }

  /** The keys, with what they know of their chains: whoever has it signs in the patient’s name. */
  async export(): Promise<PatientKeyExport> {
    const { d } = await crypto.subtle.exportKey('jwk', this.#signing);
    return {
      version: 2,
      signing: { ...this.#signingJwk, d: d ?? '' },
      encryption: await this.#encryption.export(),
      seed: base64url.encode(this.#seed),
      chains: Object.fromEntries(this.#chains),
    };
  }

  /** What a registrar enrols: the signing key and the key that answers are encrypted to. */
  get publicKeys(): readonly EnrolledKey[] {
    return [
      { jwk: this.#signingJwk, use: 'sig' },
      { jwk: this.#encryption.publicJwk, use: 'enc' },
    ];
  }

  /** Signs a consent. It takes effect at each custodian that it is delivered to (`consents.grant`). */
  async consent(terms: ConsentTerms): Promise<SignedConsent> {
    return this.#signConsent(newConsentId(), 1, terms);
  }

  /**
   * Signs the next version of a consent, with terms that take the place of the earlier ones. It takes effect, and the earlier version
   * ends, with `consents.amend`.
   */
  async amend(earlier: ConsentVersion, terms: Omit<ConsentTerms, 'replaces'>): Promise<SignedConsent> {
    const { consent, version } = earlier;
    return this.#signConsent(consent, version + 1, { ...terms, replaces: { consent, version } });
  }

  async #signConsent(consent: string, version: number, terms: ConsentTerms): Promise<SignedConsent> {
    const links = await this.#nextLinks(terms.patients);
    const { jws, digest } = await this.#sign({
      kind: 'consent',
      custodians: links,
      body: {
        consent,
        version,
        handle: await revocationHandle(await this.revocationSecret(consent, version)),
        provision: terms.provision,
        ...(terms.policyRule === undefined ? {} : { policyRule: terms.policyRule }),
        text: { digest: await sha256(utf8(terms.text.content)), language: terms.text.language },
        ...(terms.trial === undefined ? {} : { trial: terms.trial }),
        ...(terms.dataUse === undefined ? {} : { dataUse: terms.dataUse }),
        ...(terms.recontact === true ? { recontact: true } : {}),
        ...(terms.replaces === undefined ? {} : { replaces: terms.replaces }),
      },
    });
    return { consent, version, jws, digest, custodians: links };
  }

  /** Signs that a custodian is to change the patient's notification key, by bits that are made here. */
  async newNotificationKey(token: PatientToken): Promise<SignedStatement> {
    const links = await this.#nextLinks([token]);
    const fresh = hex(crypto.getRandomValues(new Uint8Array(notificationBytes)));
    const { jws, digest } = await this.#sign({ kind: 'notification', custodians: links, body: { fresh } });
    return { jws, digest, custodians: links };
  }

  /**
   * Signs what the patient forbids, whatever consents say: a restriction (GDPR art. 18), an objection to purposes (art. 21), or the opt-out
   * of secondary use (EHDS art. 71), which takes no reason. Delivered by `prohibitions`, which has shorter forms.
   */
  async prohibit(terms: ProhibitionTerms): Promise<SignedDeclaration> {
    const { patients, kind, provision, use } = terms;
    const prohibition = newConsentId();
    const handle = await revocationHandle(await this.revocationSecret(prohibition));
    const body = {
      prohibition,
      handle,
      ...(provision === undefined ? {} : { provision }),
      ...(use === undefined ? {} : { use }),
    };
    return this.#declare(patients, { kind, body }, prohibition);
  }

  /** Signs that somebody else may act for the patient, with a key of their own. Delivered by `delegations.grant`. */
  async delegate(terms: DelegationTerms): Promise<SignedDeclaration> {
    const { patients, to: delegate, text, ...scope } = terms;
    const delegation = newConsentId();
    const body = {
      delegation,
      handle: await revocationHandle(await this.revocationSecret(delegation)),
      delegate,
      ...scope,
      text: { digest: await sha256(utf8(text.content)), language: text.language },
    };
    return this.#declare(patients, { kind: 'delegation', body }, delegation);
  }

  /**
   * Signs that a consent, prohibition or delegation is taken back, without its secret: for what another device or a registrar made.
   * It counts at each custodian that it is delivered to; revoking by the secret counts everywhere at once.
   */
  async withdraw(withdrawal: Withdrawal): Promise<SignedDeclaration> {
    const { patients, withdraws, id } = withdrawal;
    return this.#declare(patients, { kind: 'withdrawal', body: { withdraws, id } }, id);
  }

  /**
   * Signs that the patient is also known to another custodian, or no longer says so; for one custodian at a time, which learns the patient's id
   * there. Delivered by `patientLinks.declare` and `patientLinks.withdraw`.
   */
  async link({ at, other, type, unlink }: LinkTerms): Promise<SignedDeclaration> {
    const { custodian, patient } = other;
    const body = {
      other: { custodian, patient },
      ...(type === undefined ? {} : { type }),
      ...(unlink ? { unlink } : {}),
    };
    return this.#declare([at], { kind: 'link', body }, '');
  }

  /**
   * A new key in the place of this one, with the same secrets of revocation and the same memory, and the statement, signed by this one, that
   * puts it there. Keep both until every custodian has accepted it (`patients.rotate`).
   */
  async rotate(
    patients: readonly PatientToken[],
  ): Promise<{ readonly key: PatientKey; readonly statement: SignedDeclaration }> {
    const fresh = await PatientKey.generate();
    const key = await PatientKey.import({ ...(await fresh.export()), ...(await this.#memory()) });
    const body = { add: key.publicKeys, retire: 'all' } as const;
    return { key, statement: await this.#declare(patients, { kind: 'keys', body }, '') };
  }

  /** As a delegate: confirms the keys that a patient has after a loss. The custodian's registrar records it (`patients.recover`). */
  async confirmKeys(change: KeyChange): Promise<SignedDeclaration> {
    const { patients, add, retire = 'all' } = change;
    return this.#declare(patients, { kind: 'keys', body: { add, retire } }, '');
  }

  async #declare(
    patients: readonly PatientToken[],
    content: Pick<Declaration, 'kind' | 'body'>,
    id: string,
  ): Promise<SignedDeclaration> {
    const custodians = await this.#nextLinks(patients);
    const { jws, digest } = await this.#sign({ ...content, custodians });
    return { kind: content.kind, id, jws, digest, custodians };
  }

  async #memory(): Promise<Pick<PatientKeyExport, 'seed' | 'chains'>> {
    const { seed, chains } = await this.export();
    return { seed, chains };
  }

  /** Signs a request to read what a custodian holds about consents or accesses; good for five minutes. */
  async readStatement(request: ReadRequest): Promise<string> {
    const { custodian, patient, what, transaction, bookmark, pageSize } = request;
    checkToken(request);
    const { jws } = await this.#sign({
      kind: 'read',
      custodians: { [custodian]: { patient: await markOf(patient) } },
      body: {
        what,
        encryptionKey: this.#encryption.publicJwk,
        ...(transaction === undefined ? {} : { transaction }),
        ...(bookmark === undefined ? {} : { bookmark }),
        ...(pageSize === undefined ? {} : { pageSize }),
      },
    });
    return jws;
  }

  /** The secret that revokes a version of a consent, 64 hexadecimal digits. Presenting it revokes: hand it out for nothing else. */
  async revocationSecret(consent: string, version = 1): Promise<string> {
    return revocationSecret(this.#seed, consent, version);
  }

  /** Decrypts an answer to a read statement. */
  async decrypt(jwe: string): Promise<unknown> {
    return this.#encryption.open(jwe);
  }

  /** Remembers that a custodian accepted a statement, so that the next one follows it. */
  accepted(token: PatientToken, signed: SignedStatement): void {
    const link = signed.custodians[token.custodian];
    if (!link) {
      throw new VitaledgerError('INVALID_ARGUMENT', `The statement is not addressed to ${token.custodian}`);
    }
    this.synchronize(token, { sequence: link.sequence, previous: signed.digest });
    this.#witnessed.set(chainOf(token), link.sequence);
  }

  /**
   * Takes over where a custodian says that its chain stands, unless that is behind what this device saw it accept: then the peer that
   * answered lags. What is ahead is believed until the next answer only: anybody can encrypt to the patient's public key, so a relay can make
   * an answer up, and must not be able to lock the patient out with it.
   */
  heard(token: PatientToken, chain: ChainState): void {
    if (chain.sequence >= (this.#witnessed.get(chainOf(token)) ?? 0)) this.synchronize(token, chain);
  }

  /** Where a patient's chain at a custodian stands, as far as this device knows. */
  lastAccepted(token: PatientToken): ChainState {
    return this.#chains.get(chainOf(token)) ?? unused;
  }

  /** Takes over where a patient's chain at a custodian stands (`consents.list`), for instance after another device has signed. */
  synchronize(token: PatientToken, chain: ChainState): void {
    checkToken(token);
    const { sequence, previous } = chain;
    if (!Number.isSafeInteger(sequence) || sequence < 0 || (previous !== null && !isDigest(previous))) {
      throw new VitaledgerError(
        'INVALID_ARGUMENT',
        'A chain is a sequence number and the digest of the last statement',
      );
    }
    this.#chains.set(chainOf(token), { sequence, previous });
  }

  /** By MSP id: which patient, and the next place in their chain there. */
  async #nextLinks(tokens: readonly PatientToken[]): Promise<Readonly<Record<string, ChainLink>>> {
    const links = new Map<string, ChainLink>();
    for (const token of tokens) {
      checkToken(token);
      if (links.has(token.custodian)) {
        throw new VitaledgerError(
          'INVALID_ARGUMENT',
          `A statement is about one patient, and names ${token.custodian} once; sign another for another patient`,
        );
      }
      const { sequence, previous } = this.lastAccepted(token);
      links.set(token.custodian, { patient: await markOf(token.patient), sequence: sequence + 1, previous });
    }
    return Object.fromEntries(links);
  }

  async #sign(content: Unsigned): Promise<{ jws: string; digest: string }> {
    const statement = {
      version: 1,
      issuer: this.#kid,
      issued: new Date().toISOString(),
      ...content,
    } as Statement;
    const input = encodeSigningInput(statementHeader(this.#kid), statement);
    const bytes = await crypto.subtle.sign(signature, this.#signing, utf8(input));
    return { jws: `${input}.${base64url.encode(new Uint8Array(bytes))}`, digest: await sha256(utf8(input)) };
  }
}

interface Parts {
  readonly signing: CryptoKey;
  readonly signingJwk: PublicJwk;
  readonly kid: string;
  readonly encryption: AnswerKey;
  readonly seed: Uint8Array;
  readonly chains: Map<string, ChainState>;
}

type Unsigned = Pick<Statement, 'kind' | 'custodians' | 'body'>;

async function importParts(
  exported: PatientKeyExport,
  build: (parts: Parts) => PatientKey,
): Promise<PatientKey> {
  const seed = base64url.decode(exported.seed);
  // The version is read from outside: its type promises more than is known.
  if ((exported.version as number) !== 2 || seed.length !== seedBytes) {
    throw new Error('unknown version or short seed');
  }
  const signingJwk = publicPart(exported.signing);
  return build({
    signing: await crypto.subtle.importKey('jwk', { ...exported.signing }, signing, true, ['sign']),
    signingJwk,
    kid: await calculateJwkThumbprint({ ...signingJwk }),
    encryption: await AnswerKey.import(exported.encryption),
    seed,
    chains: new Map(Object.entries(exported.chains)),
  });
}

function checkToken({ custodian, patient }: PatientToken): void {
  if (!isMspId(custodian)) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'A custodian is named by its MSP id');
  }
  if (!isId(patient)) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'A patient is named by 32 hexadecimal digits');
  }
}

function chainOf({ custodian, patient }: PatientToken): string {
  return `${custodian}/${patient}`;
}

/** As a statement names its patient; the domain's `patientMark`, with what browsers have. */
async function markOf(patient: string): Promise<string> {
  return sha256(utf8(`vitaledger/patient/${patient}`));
}

function newConsentId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(idBytes)));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
