import { X509Certificate, type KeyObject } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { p256PrivateKey } from '../signer/native-signer.js';

/** A certificate and its key, in memory. */
export interface IdentityPem {
  /** PEM. */
  readonly certificate: string;
  /** PEM (PKCS #8 or SEC 1, not encrypted), elliptic curve P-256. */
  readonly privateKey: string;
}

/** Path of a folder with `signcerts/` and `keystore/`, as certificate authorities and the network command write them; or PEM. */
export type IdentitySource = string | IdentityPem;

/** An identity whose key is here. */
export interface Identity {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
}

const anybodyElse = 0o077;

/**
 * Reads an identity and checks that it can be used: key and certificate belong together, the certificate is valid now, the
 * key file is private.
 *
 * @throws VitaledgerError `NOT_FOUND` (a file is missing), `INVALID_ARGUMENT` (not a certificate, not its key),
 *   `PRECONDITION_FAILED` (others may read the key file), `EXPIRED`
 */
export async function readIdentity(source: IdentitySource, now = new Date()): Promise<Identity> {
  const pem = typeof source === 'string' ? await readFolder(resolve(source)) : source;
  const certificate = certificateOf(pem.certificate, now);
  const privateKey = p256PrivateKey(pem.privateKey);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      "The identity's private key is not the one of its certificate",
    );
  }
  return { certificate: pem.certificate, privateKey };
}

/** Reads a certificate that is valid now; throws `INVALID_ARGUMENT`, `EXPIRED`. */
export function certificateOf(pem: string, now: Date): X509Certificate {
  const certificate = parseCertificate(pem);
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (now >= from && now <= to) return certificate;
  throw new VitaledgerError(
    'EXPIRED',
    `The identity's certificate is valid from ${from.toISOString()} to ${to.toISOString()}; enrol it again or correct the clock`,
  );
}

async function readFolder(folder: string): Promise<IdentityPem> {
  const certificateFile = await onlyFile(join(folder, 'signcerts'), 'certificate');
  const keyFile = await onlyFile(join(folder, 'keystore'), 'private key');
  await checkPrivate(keyFile);
  return {
    certificate: await readFile(certificateFile, 'utf8'),
    privateKey: await readFile(keyFile, 'utf8'),
  };
}

async function onlyFile(folder: string, what: string): Promise<string> {
  const names = await filesIn(folder, what);
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new VitaledgerError(
      names.length === 0 ? 'NOT_FOUND' : 'INVALID_ARGUMENT',
      `${folder} must hold exactly one ${what}, and holds ${names.length}; point to the "msp" folder of one user`,
    );
  }
  return join(folder, name);
}

async function filesIn(folder: string, what: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new VitaledgerError(
      'NOT_FOUND',
      `The ${what} of the identity cannot be read: ${folder} (${reason})`,
    );
  }
}

/** Throws `PRECONDITION_FAILED` when others than its owner may read a file. */
export async function checkPrivate(file: string): Promise<void> {
  const { mode } = await stat(file);
  // Windows has no such permission bits.
  if (process.platform !== 'win32' && (mode & anybodyElse) !== 0) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `Others than its owner may read the private key: chmod 600 ${file}`,
    );
  }
}

function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      "The identity's certificate is not an X.509 certificate in PEM",
    );
  }
}
