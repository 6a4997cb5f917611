import { verify, X509Certificate } from 'node:crypto';
import { msp } from '@hyperledger/fabric-protos';
import type { PortableProof, ProofEndorsement } from '@vitaledger/domain';
import { lowSDer } from '../signer/native-signer.js';
import { decoded, unproven } from './unproven.js';

/** What an endorser is held against. */
export interface EndorserTrust {
  /** Root certificates by MSP id. */
  readonly roots: ReadonlyMap<string, readonly X509Certificate[]>;
  readonly intermediates: PortableProof['intermediates'];
  /** When the endorsement was made. */
  readonly at: string;
}

/** Certificates between an endorser's and its root, at most. */
const longestChain = 5;
/** Fabric's node OU of peers, as `config.yaml` of an MSP names it by default: clients and admins of an organization do not endorse. */
const peerUnit = 'peer';
const scalarBytes = 32;

/**
 * Verifies one endorsement: a signature over response and endorser, by a peer's certificate that leads to a root of its organization.
 *
 * @returns the endorser's MSP id.
 */
export function verifyEndorsement(
  endorsement: ProofEndorsement,
  response: Buffer,
  trust: EndorserTrust,
): string {
  const endorser = Buffer.from(endorsement.endorser, 'base64');
  const [mspId, certificate] = decoded('ENDORSEMENT', 'endorser', () => {
    const identity = msp.SerializedIdentity.deserializeBinary(endorser);
    const pem = Buffer.from(identity.getIdBytes_asU8());
    return [identity.getMspid(), new X509Certificate(pem)] as const;
  });
  const roots = trust.roots.get(mspId);
  if (!roots) {
    throw unproven(
      'UNKNOWN_ORGANIZATION',
      'an organization signed it whose root certificate is not known; get it from that organization',
      { organization: mspId },
    );
  }
  checkPeer(certificate, mspId, trust.at);
  checkChain(certificate, roots, intermediatesOf(mspId, trust.intermediates), mspId, trust.at);
  checkSignature(certificate, Buffer.concat([response, endorser]), endorsement.signature, mspId);
  return mspId;
}

function intermediatesOf(
  mspId: string,
  intermediates: EndorserTrust['intermediates'],
): readonly X509Certificate[] {
  const own = Object.hasOwn(intermediates, mspId) ? (intermediates[mspId] ?? []) : [];
  return decoded('CERTIFICATE', 'intermediate certificate', () => own.map((pem) => new X509Certificate(pem)));
}

function checkPeer(certificate: X509Certificate, organization: string, at: string): void {
  if (certificate.ca) throw unproven('CERTIFICATE', 'a certificate authority signed it', { organization });
  const subject = certificate.toLegacyObject().subject as { readonly OU?: string | string[] } | undefined;
  if (![subject?.OU ?? []].flat().includes(peerUnit))
    throw unproven('CERTIFICATE', 'somebody else than a peer signed it', { organization });
  checkValidity(certificate, organization, at);
}

/** From the endorser's certificate to a root, each verified with the key of the next. */
function checkChain(
  certificate: X509Certificate,
  roots: readonly X509Certificate[],
  intermediates: readonly X509Certificate[],
  organization: string,
  at: string,
): void {
  let current = certificate;
  for (let length = 0; length < longestChain; length++) {
    const issued = (issuer: X509Certificate): boolean =>
      issuer.ca &&
      current.checkIssued(issuer) &&
      decoded('CERTIFICATE', 'certificate', () => current.verify(issuer.publicKey));
    const root = roots.find(issued);
    const issuer = root ?? intermediates.find(issued);
    if (!issuer) break;
    checkValidity(issuer, organization, at);
    if (root) return;
    current = issuer;
  }
  throw unproven(
    'CERTIFICATE',
    "an endorser's certificate does not lead to a root certificate of its organization",
    { organization },
  );
}

function checkValidity(certificate: X509Certificate, organization: string, at: string): void {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const time = Date.parse(at);
  if (!(from <= time && time <= to))
    throw unproven('CERTIFICATE', 'a certificate was not valid when it was made', { organization });
}

/** Exactly one encoding of exactly one of the two equivalent signatures, as peers make them. */
function checkSignature(
  certificate: X509Certificate,
  message: Buffer,
  signature: string,
  organization: string,
): void {
  const publicKey = decoded('CERTIFICATE', "endorser's key", () => certificate.publicKey);
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw unproven('CERTIFICATE', "an endorser's key is not on the curve P-256", { organization });
  const der = Buffer.from(signature, 'base64');
  const raw = rawSignature(der);
  const isStrict = raw !== undefined && der.equals(lowSDer(raw));
  if (!isStrict || !verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw))
    throw unproven('ENDORSEMENT', 'a signature is not the one of its endorser', { organization });
}

/** `r ‖ s` of an ASN.1 DER signature; lenient, since it is encoded again and compared. */
function rawSignature(der: Buffer): Buffer | undefined {
  const first = integer(der, 2);
  const second = first && integer(der, first.end);
  return second && Buffer.concat([first.value, second.value]);
}

function integer(der: Buffer, start: number): { readonly value: Buffer; readonly end: number } | undefined {
  const end = start + 2 + (der[start + 1] ?? 0);
  const digits = der.subarray(start + 2, end);
  const magnitude = digits[0] === 0 ? digits.subarray(1) : digits;
  if (magnitude.length === 0 || magnitude.length > scalarBytes) return undefined;
  return { value: Buffer.concat([Buffer.alloc(scalarBytes - magnitude.length), magnitude]), end };
}
