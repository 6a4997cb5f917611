import { generateKeyPairSync, randomBytes, createHash, sign, type KeyObject } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  canonicalJson,
  encodeSigningInput,
  enrolHead,
  grantConsent,
  handleOf,
  organizationActor,
  patientMark,
  purposeCoding,
  statementHeader,
  thumbprint,
  verifyStatement,
  type PatientHead,
  type PublicJwk,
  type Statement,
} from '@vitaledger/domain';
import { openKeyValueStore, type Write } from '@vitaledger/embedded-ledger/dist/ledger/key-value-store.js';
import {
  hashedKey,
  privateKey,
  rawKeyOf,
  stateKeyBytes,
} from '@vitaledger/embedded-ledger/dist/ledger/state-key.js';
import { encodeVersionedValue } from '@vitaledger/embedded-ledger/dist/ledger/versioned-value.js';

const CUSTODIAN = 'HospitalMSP';
const COLLECTION = `_implicit_org_${CUSTODIAN}`;
const NAMESPACE = 'care';
const AT_ONCE = 10_000;
/** Patients whose consents are really signed, and asked about. */
const ASKED = 2000;

const hex = (bits: number): string => randomBytes(bits / 8).toString('hex');

/**
 * Writes patients with a consent each straight into the state of a custodian on the embedded ledger that is not running, as commits would leave
 * them: value, hash and key. A million transactions would take hours and leave the same state. Of those that are asked about, evenly among
 * the others, each head is what the contracts make of a signed statement; the others are as long, and nobody looks at their signatures.
 *
 * @param root the network's folder.
 * @returns the ids of the patients to ask about
 */
export async function writeConsents(
  root: string,
  count: number,
  onProgress: (written: number) => void,
): Promise<readonly string[]> {
  const store = await openKeyValueStore(stateFolder(root));
  const signer = new Signer();
  const each = Math.max(1, Math.floor(count / ASKED));
  const template = signer.head(hex(128));
  const form = canonicalJson(template);
  const asked: string[] = [];
  try {
    for (let from = 0; from < count; from += AT_ONCE) {
      const writes: Write[] = [];
      for (let index = from; index < Math.min(count, from + AT_ONCE); index++) {
        const patient = hex(128);
        const isAsked = index % each === 0;
        if (isAsked) asked.push(patient);
        const value = isAsked ? canonicalJson(signer.head(patient)) : likewise(form, template, patient);
        writes.push(...stateOf(`patient/${patient}`, value));
      }
      await store.write(writes, { sync: true });
      onProgress(Math.min(count, from + AT_ONCE));
    }
  } finally {
    await store.close();
  }
  return asked;
}

/** The folder of the state of `care`. */
function stateFolder(root: string): string {
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(join('channels', 'care', 'ledger', 'state', 'CURRENT')),
  );
  if (found === undefined) throw new Error('the embedded ledger has no state of care');
  return join(root, dirname(found));
}

function likewise(form: string, { patient, salt }: PatientHead, id: string): string {
  return form.replaceAll(patient, id).replaceAll(salt, hex(256));
}

/** A private value as a commit leaves it: value, hash, and the key itself for a purge by its hash. */
function stateOf(key: string, text: string): Write[] {
  const version = { block: 1, transaction: 0 };
  const keyHash = createHash('sha256').update(key).digest();
  const value = Buffer.from(text);
  const hash = createHash('sha256').update(value).digest();
  const entry = (stateKey: string, content: Buffer): Write => ({
    key: stateKeyBytes(stateKey),
    value: encodeVersionedValue({ value: content, metadata: undefined, version }),
  });
  return [
    entry(privateKey(NAMESPACE, COLLECTION, key), value),
    entry(hashedKey(NAMESPACE, COLLECTION, keyHash), hash),
    entry(rawKeyOf(NAMESPACE, COLLECTION, keyHash), Buffer.from(key)),
  ];
}

/** A device whose one key acts for all of them. */
class Signer {
  readonly #key: KeyObject;
  readonly #jwk: PublicJwk;

  constructor() {
    const { privateKey: own, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#key = own;
    this.#jwk = { kty: 'EC', crv: 'P-256', x, y };
  }

  /** A patient who lets the hospital treat. */
  head(patient: string): PatientHead {
    const instant = new Date().toISOString();
    const enrolled = enrolHead(
      {
        patient,
        keys: [{ jwk: this.#jwk, use: 'sig' }],
        jurisdiction: 'US-CA',
        notificationKey: hex(256),
        salt: hex(256),
      },
      instant,
    );
    const jws = this.#consent(patient, instant);
    const verified = verifyStatement(jws, enrolled.keys, instant);
    return grantConsent(enrolled, jws, verified, CUSTODIAN, { instant, salt: hex(256) });
  }

  #consent(patient: string, issued: string): string {
    const kid = thumbprint(this.#jwk);
    const body = {
      consent: hex(128),
      version: 1,
      handle: handleOf(hex(256)),
      provision: {
        type: 'permit',
        actor: [organizationActor(CUSTODIAN)],
        purpose: [purposeCoding('TREAT')],
        period: { end: '2099-12-31' },
      },
      text: { digest: 'e'.repeat(64), language: 'en' },
    };
    const statement = {
      version: 1,
      kind: 'consent',
      issuer: kid,
      issued,
      custodians: { [CUSTODIAN]: { patient: patientMark(patient), sequence: 1, previous: null } },
      body,
    };
    const input = encodeSigningInput(statementHeader(kid), statement as Statement);
    const signature = sign('sha256', Buffer.from(input), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}
