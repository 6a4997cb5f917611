import type * as Crypto from 'node:crypto';
import {
  canonicalJson,
  SEALING,
  SEALING_KEY_BITS,
  wrappingKey,
  WRAP_IV,
  type PublicJwk,
} from '@vitaledger/domain';

/**
 * Node's own primitives, where the program runs in Node. They are synchronous, and take a fourth of the time that WebCrypto takes there, whose every
 * step waits for a thread.
 */
export const nativeCrypto = nativeModule();

type NodeCrypto = typeof Crypto;

function nativeModule(): NodeCrypto | undefined {
  // A browser knows no `process`, or a bundler's, without this function.
  const { process } = globalThis as { process?: Partial<Pick<NodeJS.Process, 'getBuiltinModule'>> };
  return process?.getBuiltinModule?.('node:crypto');
}

/** The parts of a JWE in the one form that custodians give it. */
interface SealedParts {
  /** As it stands in the JWE: it is authenticated. */
  readonly header: string;
  /** Uncompressed point. */
  readonly ephemeral: Uint8Array;
  readonly wrapped: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

const CURVE = 'prime256v1';
const COORDINATE_BYTES = 32;
const TAG_BYTES = 16;
const IV_BYTES = 12;
/** RFC 3394 adds eight. */
const WRAPPED_BYTES = SEALING_KEY_BITS / 8 + 8;
/** Canonical JSON; 43 characters are the 32 bytes of a coordinate. */
const HEADER = new RegExp(
  `^${canonicalJson({ ...SEALING, epk: { crv: 'P-256', kty: 'EC', x: 'X', y: 'X' } })
    .replaceAll(/[+{}]/g, '\\$&')
    .replaceAll('"X"', '"([\\w-]{43})"')}$`,
);

/** A new private key on P-256. */
export function nativePrivateKey({ createECDH }: NodeCrypto): PublicJwk & { readonly d: string } {
  const key = createECDH(CURVE);
  const point = key.generateKeys();
  const [x, y] = [point.subarray(1, 1 + COORDINATE_BYTES), point.subarray(1 + COORDINATE_BYTES)];
  return {
    crv: 'P-256',
    kty: 'EC',
    x: x.toString('base64url'),
    y: y.toString('base64url'),
    d: Buffer.from(key.getPrivateKey('hex').padStart(2 * COORDINATE_BYTES, '0'), 'hex').toString('base64url'),
  };
}

/**
 * Decrypts answers in the form that custodians give them. Undefined when one has another form, which is for a library that knows all of
 * them to judge; throws when it was altered, or encrypted to another key.
 *
 * @param d the private key, base64url
 */
export function nativeOpener(
  { createDecipheriv, createECDH }: NodeCrypto,
  d: string,
): (jwe: string) => Uint8Array | undefined {
  const key = createECDH(CURVE);
  key.setPrivateKey(Buffer.from(d, 'base64url'));
  return (jwe) => {
    const parts = partsOf(jwe);
    if (!parts) return undefined;
    const wrapping = wrappingKey(key.computeSecret(parts.ephemeral));
    const unwrap = createDecipheriv('id-aes256-wrap', wrapping, WRAP_IV);
    const contentKey = Buffer.concat([unwrap.update(parts.wrapped), unwrap.final()]);
    const cipher = createDecipheriv('aes-256-gcm', contentKey, parts.iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(parts.header, 'ascii')).setAuthTag(parts.tag);
    return Buffer.concat([cipher.update(parts.ciphertext), cipher.final()]);
  };
}

function partsOf(jwe: string): SealedParts | undefined {
  // Base64url of five parts, and nothing that a lenient decoder would skip.
  if (!/^[\w-]+(\.[\w-]+){4}$/.test(jwe)) return undefined;
  const [header = '', ...rest] = jwe.split('.');
  const ephemeral = pointOf(header);
  if (!ephemeral) return undefined;
  const parts = rest.map((part) => Buffer.from(part, 'base64url'));
  const [wrapped, iv, ciphertext, tag] = parts as [Buffer, Buffer, Buffer, Buffer];
  const isUsual = wrapped.length === WRAPPED_BYTES && iv.length === IV_BYTES && tag.length === TAG_BYTES;
  return isUsual ? { header, ephemeral, wrapped, iv, ciphertext, tag } : undefined;
}

/** The ephemeral key of a header that is, byte for byte, a custodian's. */
function pointOf(encoded: string): Uint8Array | undefined {
  const [, x, y] = HEADER.exec(Buffer.from(encoded, 'base64url').toString('latin1')) ?? [];
  if (x === undefined || y === undefined) return undefined;
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}
