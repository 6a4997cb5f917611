import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { VitaledgerError } from '@vitaledger/domain';
import { defaultDeadlines, type Deadlines } from './deadlines.js';
import type { PeerClients } from './peer-clients.js';
import type { SigningIdentity } from './signing-identity.js';

/** One identity's gateways to peers, over connections that others may share. */
export class Connections {
  readonly mspId: string;
  readonly #identity: SigningIdentity;
  readonly #clients: PeerClients;
  readonly #deadlines: Deadlines;
  readonly #open = new Map<string, Gateway>();
  #closed = false;

  constructor(
    mspId: string,
    identity: SigningIdentity,
    clients: PeerClients,
    deadlines: Deadlines = defaultDeadlines,
  ) {
    this.mspId = mspId;
    this.#identity = identity;
    this.#clients = clients.share();
    this.#deadlines = deadlines;
  }

  get certificate(): string {
    return this.#identity.certificate;
  }

  /** @throws VitaledgerError `PRECONDITION_FAILED` after {@link close} */
  gateway(peerName: string): Gateway {
    this.checkOpen();
    let gateway = this.#open.get(peerName);
    if (!gateway) {
      gateway = this.#connect(peerName);
      this.#open.set(peerName, gateway);
    }
    return gateway;
  }

  /** @throws VitaledgerError `PRECONDITION_FAILED` after {@link close} */
  checkOpen(): void {
    if (this.#closed) {
      throw new VitaledgerError('PRECONDITION_FAILED', 'The connection is closed; connect again');
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const gateway of this.#open.values()) gateway.close();
    this.#open.clear();
    this.#clients.release();
  }

  #connect(peerName: string): Gateway {
    const tlsHash = this.#clients.tlsCertificateHash;
    return connect({
      client: this.#clients.client(peerName),
      identity: { mspId: this.mspId, credentials: Buffer.from(this.certificate) },
      signer: this.#identity.sign,
      hash: hash.none,
      ...(tlsHash ? { tlsClientCertificateHash: tlsHash } : {}),
      ...deadlineOptions(this.#deadlines),
    });
  }
}

/** Deadlines as the gateway takes them. */
export function deadlineOptions(deadlines: Deadlines) {
  return {
    evaluateOptions: deadline(deadlines.evaluate),
    endorseOptions: deadline(deadlines.endorse),
    submitOptions: deadline(deadlines.submit),
    commitStatusOptions: deadline(deadlines.commitStatus),
  };
}

function deadline(milliseconds: number): () => { deadline: number } {
  return () => ({ deadline: Date.now() + milliseconds });
}
