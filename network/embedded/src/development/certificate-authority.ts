import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { isIP } from 'node:net';
import { derTag, writeDer, writeDerInteger } from '../identity/der.js';
import { signLowS } from '../identity/signature.js';

/** PEM: a certificate and its private key (PKCS #8). */
export interface IssuedIdentity {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** Organizational unit: Fabric's role `client`, `peer`, `admin` or `orderer`. */
  readonly unit?: string | undefined;
  /** Names and addresses of a TLS server. */
  readonly hosts?: readonly string[] | undefined;
  /** What chaincode reads as the client's attributes, as Fabric CA puts them into certificates. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

const tags = {
  boolean: 0x01,
  utf8: 0x0c,
  utcTime: 0x17,
  set: 0x31,
  explicit0: 0xa0,
  explicit3: 0xa3,
} as const;
const oids = {
  commonName: '2.5.4.3',
  organizationalUnit: '2.5.4.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  fabricAttributes: '1.2.3.4.5.6.7.8.1',
} as const;

const validityMs = 365 * 86_400_000;

/** A certificate authority for tests: P-256 keys, certificates as of RFC 5280. */
export class DevelopmentAuthority {
  readonly certificate: string;
  readonly #name: Buffer;
  readonly #key: KeyObject;
  readonly #keyId: Buffer;

  /** A new one, or the one that `kept` returned under the same name. */
  constructor(commonName: string, kept?: IssuedIdentity) {
    this.#name = nameOf({ commonName });
    this.#key =
      kept === undefined
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
        : createPrivateKey(kept.key);
    const publicKey = createPublicKey(this.#key);
    this.#keyId = keyIdOf(publicKey);
    this.certificate = kept?.certificate ?? this.#ownCertificate(publicKey);
  }

  /** For another process. */
  get kept(): IssuedIdentity {
    return {
      certificate: this.certificate,
      key: this.#key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }

  #ownCertificate(publicKey: KeyObject): string {
    return this.#sign(this.#name, publicKey, [
      extension(oids.basicConstraints, true, sequence(writeDer(tags.boolean, Buffer.from([0xff])))),
      // keyCertSign and cRLSign.
      extension(oids.keyUsage, true, writeDer(derTag.bitString, Buffer.from([1, 0x06]))),
      extension(oids.subjectKeyIdentifier, false, writeDer(derTag.octetString, this.#keyId)),
    ]);
  }

  issue(options: CertificateOptions): IssuedIdentity {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { hosts, attributes } = options;
    const certificate = this.#sign(nameOf(options), publicKey, [
      // digitalSignature.
      extension(oids.keyUsage, true, writeDer(derTag.bitString, Buffer.from([7, 0x80]))),
      extension(oids.authorityKeyIdentifier, false, sequence(writeDer(0x80, this.#keyId))),
      ...(hosts === undefined
        ? []
        : [extension(oids.subjectAlternativeName, false, sequence(...hosts.map(hostName)))]),
      ...(attributes === undefined
        ? []
        : [extension(oids.fabricAttributes, false, Buffer.from(JSON.stringify({ attrs: attributes })))]),
    ]);
    return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  #sign(subject: Buffer, publicKey: KeyObject, extensions: readonly Buffer[]): string {
    const now = Date.now();
    const algorithm = sequence(identifier(oids.ecdsaWithSha256));
    const body = sequence(
      writeDer(tags.explicit0, writeDerInteger(Buffer.from([2]))),
      writeDerInteger(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
      algorithm,
      this.#name,
      sequence(time(now - 3_600_000), time(now + validityMs)),
      subject,
      publicKey.export({ type: 'spki', format: 'der' }),
      writeDer(tags.explicit3, sequence(...extensions)),
    );
    const signature = writeDer(derTag.bitString, Buffer.from([0]), signLowS(this.#key, body));
    return pem(sequence(body, algorithm, signature));
  }
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => writeDer(derTag.sequence, ...parts);

function nameOf({ commonName, unit }: Pick<CertificateOptions, 'commonName' | 'unit'>): Buffer {
  const part = (oid: string, value: string) =>
    writeDer(tags.set, sequence(identifier(oid), writeDer(tags.utf8, Buffer.from(value))));
  return sequence(
    ...(unit === undefined ? [] : [part(oids.organizationalUnit, unit)]),
    part(oids.commonName, commonName),
  );
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return sequence(
    identifier(oid),
    ...(critical ? [writeDer(tags.boolean, Buffer.from([0xff]))] : []),
    writeDer(derTag.octetString, value),
  );
}

function hostName(host: string): Buffer {
  return isIP(host) === 4
    ? writeDer(0x87, Buffer.from(host.split('.').map(Number)))
    : writeDer(0x82, Buffer.from(host));
}

function keyIdOf(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

/** `YYMMDDHHMMSSZ`. */
function time(instant: number): Buffer {
  const digits = new Date(instant).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return writeDer(tags.utcTime, Buffer.from(`${digits}Z`));
}

function identifier(oid: string): Buffer {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  return writeDer(derTag.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest & 0x7f) | 0x80);
  }
  return digits;
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
