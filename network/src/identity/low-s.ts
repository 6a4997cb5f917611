import { webcrypto } from 'node:crypto';

/** The order of P-256 (FIPS 186-4, D.1.2.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = ORDER >> 1n;
const FIELD_BYTES = 32;

/** Whether the S of a DER-encoded ECDSA signature over P-256 is in the lower half, which Fabric demands. */
export function hasLowS(signature: Uint8Array): boolean {
  // SEQUENCE { INTEGER r, INTEGER s }: with P-256 every length fits into one byte.
  const rLength = signature[3];
  if (signature[0] !== 0x30 || signature[2] !== 0x02 || rLength === undefined) {
    throw new TypeError('not a DER-encoded ECDSA signature');
  }
  const sAt = 4 + rLength;
  const sLength = signature[sAt + 1];
  if (signature[sAt] !== 0x02 || sLength === undefined) {
    throw new TypeError('not a DER-encoded ECDSA signature');
  }
  return toInteger(signature.subarray(sAt + 2, sAt + 2 + sLength)) <= HALF_ORDER;
}

/**
 * WebCrypto whose ECDSA signatures over P-256 have a low S. Fabric accepts no other signature and would rewrite a certificate
 * with a high one at every use.
 */
export const lowSCrypto = {
  getRandomValues: webcrypto.getRandomValues.bind(webcrypto),
  subtle: new Proxy(webcrypto.subtle, {
    get(subtle, name) {
      if (name === 'sign') return signLowS;
      const value: unknown = Reflect.get(subtle, name);
      return typeof value === 'function' ? (value as () => unknown).bind(subtle) : value;
    },
  }),
};

async function signLowS(...parameters: Parameters<typeof webcrypto.subtle.sign>): Promise<ArrayBuffer> {
  const signature = new Uint8Array(await webcrypto.subtle.sign(...parameters));
  // IEEE P1363: r and s side by side. (r, -s) signs the same (SEC 1, 4.1.4).
  const s = toInteger(signature.subarray(FIELD_BYTES));
  if (s > HALF_ORDER) {
    const low = (ORDER - s).toString(16).padStart(2 * FIELD_BYTES, '0');
    signature.set(Buffer.from(low, 'hex'), FIELD_BYTES);
  }
  return signature.buffer;
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
