const purpose = 'vitaledger/revocation/1';
const bits = 256;

/**
 * The secret that revokes one version of a consent: HKDF-SHA256 (RFC 5869) of the patient's seed with the consent's id as salt
 * (`<id>/<version>` from version 2 on), so that
 * whoever has the key can revoke, and nothing needs to be kept per consent.
 *
 * @param seed 256 random bits
 * @param consent the consent's id
 * @param version from 1
 * @returns 64 lower-case hexadecimal digits
 */
export async function revocationSecret(seed: Uint8Array, consent: string, version = 1): Promise<string> {
  const key = await crypto.subtle.importKey('raw', seed, 'HKDF', false, ['deriveBits']);
  const text = new TextEncoder();
  const parameters = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: text.encode(version === 1 ? consent : `${consent}/${version}`),
    info: text.encode(purpose),
  };
  return hex(new Uint8Array(await crypto.subtle.deriveBits(parameters, key, bits)));
}

/** What the world knows of the secret before it is used: its SHA-256, hexadecimal. */
export async function revocationHandle(secret: string): Promise<string> {
  return sha256(bytesOf(secret));
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
