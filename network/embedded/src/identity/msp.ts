import { createHash, X509Certificate } from 'node:crypto';
import { msp as protos } from '@hyperledger/fabric-protos';
import { Identity } from './identity.js';
import { normalizeSerial, readRevocationList, type RevocationList } from './revocation.js';
import { curveOf, type VerifiedSignatures } from './signature.js';

/** An MSP configuration that cannot be used; the message names the MSP and what to correct. */
export class MspConfigurationError extends Error {
  override readonly name = 'MspConfigurationError';
}

type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

interface NodeUnit {
  readonly unit: string;
  /** SHA-256 over the chain that must have certified the identity; undefined: any chain of this MSP. */
  readonly certifier: string | undefined;
}

const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const anyExtendedKeyUsage = '2.5.29.37.0';

/**
 * A membership service provider with X.509 identities (msp/mspimpl.go, version 1.4.3 and later): certification chain,
 * revocation, NodeOU roles. A certificate is judged at its own start of validity, as Fabric does, so that old blocks
 * stay verifiable; the endorser, the orderer and deliver refuse what has expired by now.
 */
export class Msp {
  readonly mspId: string;
  readonly tlsRootCertificates: readonly string[];
  readonly #roots: readonly X509Certificate[];
  readonly #intermediates: readonly X509Certificate[];
  readonly #admins: ReadonlySet<string>;
  readonly #revocations: readonly RevocationList[];
  readonly #nodeUnits: ReadonlyMap<NodeRole, NodeUnit> | undefined;
  readonly #ed25519: boolean;
  readonly #signatures: VerifiedSignatures;

  constructor(
    configuration: protos.FabricMSPConfig,
    signatures: VerifiedSignatures,
    options = { ed25519: false },
  ) {
    this.mspId = configuration.getName();
    this.#signatures = signatures;
    this.#ed25519 = options.ed25519;
    this.#roots = this.#certificates('cacerts', configuration.getRootCertsList_asU8());
    if (this.#roots.length === 0) {
      throw new MspConfigurationError(`MSP ${this.mspId}: expected at least one CA certificate in cacerts`);
    }
    this.#intermediates = this.#certificates(
      'intermediatecerts',
      configuration.getIntermediateCertsList_asU8(),
    );
    this.tlsRootCertificates = configuration
      .getTlsRootCertsList_asU8()
      .map((pem) => Buffer.from(pem).toString('utf8'));
    this.#revocations = configuration
      .getRevocationListList_asU8()
      .map((bytes) => this.#revocationList(bytes));
    this.#checkAuthorities();
    this.#nodeUnits = this.#readNodeUnits(configuration.getFabricNodeOus());
    const admins = this.#certificates('admincerts', configuration.getAdminsList_asU8());
    this.#admins = new Set(admins.map((certificate) => certificate.fingerprint256));
    if (admins.length === 0 && this.#nodeUnits?.has('admin') !== true) {
      throw new MspConfigurationError(
        `MSP ${this.mspId}: administrators must be declared when no admin ou classification is set`,
      );
    }
  }

