import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';

/** The root certificates that a verifier trusts, PEM, by MSP id: which organization has which is the verifier's own knowledge. */
export type TrustedRoots = Readonly<Record<string, readonly string[]>>;

const pemBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads root certificates from a folder: `<MSP id>.pem`, or a folder `<MSP id>` with certificates in it (`.pem`, `.crt`).
 *
 * @throws VitaledgerError `NOT_FOUND` when there is no such folder, or nothing in it; `INVALID_ARGUMENT` when a file holds no certificate
 */
export async function readRoots(folder: string): Promise<TrustedRoots> {
  const roots: Record<string, string[]> = {};
  for (const entry of await entriesOf(folder)) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const files = (await entriesOf(path)).filter(({ name }) => /\.(pem|crt)$/.test(name));
      for (const { name } of files)
        (roots[entry.name] ??= []).push(...(await certificatesIn(join(path, name))));
    } else if (entry.name.endsWith('.pem')) {
      (roots[entry.name.slice(0, -'.pem'.length)] ??= []).push(...(await certificatesIn(path)));
    }
  }
  if (Object.keys(roots).length === 0) {
    throw new VitaledgerError(
      'NOT_FOUND',
      `There are no root certificates in ${folder}: put each organization's there as <MSP id>.pem`,
    );
  }
  return roots;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new VitaledgerError(
      'NOT_FOUND',
      `The folder of root certificates cannot be read: ${folder} (${reason})`,
    );
  }
}

async function certificatesIn(file: string): Promise<readonly string[]> {
  const found = (await readFile(file, 'utf8')).match(pemBlock) ?? [];
  if (found.length === 0)
    throw new VitaledgerError('INVALID_ARGUMENT', `${file} holds no certificate in PEM`);
  return found;
}

/** The roots of each organization, parsed. One that two organizations have would let either sign for the other. */
export function parseRoots(roots: TrustedRoots): ReadonlyMap<string, readonly X509Certificate[]> {
  const owners = new Map<string, string>();
  const parsed = new Map<string, readonly X509Certificate[]>();
  for (const [mspId, certificates] of Object.entries(roots)) {
    const own = certificates.map((pem) => parseRoot(pem, mspId));
    for (const { fingerprint256 } of own) {
      const owner = owners.get(fingerprint256) ?? mspId;
      if (owner !== mspId) {
        throw new VitaledgerError(
          'INVALID_ARGUMENT',
          `${owner} and ${mspId} have the same root certificate: either could sign for the other`,
        );
      }
      owners.set(fingerprint256, mspId);
    }
    if (own.length > 0) parsed.set(mspId, own);
  }
  return parsed;
}

function parseRoot(pem: string, mspId: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new VitaledgerError('INVALID_ARGUMENT', `A root certificate of ${mspId} is no X.509 certificate`);
  }
}
