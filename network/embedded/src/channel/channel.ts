import type { common } from '@hyperledger/fabric-protos';
import { ChaincodeDirectory } from '../chaincode/definition.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { ChannelLedger, ValidationCode } from '../ledger/ledger.js';
import type { LedgerImage } from '../ledger/ledger-image.js';
import type { Log } from '../log.js';
import { buildBlock } from '../ordering/block-builder.js';
import type { BroadcastAnswer } from '../ordering/message-filter.js';
import { LedgerConfigurationError } from '../options.js';
import { OrderingService, type OrderedMessage } from '../ordering/ordering-service.js';
import { BlockValidator } from '../validation/block-validator.js';
import type { ChannelConfiguration } from './channel-configuration.js';
import { ChannelMeasurements } from './channel-measurements.js';
import { CommitNotifier } from './commit-notifier.js';

export interface ChannelParameters {
  readonly configuration: ChannelConfiguration;
  readonly ledger: ChannelLedger;
  /** MSP ids of the organizations whose peers have joined. */
  readonly organizationsWithPeers: readonly string[];
  readonly ordering: 'instant' | 'fabric';
  readonly ordererIdentity: SigningIdentity;
  readonly log: Log;
  /** Called after a block that wrote to `_lifecycle`, before anybody hears of it. */
  readonly definitionsChanged: (channel: Channel) => Promise<void>;
}

/** A channel of this process: its configuration, chaincodes and ledger, and the way from envelopes to committed blocks. */
export class Channel {
  readonly name: string;
  readonly configuration: ChannelConfiguration;
  readonly chaincodes: ChaincodeDirectory;
  readonly ledger: ChannelLedger;
  readonly commits = new CommitNotifier();
  readonly measured = new ChannelMeasurements();
  readonly #ordererIdentity: SigningIdentity;
  readonly #ordering: OrderingService;
  readonly #validator: BlockValidator;
  readonly #definitionsChanged: ChannelParameters['definitionsChanged'];
  #transactions = 0;

  constructor({
    configuration,
    ledger,
    organizationsWithPeers,
    ordering,
    ordererIdentity,
    log,
    definitionsChanged,
  }: ChannelParameters) {
    this.#definitionsChanged = definitionsChanged;
    this.name = configuration.channel;
    this.configuration = configuration;
    this.ledger = ledger;
    this.chaincodes = new ChaincodeDirectory(configuration, organizationsWithPeers);
    this.#ordererIdentity = ordererIdentity;
    this.#validator = new BlockValidator(configuration, this.chaincodes, ledger);
    this.#ordering = new OrderingService({
      configuration,
      mode: ordering,
      log,
      commit: (batch) => this.#commit(batch),
    });
  }

  /** Names the orderer in errors. */
  get ordererMspId(): string {
    return this.#ordererIdentity.mspId;
  }

  /** Transactions committed since the start, valid or not. */
  get transactions(): number {
    return this.#transactions;
  }

  broadcast(envelope: common.Envelope): Promise<BroadcastAnswer> {
    return this.#ordering.broadcast(envelope);
  }

  /**
   * Orders transactions of the ledger's own, in a block that is cut at once; resolves with their codes by transaction id.
   * Throws LedgerConfigurationError when the channel has stopped.
   */
  async order(envelopes: ReadonlyMap<string, common.Envelope>): Promise<ReadonlyMap<string, ValidationCode>> {
    const committed = [...envelopes.keys()].map(
      (transactionId) =>
        new Promise<[string, ValidationCode]>((resolve) => {
          this.commits.listen(transactionId, ({ code }) => {
            resolve([transactionId, code]);
          });
        }),
    );
    this.#ordering.order([...envelopes.values()]);
    const stopped = this.#ordering.failure.then((reason) => {
      throw new LedgerConfigurationError(reason);
    });
    return new Map(await Promise.race([Promise.all(committed), stopped]));
  }

  /** Everything that it holds, once what was submitted is in blocks. */
  async image(): Promise<LedgerImage> {
    await this.#ordering.drain();
    return this.ledger.image();
  }

  /** Becomes what an image of it holds. Throws LedgerStorageError for one of another channel. */
  async restore(image: LedgerImage): Promise<void> {
    await this.#ordering.drain();
    await this.ledger.restore(image);
    await this.#definitionsChanged(this);
  }

  async close(): Promise<void> {
    await this.#ordering.close();
    await this.ledger.close();
  }

  async #commit(batch: readonly OrderedMessage[]): Promise<void> {
    const started = performance.now();
    const block = await buildBlock(
      Number(this.ledger.height),
      this.ledger.lastHash,
      batch.map(({ envelope }) => envelope),
      this.#ordererIdentity,
    );
    const codes = this.#validator.validate(batch.map(({ opened }) => opened));
    const committed = await this.ledger.commit([{ block, codes }], this.chaincodes);
    this.#transactions += batch.length;
    if (this.#validator.takeDefinitionsWritten()) {
      await this.#definitionsChanged(this);
    }
    for (const each of committed) {
      this.measured.committed(each.codes, performance.now() - started);
      this.commits.committed(each);
    }
  }
}
