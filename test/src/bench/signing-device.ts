import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  encodeSigningInput,
  enrolHead,
  grantConsent,
  handleOf,
  patientMark,
  statementHeader,
  thumbprint,
  verifyStatement,
  type ConsentBody,
  type PatientHead,
  type PublicJwk,
  type Statement,
} from '@vitaledger/domain';

const CUSTODIAN = 'HospitalMSP';

export const hex = (bits: number): string => randomBytes(bits / 8).toString('hex');

/** A device whose one key acts for many patients of the hospital. */
export class SigningDevice {
  readonly #key: KeyObject;
  readonly #jwk: PublicJwk;

  constructor() {
    const { privateKey: own, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#key = own;
    this.#jwk = { kty: 'EC', crv: 'P-256', x, y };
  }

  /** A patient as the contracts enrol them. */
  enrolled(patient: string, instant = new Date().toISOString()): PatientHead {
    return enrolHead(
      {
        patient,
        keys: [{ jwk: this.#jwk, use: 'sig' }],
        jurisdiction: 'US-CA',
        notificationKey: hex(256),
        salt: hex(256),
      },
      instant,
    );
  }

  /** A patient who has signed a consent, as the contracts keep it. */
  consenting(patient: string, terms: Pick<ConsentBody, 'provision' | 'dataUse'>): PatientHead {
    const instant = new Date().toISOString();
    const enrolled = this.enrolled(patient, instant);
    const jws = this.#consent(patient, instant, terms);
    const verified = verifyStatement(jws, enrolled.keys, instant);
    return grantConsent(enrolled, jws, verified, CUSTODIAN, { instant, salt: hex(256) });
  }

  #consent(patient: string, issued: string, terms: Pick<ConsentBody, 'provision' | 'dataUse'>): string {
    const kid = thumbprint(this.#jwk);
    const statement: Statement = {
      version: 1,
      kind: 'consent',
      issuer: kid,
      issued,
      custodians: { [CUSTODIAN]: { patient: patientMark(patient), sequence: 1, previous: null } },
      body: {
        consent: hex(128),
        version: 1,
        handle: handleOf(hex(256)),
        ...terms,
        text: { digest: 'e'.repeat(64), language: 'en' },
      },
    };
    const input = encodeSigningInput(statementHeader(kid), statement);
    const signature = sign('sha256', Buffer.from(input), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}
