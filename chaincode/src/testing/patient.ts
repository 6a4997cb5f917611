import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  digestOf,
  encodeSigningInput,
  handleOf,
  organizationActor,
  patientMark,
  purposeCoding,
  statementDigest,
  statementHeader,
  thumbprint,
  type ConsentBody,
  type Declaration,
  type PublicJwk,
  type ReadBody,
  type Statement,
} from '@vitaledger/domain';
import { compactDecrypt } from 'jose';
import { random, type Bench } from './bench.js';

/** A P-256 key pair, to sign with or to be answered to. */
export class KeyPair {
  readonly #private: KeyObject;
  readonly jwk: PublicJwk;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#private = privateKey;
    this.jwk = { kty: 'EC', crv: 'P-256', x, y };
  }

  get kid(): string {
    return thumbprint(this.jwk);
  }

  /** A compact JWS of the statement, as the patient's device makes it. */
  sign(statement: Statement): string {
    const input = encodeSigningInput(statementHeader(this.kid), statement);
    const signature = sign('sha256', Buffer.from(input), { key: this.#private, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }

  /** What is in a JWE made for this key. */
  async read(jwe: string): Promise<unknown> {
    const { plaintext } = await compactDecrypt(jwe, this.#private);
    return JSON.parse(Buffer.from(plaintext).toString('utf8'));
  }
}

/** A patient's device: a key, and where the chain of statements stands at one custodian. */
export class Patient {
  readonly id = random();
  readonly key = new KeyPair();
  readonly secrets = new Map<string, string>();
  #sequence = 0;
  #previous: string | null = null;

  constructor(
    readonly bench: Bench,
    readonly custodian = 'HospitalMSP',
  ) {}

  /** Input of `enrol`. */
  enrolment(change: object = {}) {
    return {
      patient: this.id,
      keys: [{ jwk: this.key.jwk, use: 'sig' }],
      jurisdiction: 'DE',
      notificationKey: random(256),
      salt: random(),
      ...change,
    };
  }

  /** A signed consent that lets the members of ClinicMSP treat; the next in the chain. */
  consent(change: Partial<ConsentBody> = {}, by = this.key): string {
    const secret = random(256);
    const body: ConsentBody = {
      consent: random(),
      version: 1,
      handle: handleOf(secret),
      provision: {
        type: 'permit',
        actor: [organizationActor('ClinicMSP')],
        purpose: [purposeCoding('TREAT')],
        period: { end: '2027-03-01' },
      },
      text: { digest: createHash('sha256').update('text').digest('hex'), language: 'de' },
      ...change,
    };
    this.secrets.set(body.consent, secret);
    const jws = by.sign({ ...this.#frame(by), kind: 'consent', body } as Statement);
    this.#sequence += 1;
    this.#previous = statementDigest(jws);
    return jws;
  }

  /** A signed change of the notification key; the next in the chain. */
  newNotificationKey(fresh = random(256)): string {
    const jws = this.key.sign({
      ...this.#frame(this.key),
      kind: 'notification',
      body: { fresh },
    } as Statement);
    this.#sequence += 1;
    this.#previous = statementDigest(jws);
    return jws;
  }

  /** Any other signed statement about this patient, by this patient's key or a delegate's; the next in the chain. */
  declare(statement: Pick<Declaration, 'kind' | 'body'>, by = this.key): string {
    const jws = by.sign({ ...this.#frame(by), ...statement } as Statement);
    this.#sequence += 1;
    this.#previous = statementDigest(jws);
    return jws;
  }

  /** The same, of a statement that will not be accepted: it takes no place in the chain. */
  undelivered(statement: Pick<Declaration, 'kind' | 'body'>, by = this.key): string {
    return by.sign({ ...this.#frame(by), ...statement } as Statement);
  }

  /** What a registrar recorded takes a place in the chain too. */
  recorded(record: unknown): void {
    this.#sequence += 1;
    this.#previous = digestOf(record);
  }

  #frame(by: KeyPair): object {
    const link = { patient: patientMark(this.id), sequence: this.#sequence + 1, previous: this.#previous };
    return {
      version: 1,
      issuer: by.kid,
      issued: this.bench.now,
      custodians: { [this.custodian]: link },
    };
  }

  /** A signed request to read, answered to this patient's own key. */
  read(
    what: ReadBody['what'],
    change: Partial<ReadBody> = {},
    custodian = this.custodian,
    by = this.key,
  ): string {
    return by.sign({
      version: 1,
      kind: 'read',
      issuer: by.kid,
      issued: this.bench.now,
      custodians: { [custodian]: { patient: patientMark(this.id) } },
      body: { what, encryptionKey: by.jwk, ...change },
    });
  }
}

/** A record as the SDK registers it. */
export function recordInput(change: object = {}): { id: string; salt: string } & Record<string, unknown> {
  return {
    id: random(),
    salt: random(),
    class: 'Observation',
    category: [],
    codes: [{ system: 'http://loinc.org', code: '718-7' }],
    date: '2026-02-14',
    labels: [],
    mediaType: 'application/fhir+json',
    keyShare: Buffer.from(random(256), 'hex').toString('base64url'),
    manifest: { object: random(), size: 1000, chunkSize: 65536, chunks: 1, digest: random(256) },
    ...change,
  };
}
