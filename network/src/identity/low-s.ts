/** Half the order of P-256 (FIPS 186-4, D.1.2.3), rounded down. */
const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

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
  const s = Buffer.from(signature.subarray(sAt + 2, sAt + 2 + sLength)).toString('hex');
  return BigInt(`0x${s}`) <= HALF_ORDER;
}
