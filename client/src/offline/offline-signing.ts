import { connect as connectGateway, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { VitaledgerError } from '@vitaledger/domain';
import type { ConnectOptions } from '../connect.js';
import { proposalOptions } from '../connection/channel-ledger.js';
import { deadlineOptions } from '../connection/connections.js';
import { defaultDeadlines } from '../connection/deadlines.js';
import { certificateOf } from '../connection/identity.js';
import { PeerClients } from '../connection/peer-clients.js';
import type { ChannelName, ConnectionProfile } from '../connection/profile.js';
import { readProfile } from '../connection/read-profile.js';
import { lowSDer } from '../signer/native-signer.js';
import { rawSignature } from '../signer/remote-signer.js';
import { TransactionError, verdictOn, verdictOnCommit, type Call, type Phase } from '../transaction/index.js';

/** Something to be signed where the key is. It can be kept and sent as JSON. */
export interface Unsigned {
  /** What a signature allows: to run and endorse a function, to submit what was endorsed, to ask what became of it. */
  readonly step: 'proposal' | 'transaction' | 'commit';
  readonly channel: ChannelName;
  readonly transactionId: string;
  /** What is signed, base64. It holds what the function is given: send it over TLS only, and keep no copy. */
  readonly message: string;
  /** SHA-256 of the message, hexadecimal: what the key signs. */
  readonly digest: string;
}

/** What became of a transaction. */
export interface OfflineCommit {
  readonly transactionId: string;
  readonly block: bigint;
}

/** The endorsed transaction to be signed, and what the function returned. */
export interface OfflineEndorsement {
  readonly result: Uint8Array;
  readonly transaction: Unsigned;
}

/** Whereto, and as whose certificate. */
export type OfflineOptions = Pick<ConnectOptions, 'profile' | 'tls' | 'deadlines'> & {
  /** PEM, of the identity whose key is elsewhere. */
  readonly certificate: string;
};

/**
 * Transactions whose key never comes here: each step hands out a digest and takes its signature, in this process or another one, now
 * or later. A signature is ECDSA P-256 over the digest, in DER or raw.
 *
 * Nothing is repeated, since everything that is sent was signed: on a `CONFLICT` begin with a new proposal.
 *
 * @example
 * ```typescript
 * const offline = await OfflineSigning.connect({ profile, certificate });
 * const proposal = offline.propose('registry', { function: 'TrialRegistryContract:register', arguments: [record] });
 * const { result, transaction } = await offline.endorse(proposal, await device.sign(proposal.digest));
 * const commit = await offline.submit(transaction, await device.sign(transaction.digest));
 * const { block } = await offline.committed(commit, await device.sign(commit.digest));
 * ```
 */
export class OfflineSigning implements AsyncDisposable {
  readonly #profile: ConnectionProfile;
  readonly #clients: PeerClients;
  readonly #connectTo: (peer: string) => Gateway;
  readonly #gateways = new Map<string, Gateway>();

  private constructor(
    profile: ConnectionProfile,
    clients: PeerClients,
    connectTo: (peer: string) => Gateway,
  ) {
    this.#profile = profile;
    this.#clients = clients.share();
    this.#connectTo = connectTo;
  }

  /** @throws VitaledgerError `NOT_FOUND`, `INVALID_ARGUMENT` (profile, certificate), `EXPIRED` */
  static async connect({
    profile: source,
    certificate,
    tls,
    deadlines,
  }: OfflineOptions): Promise<OfflineSigning> {
    const { profile } = await readProfile(source);
    certificateOf(certificate, new Date());
    const clients = new PeerClients(profile, tls);
    const tlsHash = clients.tlsCertificateHash;
    return new OfflineSigning(profile, clients, (peer) =>
      connectGateway({
        client: clients.client(peer),
        identity: { mspId: profile.vitaledger.mspId, credentials: Buffer.from(certificate) },
        hash: hash.sha256,
        ...(tlsHash ? { tlsClientCertificateHash: tlsHash } : {}),
        ...deadlineOptions({ ...defaultDeadlines, ...deadlines }),
      }),
    );
  }

  /** A proposal to be signed. Its time is now: it must be endorsed and submitted while the channel's clock still allows it. */
  propose(channel: ChannelName, call: Call): Unsigned {
    const { chaincodes } = this.#channel(channel);
    const contract = this.#gateway(channel)
      .getNetwork(channel)
      .getContract(chaincodes[0] ?? channel);
    return unsigned('proposal', channel, contract.newProposal(call.function, proposalOptions(call)));
  }

  /** Runs a function that only reads. */
  async evaluate(proposal: Unsigned, signature: Uint8Array): Promise<Uint8Array> {
    return this.#sent(proposal, 'proposal', 'evaluate', (gateway, message) =>
      gateway.newSignedProposal(message, checked(signature)).evaluate(),
    );
  }

  /** Has the proposal endorsed. */
  async endorse(proposal: Unsigned, signature: Uint8Array): Promise<OfflineEndorsement> {
    return this.#sent(proposal, 'proposal', 'endorse', async (gateway, message) => {
      const transaction = await gateway.newSignedProposal(message, checked(signature)).endorse();
      return {
        result: transaction.getResult(),
        transaction: unsigned('transaction', proposal.channel, transaction),
      };
    });
  }

  /** Hands the transaction over for ordering. Its fate is asked for with {@link committed}. */
  async submit(transaction: Unsigned, signature: Uint8Array): Promise<Unsigned> {
    return this.#sent(transaction, 'transaction', 'submit', async (gateway, message) => {
      const submitted = await gateway.newSignedTransaction(message, checked(signature)).submit();
      return unsigned('commit', transaction.channel, submitted);
    });
  }

  /**
   * Waits until the transaction is committed.
   *
   * @throws TransactionError `CONFLICT` and others when it is in the ledger as invalid
   */
  async committed(commit: Unsigned, signature: Uint8Array): Promise<OfflineCommit> {
    const { transactionId } = commit;
    const status = await this.#sent(commit, 'commit', 'commit', (gateway, message) =>
      gateway.newSignedCommit(message, checked(signature)).getStatus(),
    );
    if (status.successful) return { transactionId, block: status.blockNumber };
    const { error } = verdictOnCommit(status.code);
    throw new TransactionError(error.code, error.message, error.details, {
      ...{ phase: 'commit', fate: 'failed', transactionId, attempts: 1, cause: error.cause },
    });
  }

  /** Ends the connections. */
  close(): void {
    for (const gateway of this.#gateways.values()) gateway.close();
    this.#gateways.clear();
    this.#clients.release();
  }

  /** As {@link close}; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  async #sent<T>(
    { step, channel, message, transactionId }: Unsigned,
    expected: Unsigned['step'],
    phase: Phase,
    send: (gateway: Gateway, message: Uint8Array) => Promise<T>,
  ): Promise<T> {
    if (step !== expected) {
      throw new VitaledgerError('INVALID_ARGUMENT', `This step takes a signed ${expected}, not a ${step}`);
    }
    const gateway = this.#gateway(channel);
    try {
      return await send(gateway, Buffer.from(message, 'base64'));
    } catch (thrown) {
      const { error, nodes = [], retry } = verdictOn(thrown);
      if (thrown instanceof VitaledgerError) throw thrown;
      // What was handed over and not answered may have been taken.
      const isOpen = retry === 'UNAVAILABLE' && (phase === 'submit' || phase === 'commit');
      throw new TransactionError(error.code, error.message, error.details, {
        ...{ phase, fate: isOpen ? 'unknown' : 'failed', transactionId, attempts: 1, cause: thrown, nodes },
      });
    }
  }

  #channel(name: ChannelName) {
    const channel = this.#profile.channels[name];
    if (channel) return channel;
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `The connection profile ${this.#profile.name} has no channel "${name}"`,
    );
  }

  #gateway(channel: ChannelName): Gateway {
    const [peer = ''] = Object.keys(this.#channel(channel).peers);
    const gateway = this.#gateways.get(peer) ?? this.#connectTo(peer);
    this.#gateways.set(peer, gateway);
    return gateway;
  }
}

interface Signable {
  getBytes(): Uint8Array;
  getDigest(): Uint8Array;
  getTransactionId(): string;
}

function unsigned(step: Unsigned['step'], channel: ChannelName, message: Signable): Unsigned {
  return {
    step,
    channel,
    transactionId: message.getTransactionId(),
    message: Buffer.from(message.getBytes()).toString('base64'),
    digest: Buffer.from(message.getDigest()).toString('hex'),
  };
}

/** In the form that peers accept. */
function checked(signature: Uint8Array): Uint8Array {
  const raw = rawSignature(signature);
  if (raw) return lowSDer(raw);
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    'The signature must be ECDSA P-256, in ASN.1 DER or raw (64 bytes)',
  );
}
