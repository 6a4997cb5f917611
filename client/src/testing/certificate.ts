import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { IdentityPem } from '../connection/identity.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A self-signed certificate with its key. */
export async function selfSigned(
  notBefore: Date,
  notAfter: Date,
  extensions: x509.Extension[] = [],
): Promise<IdentityPem> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  x509.cryptoProvider.set(webcrypto);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=client',
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: algorithm,
    extensions,
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    certificate: certificate.toString('pem'),
    privateKey: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  };
}

const day = 86_400_000;

/** One that is valid today. */
export async function currentIdentity(): Promise<IdentityPem> {
  return selfSigned(new Date(Date.now() - day), new Date(Date.now() + day));
}

/** A server's on this machine, that is its own root. */
export async function localhostIdentity(): Promise<IdentityPem> {
  const names = new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]);
  return selfSigned(new Date(Date.now() - day), new Date(Date.now() + day), [names]);
}
