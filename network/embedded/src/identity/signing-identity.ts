import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { msp as protos } from '@hyperledger/fabric-protos';
import { MspConfigurationError } from './msp.js';
import { signLowSApart, type VerifiedSignatures } from './signature.js';

/** A peer's or orderer's own identity: it signs endorsements or blocks. */
export class SigningIdentity {
  /** `msp.SerializedIdentity` bytes. */
  readonly serialized: Uint8Array;
  readonly #id: string;
  readonly #privateKey: KeyObject;
  readonly #signatures: VerifiedSignatures;

  /** Throws MspConfigurationError when the key is not the certificate's. */
  constructor(
    readonly mspId: string,
    certificatePem: string,
    privateKeyPem: string,
    signatures: VerifiedSignatures,
  ) {
    const certificate = readCertificate(mspId, certificatePem);
    this.#privateKey = readPrivateKey(mspId, privateKeyPem);
    if (!certificate.checkPrivateKey(this.#privateKey)) {
      throw new MspConfigurationError(
        `MSP ${mspId}: the signing key does not belong to the signing certificate (serial ${certificate.serialNumber})`,
      );
    }
    this.#id = createHash('sha256').update(certificate.raw).digest('hex');
    this.#signatures = signatures;
    const identity = new protos.SerializedIdentity();
    identity.setMspid(mspId);
    identity.setIdBytes(Buffer.from(certificatePem));
    this.serialized = identity.serializeBinary();
  }

  async sign(message: Uint8Array): Promise<Uint8Array> {
    const signature = await signLowSApart(this.#privateKey, message);
    this.#signatures.add(this.#id, message, signature);
    return signature;
  }
}

function readCertificate(mspId: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new MspConfigurationError(`MSP ${mspId}: the signing certificate is not a PEM certificate`, {
      cause: error,
    });
  }
}

function readPrivateKey(mspId: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new MspConfigurationError(`MSP ${mspId}: the signing key is not a PEM private key`, {
      cause: error,
    });
  }
}
