import { createHash } from 'node:crypto';

import { common, peer } from '@hyperledger/fabric-protos';

import { blockDataHash, blockHeaderHash } from '../block-codec.js';
import { openChannelLedger } from '../index.js';
import type {
  ChannelLedger,
  ChannelLedgerOptions,
  CollectionDirectory,
  CollectionRules,
  CommittedBlock,
  Cursor,
  KeyValue,
  SimulationResult,
  Simulator,
  ValidationCode,
} from '../ledger.js';

/** A channel with blocks made by hand: what the ledger needs from an endorser, an orderer and a validator, no more. */

export function endorserEnvelope(transactionId: string, results: Uint8Array): Uint8Array {
  const action = new peer.ChaincodeAction();
  action.setResults(results);
  const chaincodeResponse = new peer.Response();
  chaincodeResponse.setStatus(200);
  action.setResponse(chaincodeResponse);
  const response = new peer.ProposalResponsePayload();
  response.setExtension$(action.serializeBinary());
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(response.serializeBinary());
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setAction(endorsed);
  actionPayload.setChaincodeProposalPayload(Buffer.from('proposal'));
  const transactionAction = new peer.TransactionAction();
  transactionAction.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(transactionAction);
  return envelope(common.HeaderType.ENDORSER_TRANSACTION, transactionId, transaction.serializeBinary());
}

export function envelope(type: number, transactionId: string, data: Uint8Array): Uint8Array {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(type);
  channelHeader.setTxId(transactionId);
  channelHeader.setChannelId('care');
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data);
  const message = new common.Envelope();
  message.setPayload(payload.serializeBinary());
  message.setSignature(Buffer.from('signature'));
  return message.serializeBinary();
}

export function makeBlock(
  number: bigint,
  previousHash: Uint8Array,
  envelopes: readonly Uint8Array[],
): common.Block {
  const header = new common.BlockHeader();
  header.setNumber(Number(number));
  header.setPreviousHash(previousHash);
  header.setDataHash(blockDataHash(envelopes));
  const data = new common.BlockData();
  data.setDataList([...envelopes]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(new common.BlockMetadata());
  return block;
}

export function genesisBlock(content = 'channel configuration'): common.Block {
  return makeBlock(0n, new Uint8Array(), [envelope(common.HeaderType.CONFIG, '', Buffer.from(content))]);
}

export interface Proposal {
  readonly id: string;
  readonly result: SimulationResult;
}

export const MEMBERS: CollectionRules = {
  members: ['HospitalMSP', 'ClinicMSP'],
  memberOnlyRead: false,
  memberOnlyWrite: false,
  blockToLive: 0n,
};

export class TestChannel implements CollectionDirectory {
  readonly collections = new Map<string, CollectionRules>();
  #transactions = 0;

  private constructor(
    readonly options: ChannelLedgerOptions,
    public ledger: ChannelLedger,
  ) {}

  static async open(options: Partial<ChannelLedgerOptions> = {}): Promise<TestChannel> {
    const all = { channel: 'care', directory: undefined, genesis: genesisBlock(), ...options };
    return new TestChannel(all, await openChannelLedger(all));
  }

  async reopen(): Promise<void> {
    await this.ledger.close();
    this.ledger = await openChannelLedger(this.options);
  }

  collection(namespace: string, name: string): CollectionRules | undefined {
    return this.collections.get(`${namespace}/${name}`);
  }

  simulator(options: { transactionId?: string; mspId?: string; creatorMspId?: string } = {}): Simulator {
    return this.ledger.simulate({
      transactionId: 'tx',
      mspId: 'HospitalMSP',
      creatorMspId: 'HospitalMSP',
      collections: this,
      ...options,
    });
  }

  /** Runs something on a snapshot and gives back what it returns. */
  async read<T>(work: (simulator: Simulator) => Promise<T>, mspId = 'HospitalMSP'): Promise<T> {
    const simulator = this.simulator({ mspId });
    try {
      return await work(simulator);
    } finally {
      await simulator.release();
    }
  }

  /** Endorses: simulates, and keeps the private writes unless told otherwise. */
  async propose(
    work: (simulator: Simulator) => unknown,
    options: { id?: string; keep?: boolean } = {},
  ): Promise<Proposal> {
    const id = options.id ?? createHash('sha256').update(`transaction ${this.#transactions++}`).digest('hex');
    const simulator = this.simulator({ transactionId: id });
    try {
      await work(simulator);
      const result = simulator.result();
      if (result.privateWrites !== undefined && options.keep !== false) {
        await this.ledger.keepPrivateWrites(id, result.privateWrites);
      }
      return { id, result };
    } finally {
      await simulator.release();
    }
  }

  /** Commits blocks of proposals in one group; every code is VALID before the ledger decides. */
  commitGroup(blocks: readonly (readonly Proposal[])[]): Promise<readonly CommittedBlock[]> {
    let number = this.ledger.height;
    let previous = this.ledger.lastHash;
    const inputs = blocks.map((proposals) => {
      const envelopes = proposals.map(({ id, result }) => endorserEnvelope(id, result.publicReadWriteSet));
      const block = makeBlock(number++, previous, envelopes);
      previous = blockHeaderHash(block.getHeader() ?? new common.BlockHeader());
      return { block, codes: envelopes.map((): ValidationCode => 0) };
    });
    return this.ledger.commit(inputs, this);
  }

  async commit(...proposals: readonly Proposal[]): Promise<readonly ValidationCode[]> {
    const [block] = await this.commitGroup([proposals]);
    return block?.codes ?? [];
  }

  /** Endorses and commits one transaction in a block of its own. */
  async submit(work: (simulator: Simulator) => unknown): Promise<ValidationCode | undefined> {
    const [code] = await this.commit(await this.propose(work));
    return code;
  }

  async emptyBlocks(count: number): Promise<void> {
    for (let made = 0; made < count; made++) {
      await this.submit(() => undefined);
    }
  }
}

export function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
}

export function bytes(value: string): Uint8Array {
  return Buffer.from(value, 'utf8');
}

export async function keysOf(cursor: Cursor<KeyValue>): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const page = await cursor.next(100);
    if (page.length === 0) {
      return keys;
    }
    keys.push(...page.map(({ key }) => key));
  }
}
