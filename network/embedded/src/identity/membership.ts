import { msp as protos } from '@hyperledger/fabric-protos';
import type { Identity } from './identity.js';
import type { Msp } from './msp.js';

/** What somebody signed: the message, the serialized identity (`msp.SerializedIdentity`) and the signature. */
export interface SignedData {
  readonly data: Uint8Array;
  readonly identity: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The MSPs of a channel. Parsing a certificate costs more than verifying a signature, so identities are kept by their
 * serialized bytes.
 */
export class Membership {
  readonly #msps: ReadonlyMap<string, Msp>;
  readonly #identities = new Map<string, Identity>();
  readonly #limit: number;

  constructor(msps: Iterable<Msp>, limit = 5_000) {
    this.#msps = new Map([...msps].map((msp) => [msp.mspId, msp]));
    this.#limit = limit;
  }

  msp(mspId: string): Msp | undefined {
    return this.#msps.get(mspId);
  }

  /** The identity, valid or not; undefined when its MSP is unknown or the bytes are not a certificate. */
  identity(serialized: Uint8Array): Identity | undefined {
    const key = Buffer.from(serialized.buffer, serialized.byteOffset, serialized.byteLength).toString(
      'latin1',
    );
    const known = this.#identities.get(key);
    if (known !== undefined) {
      return known;
    }
    const identity = this.#deserialize(serialized);
    if (identity !== undefined) {
      this.#remember(key, identity);
    }
    return identity;
  }

  /** Signers whose signature is good, each once, whether or not their certificates are valid (policies look at that). */
  signers(signed: readonly SignedData[]): readonly Identity[] {
    const signers = new Map<string, Identity>();
    for (const { data, identity: serialized, signature } of signed) {
      const identity = this.identity(serialized);
      if (identity !== undefined) {
        const key = `${identity.mspId} ${identity.id}`;
        if (!signers.has(key) && identity.verify(data, signature)) {
          signers.set(key, identity);
        }
      }
    }
    return [...signers.values()];
  }

  /** Verifies a signature on another thread, so that {@link signers} need not; who it is and whether it is good, they say. */
  async verifyAhead({ data, identity, signature }: SignedData): Promise<void> {
    await this.identity(identity)?.verifyAhead(data, signature);
  }

  #deserialize(serialized: Uint8Array): Identity | undefined {
    try {
      const message = protos.SerializedIdentity.deserializeBinary(serialized);
      return this.#msps.get(message.getMspid())?.identity(message.getIdBytes_asU8());
    } catch {
      // Whatever is wrong with bytes that a stranger sent, the answer is the same: this is nobody we know.
      return undefined;
    }
  }

  #remember(key: string, identity: Identity): void {
    if (this.#identities.size >= this.#limit) {
      const [oldest] = this.#identities.keys();
      if (oldest !== undefined) {
        this.#identities.delete(oldest);
      }
    }
    this.#identities.set(key, identity);
  }
}
