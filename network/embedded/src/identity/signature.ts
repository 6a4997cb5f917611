import { createHash, sign, verify, type KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { promisify } from 'node:util';
import { derTag, readDer, readDerChildren, writeDer, writeDerInteger, type DerElement } from './der.js';

/** Order of each curve that an ECDSA identity may use, as Go's elliptic package names and knows them. */
const curveOrders: Readonly<Record<string, bigint>> = {
  prime256v1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  secp384r1:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
};

/** Hex digits of half of each curve's order: the largest S that Fabric accepts. */
const halfOrders = new Map(Object.entries(curveOrders).map(([curve, order]) => [curve, order >> 1n]));

/** The identity's curve, or undefined when it is not an ECDSA key on a curve that Fabric accepts. */
export function curveOf(key: KeyObject): string | undefined {
  const curve = key.asymmetricKeyType === 'ec' ? key.asymmetricKeyDetails?.namedCurve : undefined;
  return curve !== undefined && curve in curveOrders ? curve : undefined;
}

/**
 * Why a DER ECDSA signature is not acceptable in form, or undefined: strictly DER, R and S positive, and S at most half
 * of the curve's order (Fabric refuses the other of the two equivalent signatures, so that none is malleable).
 */
export function signatureFormError(curve: string, signature: Uint8Array): string | undefined {
  const half = halfOrders.get(curve);
  if (half === undefined) {
    return `curve not recognized [${curve}]`;
  }
  try {
    const [r, s] = readPair(signature);
    if (!isPositiveInteger(r) || !isPositiveInteger(s)) {
      return 'invalid signature, R and S must be larger than zero';
    }
    return BigInt(`0x${s.content.toString('hex')}`) > half
      ? 'invalid S. Must be smaller than half the order'
      : undefined;
  } catch (error) {
    if (error instanceof RangeError) {
      return `invalid signature: ${error.message}`;
    }
    throw error;
  }
}

function readPair(signature: Uint8Array): readonly [DerElement, DerElement] {
  const outer = readDer(signature);
  const [r, s, ...rest] = outer.tag === derTag.sequence ? readDerChildren(outer.content) : [];
  if (r === undefined || s === undefined || rest.length > 0 || outer.end !== signature.length) {
    throw new RangeError('not a DER pair of integers');
  }
  return [r, s];
}

function isPositiveInteger({ tag, content }: DerElement): boolean {
  const [first, second] = content;
  if (tag !== derTag.integer || first === undefined || first >= 0x80) {
    return false;
  }
  const padded = first === 0;
  return padded ? second !== undefined && second >= 0x80 : true;
}

/**
 * Signatures that this process has verified or made itself: the orderer's filter, the committer and the endorsers look
 * at the same ones, and one check costs as much as all the hashing of a transaction.
 */
export class VerifiedSignatures {
  readonly #known = new Set<string>();
  /** Of messages that are still in use; nobody changes one. */
  readonly #digests = new WeakMap<Uint8Array, string>();
  readonly #limit: number;

  constructor(limit = 20_000) {
    this.#limit = limit;
  }

  /** Verifies an ECDSA (SHA-256) or Ed25519 signature by `key`, whose owner's certificate hash is `keyId`. */
  verify(keyId: string, key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
    const entry = this.#entry(keyId, message, signature);
    if (this.#known.has(entry)) {
      return true;
    }
    const valid = verifySignature(key, message, signature);
    if (valid) {
      this.#remember(entry);
    }
    return valid;
  }

  /**
   * Verifies on another thread, so that {@link verify} of the same will find it known. Tells nothing: a bad signature is
   * for `verify` to refuse, where the refusal belongs.
   */
  async verifyAhead(
    keyId: string,
    key: KeyObject,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<void> {
    const entry = this.#entry(keyId, message, signature);
    const curve = curveOf(key);
    if (curve === undefined || this.#known.has(entry) || signatureFormError(curve, signature) !== undefined) {
      return;
    }
    const valid = await new Promise<boolean>((resolve) => {
      verify('sha256', message, key, signature, (error, result) => {
        resolve(error === null && result);
      });
    });
    if (valid) {
      this.#remember(entry);
    }
  }

  /** Notes a signature that this process has just made. */
  add(keyId: string, message: Uint8Array, signature: Uint8Array): void {
    this.#remember(this.#entry(keyId, message, signature));
  }

  #entry(keyId: string, message: Uint8Array, signature: Uint8Array): string {
    const { buffer, byteOffset, byteLength } = signature;
    return `${keyId}${this.#digest(message)}${Buffer.from(buffer, byteOffset, byteLength).toString('latin1')}`;
  }

  /** The same bytes are asked about several times in a row: before, and where the answer counts, for one rule and another. */
  #digest(message: Uint8Array): string {
    let digest = this.#digests.get(message);
    if (digest === undefined) {
      digest = createHash('sha256').update(message).digest('binary');
      this.#digests.set(message, digest);
    }
    return digest;
  }

  #remember(entry: string): void {
    if (this.#known.size >= this.#limit) {
      for (const oldest of this.#known) {
        this.#known.delete(oldest);
        break;
      }
    }
    this.#known.add(entry);
  }
}

function verifySignature(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.asymmetricKeyType === 'ed25519') {
    return verify(null, message, key, signature);
  }
  const curve = curveOf(key);
  return (
    curve !== undefined &&
    signatureFormError(curve, signature) === undefined &&
    verify('sha256', message, key, signature)
  );
}

/** Signs with SHA-256 and returns a DER signature with low S, as every Fabric verifier demands. */
export function signLowS(privateKey: KeyObject, message: Uint8Array): Buffer {
  if (privateKey.asymmetricKeyType === 'ed25519') {
    return sign(null, message, privateKey);
  }
  return derWithLowS(privateKey, sign('sha256', message, pairFrom(privateKey)));
}

/** {@link signLowS} on another thread. */
export async function signLowSApart(privateKey: KeyObject, message: Uint8Array): Promise<Buffer> {
  if (privateKey.asymmetricKeyType === 'ed25519') {
    return sign(null, message, privateKey);
  }
  const pair = await signApart('sha256', message, pairFrom(privateKey));
  return derWithLowS(privateKey, pair);
}

const signApart = promisify(sign);

/** R and S as they are, instead of in DER. */
function pairFrom(key: KeyObject): SignKeyObjectInput {
  return { key, dsaEncoding: 'ieee-p1363' };
}

function derWithLowS(privateKey: KeyObject, pair: Buffer): Buffer {
  const curve = curveOf(privateKey);
  const order = curve === undefined ? undefined : curveOrders[curve];
  if (order === undefined) {
    throw new TypeError('a signing key must be ECDSA on P-256 or P-384, or Ed25519');
  }
  const size = pair.length / 2;
  const s = BigInt(`0x${pair.subarray(size).toString('hex')}`);
  const lowS = s > order >> 1n ? order - s : s;
  return writeDer(
    derTag.sequence,
    writeDerInteger(pair.subarray(0, size)),
    writeDerInteger(Buffer.from(lowS.toString(16).padStart(2 * size, '0'), 'hex')),
  );
}
