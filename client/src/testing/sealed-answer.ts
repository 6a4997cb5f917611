import { publicKeyOf, type PublicJwk } from '@vitaledger/domain';
import { CompactEncrypt } from 'jose';

/** An answer as a custodian encrypts it to whoever asked. */
export async function sealed(value: unknown, to: PublicJwk): Promise<string> {
  return new CompactEncrypt(Buffer.from(JSON.stringify(value)))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', cty: 'json' })
    .encrypt(publicKeyOf(to));
}
