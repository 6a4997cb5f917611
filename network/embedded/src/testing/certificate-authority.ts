import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(globalThis.crypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface IssueOptions {
  readonly commonName: string;
  readonly unit?: string;
  /** Names and addresses of a TLS server. */
  readonly hosts?: readonly string[];
  readonly notAfter?: Date;
}

let serial = 1;

function nextSerial(): string {
  serial += 1;
  return serial.toString(16).padStart(16, '0');
}

/** A certificate authority that exists for the length of a test. */
export class TestAuthority {
  private constructor(
    readonly certificate: string,
    readonly root: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async create(name: string): Promise<TestAuthority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: nextSerial(),
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new TestAuthority(root.toString('pem'), root, keys);
  }

  async issue({ commonName, unit, hosts, notAfter }: IssueOptions): Promise<IssuedCertificate> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: nextSerial(),
      subject: unit === undefined ? `CN=${commonName}` : `OU=${unit}, CN=${commonName}`,
      issuer: this.root.subject,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: notAfter ?? new Date(Date.now() + 86_400_000),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(this.root.publicKey),
        ...(hosts === undefined ? [] : [subjectAlternativeNames(hosts)]),
      ],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    return {
      certificate: certificate.toString('pem'),
      key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`,
    };
  }

  /** A revocation list of the certificates, PEM. */
  async revoke(...certificates: readonly string[]): Promise<string> {
    const list = await x509.X509CrlGenerator.create({
      issuer: this.root.subject,
      thisUpdate: new Date(),
      entries: certificates.map((pem) => ({
        serialNumber: new x509.X509Certificate(pem).serialNumber,
        revocationDate: new Date(),
      })),
      signingAlgorithm: algorithm,
      signingKey: this.keys.privateKey,
    });
    // The standard's label (RFC 7468, section 6).
    return list.toString('pem').replaceAll(' CRL-', ' X509 CRL-');
  }
}

function subjectAlternativeNames(hosts: readonly string[]): x509.SubjectAlternativeNameExtension {
  return new x509.SubjectAlternativeNameExtension(
    hosts.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
  );
}