  /**
   * The identity in a PEM certificate; throws when it is not one. An ECDSA certificate that none of the authorities issued
   * is not one either: Fabric needs the issuer to bring its signature into low-S form.
   */
  identity(pem: Uint8Array): Identity {
    const certificate = new X509Certificate(pem);
    const chain =
      certificate.ca || certificate.publicKey.asymmetricKeyType !== 'ec' ? [] : this.#chain(certificate);
    if (typeof chain === 'string') {
      throw new Error(chain);
    }
    return new Identity(this, certificate, this.#signatures);
  }

  /** Why this MSP does not accept an identity, or undefined. */
  invalidity(identity: Identity): string | undefined {
    const { certificate } = identity;
    if (certificate.ca) {
      return 'a certificate authority cannot be used as an identity';
    }
    if (!this.#supportsKey(identity)) {
      return 'the public key algorithm is not supported';
    }
    const chain = this.#chain(certificate);
    if (typeof chain === 'string') {
      return chain;
    }
    return this.#revocationError(certificate, chain) ?? this.#unitError(identity, chain);
  }

  satisfies(identity: Identity, principal: protos.MSPPrincipal): boolean {
    const bytes = principal.getPrincipal_asU8();
    const kind = protos.MSPPrincipal.Classification;
    switch (principal.getPrincipalClassification()) {
      case kind.ROLE:
        return this.#satisfiesRole(identity, protos.MSPRole.deserializeBinary(bytes));
      case kind.ORGANIZATION_UNIT:
        return this.#satisfiesUnit(identity, protos.OrganizationUnit.deserializeBinary(bytes));
      case kind.IDENTITY:
        return this.#satisfiesIdentity(identity, protos.SerializedIdentity.deserializeBinary(bytes));
      case kind.COMBINED: {
        const parts = protos.CombinedPrincipal.deserializeBinary(bytes).getPrincipalsList();
        return parts.length > 0 && parts.every((part) => this.satisfies(identity, part));
      }
      case kind.ANONYMITY:
        return (
          protos.MSPIdentityAnonymity.deserializeBinary(bytes).getAnonymityType() ===
          protos.MSPIdentityAnonymity.MSPIdentityAnonymityType.NOMINAL
        );
      default:
        return false;
    }
  }

  #supportsKey(identity: Identity): boolean {
    return (
      curveOf(identity.publicKey) !== undefined ||
      (this.#ed25519 && identity.publicKey.asymmetricKeyType === 'ed25519')
    );
  }

  #satisfiesRole(identity: Identity, role: protos.MSPRole): boolean {
    if (role.getMspIdentifier() !== this.mspId) {
      return false;
    }
    const roles = protos.MSPRole.MSPRoleType;
    switch (role.getRole()) {
      case roles.MEMBER:
        return identity.invalidity === undefined;
      case roles.ADMIN:
        return this.#admins.has(identity.certificate.fingerprint256) || this.#hasRole(identity, 'admin');
      case roles.CLIENT:
        return this.#hasRole(identity, 'client');
      case roles.PEER:
        return this.#hasRole(identity, 'peer');
      case roles.ORDERER:
        return this.#hasRole(identity, 'orderer');
      default:
        return false;
    }
  }

