import { X509Certificate } from 'node:crypto';
import { VitaledgerError } from '@vitaledger/domain';
import { nativeSigner, type MessageSigner } from '../signer/native-signer.js';
import { remoteSigner, type DigestSigner } from '../signer/remote-signer.js';
import { certificateOf, readIdentity, type IdentitySource } from './identity.js';
import type { WalletIdentity } from './wallet.js';

/** An identity whose private key is not here. */
export interface RemoteIdentity {
  /** PEM. */
  readonly certificate: string;
  readonly sign: DigestSigner;
}

/** Whom to connect as: a folder, PEM, an identity of a {@link Wallet}, or one whose key is elsewhere. */
export type ConnectIdentity = IdentitySource | WalletIdentity | RemoteIdentity;

/** An identity that can sign, wherever its key is. */
export interface SigningIdentity {
  /** PEM. */
  readonly certificate: string;
  readonly sign: MessageSigner;
  /** When the certificate ends. */
  readonly expires: Date;
}

/**
 * @throws VitaledgerError as {@link readIdentity} does; `INVALID_ARGUMENT` when the identity is a member of another organization than
 *   `mspId`
 */
export async function signingIdentity(
  source: ConnectIdentity,
  mspId: string,
  now = new Date(),
): Promise<SigningIdentity> {
  checkMember(source, mspId);
  if (typeof source === 'object' && 'sign' in source) {
    const certificate = certificateOf(source.certificate, now);
    return {
      certificate: source.certificate,
      sign: remoteSigner(certificate, source.sign),
      expires: new Date(certificate.validTo),
    };
  }
  const { certificate, privateKey } = await readIdentity(source, now);
  return {
    certificate,
    sign: nativeSigner(privateKey),
    expires: new Date(new X509Certificate(certificate).validTo),
  };
}

function checkMember(source: ConnectIdentity, mspId: string): void {
  if (typeof source === 'string' || !('mspId' in source) || source.mspId === mspId) return;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `The identity is of ${source.mspId}, and the connection profile is for ${mspId}: use one of both for the other`,
  );
}

const day = 86_400_000;

/**
 * Says so when a certificate ends soon, since then nothing goes any more: to `onExpiry`, or as a warning of the process.
 *
 * @param within days before the end in which it is told
 */
export function warnOfExpiry(
  { expires }: Pick<SigningIdentity, 'expires'>,
  onExpiry?: (expires: Date) => void,
  within = 30,
  now = new Date(),
): void {
  const days = Math.floor((expires.getTime() - now.getTime()) / day);
  if (days >= within) return;
  if (onExpiry) {
    onExpiry(expires);
    return;
  }
  const when = days < 1 ? 'in less than a day' : `in ${days} days`;
  process.emitWarning(`The identity's certificate ends ${when} (${expires.toISOString()}): enrol it again`, {
    type: 'VitaledgerWarning',
    code: 'CERTIFICATE_EXPIRES',
  });
}
