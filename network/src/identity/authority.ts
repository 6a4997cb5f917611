import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { ATTRIBUTES_OID } from './attributes.js';
import { putFolder, requireFiles } from './folder.js';
import { lowSCrypto } from './low-s.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
type CryptoKey = webcrypto.CryptoKey;
const YEARS = 10;
const DAY = 24 * 60 * 60 * 1000;

/** A certificate and its private key, PEM (PKCS #8). */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate says of its holder. */
export interface Holder {
  readonly commonName: string;
  /** Fabric's NodeOU: `client`, `peer`, `admin`, `orderer`; none in a TLS certificate. */
  readonly unit?: 'client' | 'peer' | 'admin' | 'orderer';
  /** TLS certificates name the hosts that they serve; `undefined` makes an enrolment certificate. */
  readonly hosts?: readonly string[];
  /** Fabric CA's attribute extension, as JSON bytes. */
  readonly attributes?: Uint8Array;
}

/** Where an organization is; part of every subject, as Fabric's tools write it. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Subdivision, without the country. */
  readonly state?: string;
}

/** One organization's certificate authority: one for enrolment, another for TLS. */
export class Authority {
  private constructor(
    readonly certificatePem: string,
    private readonly certificate: x509.X509Certificate,
    private readonly key: CryptoKey,
    private readonly place: Place,
  ) {}

  /** Loads the authority in `folder` (`<name>-cert.pem`, `priv_sk`), or founds it there. */
  static async open(folder: string, name: string, organization: string, place: Place): Promise<Authority> {
    const file = `${name}-cert.pem`;
    await putFolder(folder, async (into) => {
      const issued = await found(name, organization, place);
      into.certificate(file, issued.certificate);
      into.privateKey('priv_sk', issued.key);
    });
    requireFiles(folder, [file, 'priv_sk']);
    const pem = readFileSync(join(folder, file), 'utf8');
    const key = createPrivateKey(readFileSync(join(folder, 'priv_sk'), 'utf8'));
    const imported = await webcrypto.subtle.importKey(
      'pkcs8',
      key.export({ type: 'pkcs8', format: 'der' }),
      ALGORITHM,
      false,
      ['sign'],
    );
    return new Authority(pem, new x509.X509Certificate(pem), imported, place);
  }

  async issue(holder: Holder): Promise<Issued> {
    const keys = await generateKeys();
    const subject = [...placeName(this.place), ...(holder.unit ? [{ OU: [holder.unit] }] : [])];
    const certificate = await x509.X509CertificateGenerator.create(
      {
        serialNumber: serialNumber(),
        subject: new x509.Name([...subject, { CN: [holder.commonName] }]).toString(),
        issuer: this.certificate.subject,
        notBefore: new Date(Math.max(startOfValidity().getTime(), this.certificate.notBefore.getTime())),
        notAfter: this.certificate.notAfter,
        signingAlgorithm: ALGORITHM,
        publicKey: keys.publicKey,
        signingKey: this.key,
        extensions: this.extensions(holder),
      },
      lowSCrypto,
    );
    return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
  }

  private extensions(holder: Holder): x509.Extension[] {
    const identifier = this.certificate.getExtension(x509.SubjectKeyIdentifierExtension);
    const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
    const extensions: x509.Extension[] = [
      holder.hosts
        ? new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true)
        : new x509.KeyUsagesExtension(digitalSignature, true),
      new x509.BasicConstraintsExtension(false, undefined, true),
    ];
    if (identifier) extensions.push(new x509.AuthorityKeyIdentifierExtension(identifier.keyId, false));
    if (holder.hosts) {
      extensions.push(
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
      );
      if (holder.hosts.length > 0) {
        extensions.push(new x509.SubjectAlternativeNameExtension(holder.hosts.map(generalName)));
      }
    }
    if (holder.attributes) {
      extensions.push(new x509.Extension(ATTRIBUTES_OID, false, new Uint8Array(holder.attributes)));
    }
    return extensions;
  }
}

async function found(name: string, organization: string, place: Place): Promise<Issued> {
  const keys = await generateKeys();
  const notBefore = startOfValidity();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: new x509.Name([...placeName(place), { O: [organization] }, { CN: [name] }]).toString(),
      notBefore,
      notAfter: new Date(notBefore.getTime() + YEARS * 365 * DAY),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature |
            x509.KeyUsageFlags.keyEncipherment |
            x509.KeyUsageFlags.keyCertSign |
            x509.KeyUsageFlags.cRLSign,
          true,
        ),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.clientAuth,
          x509.ExtendedKeyUsage.serverAuth,
        ]),
        new x509.BasicConstraintsExtension(true, undefined, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    lowSCrypto,
  );
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** RFC 7468. */
async function exportKey(key: CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** Clocks of machines that join differ a little. */
function startOfValidity(): Date {
  return new Date(Date.now() - 5 * 60 * 1000);
}

/** Positive and without a leading zero, as RFC 5280 (4.1.2.2) wants. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function placeName({ country, state }: Place): x509.JsonNameParams {
  return [{ C: [country] }, ...(state === undefined ? [] : [{ ST: [state] }])];
}

function generalName(host: string): x509.GeneralName {
  return new x509.GeneralName(/^[\d.]+$/.test(host) ? 'ip' : 'dns', host);
}