  #hasRole(identity: Identity, role: NodeRole): boolean {
    const unit = this.#nodeUnits?.get(role)?.unit;
    return (
      unit !== undefined && identity.invalidity === undefined && identity.organizationalUnits.includes(unit)
    );
  }

  #satisfiesUnit(identity: Identity, wanted: protos.OrganizationUnit): boolean {
    if (wanted.getMspIdentifier() !== this.mspId || identity.invalidity !== undefined) {
      return false;
    }
    const chain = this.#chain(identity.certificate);
    return (
      typeof chain !== 'string' &&
      identity.organizationalUnits.includes(wanted.getOrganizationalUnitIdentifier()) &&
      chainIdentifier(chain) === Buffer.from(wanted.getCertifiersIdentifier_asU8()).toString('hex')
    );
  }

  #satisfiesIdentity(identity: Identity, wanted: protos.SerializedIdentity): boolean {
    if (wanted.getMspid() !== this.mspId) {
      return false;
    }
    const other = new X509Certificate(wanted.getIdBytes_asU8());
    return other.raw.equals(identity.certificate.raw) && identity.invalidity === undefined;
  }

  /** Authorities from the issuer to a root, or why there is no such chain. */
  #chain(certificate: X509Certificate): readonly X509Certificate[] | string {
    const at = new Date(Date.parse(certificate.validFrom) + 1000);
    const chain: X509Certificate[] = [];
    let current = certificate;
    for (;;) {
      const issuer = this.#issuerOf(current, at);
      if (issuer === undefined) {
        return 'certificate signed by unknown authority';
      }
      chain.push(issuer.certificate);
      if (issuer.isRoot) {
        return extendedKeyUsageError(certificate) ?? chain;
      }
      if (chain.length > this.#intermediates.length + 1) {
        return 'certification chain does not end';
      }
      current = issuer.certificate;
    }
  }

  #issuerOf(
    certificate: X509Certificate,
    at: Date,
  ): { certificate: X509Certificate; isRoot: boolean } | undefined {
    const issues = (authority: X509Certificate) =>
      isValidAt(authority, at) &&
      certificate.checkIssued(authority) &&
      certificate.verify(authority.publicKey);
    const root = this.#roots.find(issues);
    if (root !== undefined) {
      return { certificate: root, isRoot: true };
    }
    const intermediate = this.#intermediates.find(issues);
    return intermediate === undefined ? undefined : { certificate: intermediate, isRoot: false };
  }

  #revocationError(certificate: X509Certificate, chain: readonly X509Certificate[]): string | undefined {
    const [issuer] = chain;
    const serial = normalizeSerial(certificate.serialNumber);
    const revoked =
      issuer !== undefined &&
      this.#revocations.some((list) => list.revoked.has(serial) && list.isSignedBy(issuer));
    return revoked ? 'the certificate has been revoked' : undefined;
  }

  /** With NodeOUs an identity has exactly one of the four roles, certified by the authority that the role names. */
  #unitError(identity: Identity, chain: readonly X509Certificate[]): string | undefined {
    if (this.#nodeUnits === undefined) {
      return undefined;
    }
    const units = [...this.#nodeUnits.values()].filter(({ unit }) =>
      identity.organizationalUnits.includes(unit),
    );
    const [only, ...others] = units;
    if (only === undefined) {
      return 'the identity does not have an OU that resolves to client, peer, orderer, or admin role';
    }
    if (others.length > 0) {
      return 'the identity must have a client, a peer, an orderer, or an admin OU role, not a combination of them';
    }
    return only.certifier === undefined || only.certifier === chainIdentifier(chain)
      ? undefined
      : 'certifiersIdentifier does not match';
  }

  #readNodeUnits(configuration: protos.FabricNodeOUs | undefined): Map<NodeRole, NodeUnit> | undefined {
    if (configuration?.getEnable() !== true) {
      return undefined;
    }
    const identifiers: readonly [NodeRole, protos.FabricOUIdentifier | undefined][] = [
      ['client', configuration.getClientOuIdentifier()],
      ['peer', configuration.getPeerOuIdentifier()],
      ['admin', configuration.getAdminOuIdentifier()],
      ['orderer', configuration.getOrdererOuIdentifier()],
    ];
    const units = new Map<NodeRole, NodeUnit>();
    for (const [role, identifier] of identifiers) {
      if (identifier !== undefined) {
        const pem = identifier.getCertificate_asU8();
        units.set(role, {
          unit: identifier.getOrganizationalUnitIdentifier(),
          certifier: pem.length === 0 ? undefined : this.#certifierOf(role, pem),
        });
      }
    }
    return units.size === 0 ? undefined : units;
  }

  #certifierOf(role: NodeRole, pem: Uint8Array): string {
    const certificate = new X509Certificate(pem);
    const isKnown = (known: X509Certificate) => known.raw.equals(certificate.raw);
    if (this.#roots.some(isKnown)) {
      return chainIdentifier([certificate]);
    }
    const chain = this.#intermediates.some(isKnown) ? this.#chain(certificate) : 'it is not there';
    if (typeof chain === 'string') {
      throw new MspConfigurationError(
        `MSP ${this.mspId}: config.yaml names a certificate for ${role} that must be in cacerts or intermediatecerts: ${chain}`,
      );
    }
    return chainIdentifier([certificate, ...chain]);
  }

  #checkAuthorities(): void {
    for (const authority of [...this.#roots, ...this.#intermediates]) {
      if (!authority.ca) {
        throw new MspConfigurationError(
          `MSP ${this.mspId}: certificate ${authority.serialNumber} is given as an authority but lacks the CA attribute`,
        );
      }
    }
    for (const intermediate of this.#intermediates) {
      const chain = this.#chain(intermediate);
      if (typeof chain === 'string') {
        throw new MspConfigurationError(
          `MSP ${this.mspId}: intermediate certificate ${intermediate.serialNumber}: ${chain}`,
        );
      }
    }
  }

  #certificates(folder: string, pems: readonly Uint8Array[]): X509Certificate[] {
    return pems.map((pem) => {
      try {
        return new X509Certificate(pem);
      } catch (error) {
        throw new MspConfigurationError(`MSP ${this.mspId}: a file in ${folder} is not a PEM certificate`, {
          cause: error,
        });
      }
    });
  }

  #revocationList(bytes: Uint8Array): RevocationList {
    try {
      return readRevocationList(bytes);
    } catch (error) {
      throw new MspConfigurationError(`MSP ${this.mspId}: a file in crls is not a revocation list`, {
        cause: error,
      });
    }
  }
}

function isValidAt(certificate: X509Certificate, at: Date): boolean {
  return new Date(certificate.validFrom) <= at && at <= new Date(certificate.validTo);
}

/** SHA-256 over the DER of the authorities that certified an identity, from its issuer to the root. */
function chainIdentifier(chain: readonly X509Certificate[]): string {
  const hash = createHash('sha256');
  for (const certificate of chain) {
    hash.update(certificate.raw);
  }
  return hash.digest('hex');
}

/** Go's verification, which Fabric uses, takes a certificate that lists purposes for a server's unless it says otherwise. */
function extendedKeyUsageError(certificate: X509Certificate): string | undefined {
  const usages = (certificate as { keyUsage?: readonly string[] }).keyUsage ?? [];
  const acceptable =
    usages.length === 0 || usages.includes(serverAuthentication) || usages.includes(anyExtendedKeyUsage);
  return acceptable ? undefined : 'certificate specifies an incompatible key usage';
}
