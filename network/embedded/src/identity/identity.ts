import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';
import type { msp } from '@hyperledger/fabric-protos';
import { principalKey } from '../policy/principal-sets.js';
import type { Msp } from './msp.js';
import type { VerifiedSignatures } from './signature.js';

/** An identity of one MSP: a certificate, which need not be valid (`invalidity` says so). */
export class Identity {
  /** SHA-256 of the certificate, hex: two identities are the same when MSP and id are. */
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly organizationalUnits: readonly string[];
  readonly expiresAt: Date;
  readonly #signatures: VerifiedSignatures;
  readonly #roles = new Map<string, boolean>();
  #invalidity: string | undefined | null = null;

  constructor(
    readonly msp: Msp,
    readonly certificate: X509Certificate,
    signatures: VerifiedSignatures,
  ) {
    this.id = createHash('sha256').update(certificate.raw).digest('hex');
    this.publicKey = certificate.publicKey;
    this.organizationalUnits = organizationalUnits(certificate);
    this.expiresAt = new Date(certificate.validTo);
    this.#signatures = signatures;
  }

  get mspId(): string {
    return this.msp.mspId;
  }

  /** Why the MSP does not accept this identity, or undefined. Says nothing of expiry, which has checks of its own. */
  get invalidity(): string | undefined {
    if (this.#invalidity === null) {
      this.#invalidity = this.msp.invalidity(this);
    }
    return this.#invalidity;
  }

  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return this.#signatures.verify(this.id, this.publicKey, message, signature);
  }

  /** Makes the same {@link verify} cheap, without keeping the event loop from other work. */
  verifyAhead(message: Uint8Array, signature: Uint8Array): Promise<void> {
    return this.#signatures.verifyAhead(this.id, this.publicKey, message, signature);
  }

  satisfies(principal: msp.MSPPrincipal): boolean {
    const key = principalKey(principal);
    let satisfied = this.#roles.get(key);
    if (satisfied === undefined) {
      satisfied = this.msp.satisfies(this, principal);
      this.#roles.set(key, satisfied);
    }
    return satisfied;
  }

  isExpired(at: Date = new Date()): boolean {
    return at > this.expiresAt;
  }
}

/** OU values of the subject; Node gives one as a string and several as an array. */
export function organizationalUnits(certificate: X509Certificate): readonly string[] {
  const subject = certificate.toLegacyObject().subject as unknown as {
    readonly OU?: string | string[];
  };
  const units = subject.OU;
  return typeof units === 'string' ? [units] : (units ?? []);
}
