import { canonicalJson, publicKeyOf, type PublicJwk } from '@vitaledger/domain';
import { CompactEncrypt } from 'jose';

/**
 * Encrypts an answer to the key that the reader named, so that nothing between this peer and the reader's device sees it:
 * JWE compact serialization (RFC 7516), `ECDH-ES+A256KW` on P-256, `A256GCM`, content type `json`.
 *
 * Its result differs every time, so only evaluated functions may use it.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` if the key is no point of the curve.
 */
export async function sealAnswer(answer: unknown, reader: PublicJwk): Promise<string> {
  return new CompactEncrypt(Buffer.from(canonicalJson(answer), 'utf8'))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', cty: 'json' })
    .encrypt(publicKeyOf(reader, 'encryptionKey'));
}
