import { VitaledgerError, type PublicJwk } from '@vitaledger/domain';
import { compactDecrypt, type CryptoKey, type JWK } from 'jose';

const curve = { name: 'ECDH', namedCurve: 'P-256' } as const;

/** A P-256 private key as JWK (RFC 7518 §6.2). */
export interface PrivateJwk extends PublicJwk {
  readonly d: string;
}

/**
 * A key pair to which a custodian encrypts an answer (JWE, `ECDH-ES+A256KW` with `A256GCM`). Uses only what browsers have
 * too (WebCrypto).
 */
export class AnswerKey {
  readonly publicJwk: PublicJwk;
  readonly #privateKey: CryptoKey;

  private constructor(publicJwk: PublicJwk, privateKey: CryptoKey) {
    this.publicJwk = publicJwk;
    this.#privateKey = privateKey;
  }

  static async generate(): Promise<AnswerKey> {
    const pair = await crypto.subtle.generateKey(curve, true, ['deriveBits']);
    return new AnswerKey(publicPart(await crypto.subtle.exportKey('jwk', pair.publicKey)), pair.privateKey);
  }

  static async import(jwk: PrivateJwk): Promise<AnswerKey> {
    const privateKey = await crypto.subtle.importKey('jwk', { ...jwk }, curve, true, ['deriveBits']);
    return new AnswerKey(publicPart(jwk), privateKey);
  }

  /** The private key; whoever has it reads the answers. */
  async export(): Promise<PrivateJwk> {
    const { d } = await crypto.subtle.exportKey('jwk', this.#privateKey);
    return { ...this.publicJwk, d: d ?? '' };
  }

  /**
   * Decrypts an answer.
   * @throws VitaledgerError `INTEGRITY` when it was altered or encrypted to another key
   */
  async open(jwe: string): Promise<unknown> {
    try {
      const { plaintext } = await compactDecrypt(jwe, this.#privateKey, {
        keyManagementAlgorithms: ['ECDH-ES+A256KW'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return JSON.parse(new TextDecoder().decode(plaintext)) as unknown;
    } catch (cause) {
      const message =
        'The answer cannot be decrypted: it was altered, or encrypted to another key than the one asked for';
      throw new VitaledgerError('INTEGRITY', message, {}, { cause });
    }
  }
}

/** The members that identify a public key (RFC 7638 §3.2), and no others. */
export function publicPart(jwk: JWK | PublicJwk): PublicJwk {
  const { x, y } = jwk;
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256' || x === undefined || y === undefined) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'The key must be an elliptic curve key on P-256');
  }
  return { crv: 'P-256', kty: 'EC', x, y };
}
