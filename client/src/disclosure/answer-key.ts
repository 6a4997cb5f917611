import { SEALING, VitaledgerError, type PublicJwk } from '@vitaledger/domain';
import { compactDecrypt, type CryptoKey, type JWK } from 'jose';
import { nativeCrypto, nativeOpener, nativePrivateKey } from './native-answer.js';

const curve = { name: 'ECDH', namedCurve: 'P-256' } as const;

/** A P-256 private key as JWK (RFC 7518 §6.2). */
export interface PrivateJwk extends PublicJwk {
  readonly d: string;
}

/**
 * A key pair to which a custodian encrypts an answer (JWE, `ECDH-ES+A256KW` with `A256GCM`). Needs nothing but what browsers have too
 * (WebCrypto); in Node it uses Node's own primitives, which are faster.
 */
export class AnswerKey {
  readonly publicJwk: PublicJwk;
  readonly #private: PrivateJwk;
  #opener: Opener | undefined;

  private constructor(key: PrivateJwk) {
    this.publicJwk = publicPart(key);
    this.#private = key;
  }

  /** A new pair of keys, for one question or for many. */
  static async generate(): Promise<AnswerKey> {
    if (nativeCrypto) return new AnswerKey(nativePrivateKey(nativeCrypto));
    const pair = await crypto.subtle.generateKey(curve, true, ['deriveBits']);
    return new AnswerKey(privatePart(await crypto.subtle.exportKey('jwk', pair.privateKey)));
  }

  /** Rejects when it is no private key on P-256. */
  static async import(jwk: PrivateJwk): Promise<AnswerKey> {
    await crypto.subtle.importKey('jwk', { ...jwk }, curve, true, ['deriveBits']);
    return new AnswerKey(privatePart(jwk));
  }

  /** The private key; whoever has it reads the answers. */
  export(): Promise<PrivateJwk> {
    return Promise.resolve(this.#private);
  }

  /**
   * Decrypts an answer.
   * @throws VitaledgerError `INTEGRITY` when it was altered or encrypted to another key
   */
  async open(jwe: string): Promise<unknown> {
    try {
      const open = (this.#opener ??= openerFor(this.#private));
      return JSON.parse(new TextDecoder().decode(await open(jwe))) as unknown;
    } catch (cause) {
      const message =
        'The answer cannot be decrypted: it was altered, or encrypted to another key than the one asked for';
      throw new VitaledgerError('INTEGRITY', message, {}, { cause });
    }
  }
}

type Opener = (jwe: string) => Uint8Array | Promise<Uint8Array>;

function openerFor(jwk: PrivateJwk): Opener {
  let imported: Promise<CryptoKey> | undefined;
  const library = async (jwe: string): Promise<Uint8Array> => {
    imported ??= crypto.subtle.importKey('jwk', { ...jwk }, curve, false, ['deriveBits']);
    const { plaintext } = await compactDecrypt(jwe, await imported, {
      keyManagementAlgorithms: [SEALING.alg],
      contentEncryptionAlgorithms: [SEALING.enc],
    });
    return plaintext;
  };
  if (!nativeCrypto) return library;
  const native = nativeOpener(nativeCrypto, jwk.d);
  return (jwe) => native(jwe) ?? library(jwe);
}

/** The members that identify a public key (RFC 7638 §3.2), and no others. */
export function publicPart(jwk: JWK | PublicJwk): PublicJwk {
  const { x, y } = jwk;
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256' || x === undefined || y === undefined) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'The key must be an elliptic curve key on P-256');
  }
  return { crv: 'P-256', kty: 'EC', x, y };
}

function privatePart(jwk: JWK | PrivateJwk): PrivateJwk {
  return { ...publicPart(jwk), d: jwk.d ?? '' };
}
