import { stringify } from 'yaml';
import { NetworkError } from '../errors/network-error.js';
import { LedgerReader } from '../inspector/ledger-reader.js';
import { readable, reportBlock, writesTo, type TransactionReport } from '../inspector/transaction-report.js';
import { whyInvalid } from '../inspector/why-invalid.js';
import { openNetwork } from '../network/start.js';

interface InspectOptions {
  readonly directory: string;
  readonly channel?: string;
  readonly json?: boolean;
}

/** One transaction: proposal, endorsements, reads and writes, and why it is invalid. */
export function transaction(options: InspectOptions, id = ''): Promise<void> {
  return reading(options, async (reader) => {
    const block = await reader.blockOf(id);
    const found = reportBlock(block).find(({ transactionId }) => transactionId === id);
    if (found === undefined) throw new NetworkError('ENGINE_FAILED', `Block and index disagree about ${id}.`);
    return presentable({ ...found, ...(await reasonOf(reader, found)) });
  });
}

/** One block: its hashes and transactions. */
export function block(options: InspectOptions, number = ''): Promise<void> {
  if (!/^\d+$/.test(number)) {
    throw new NetworkError('ENGINE_FAILED', `A block has a whole number, not ${number}.`);
  }
  return reading(options, async (reader) => {
    const found = await reader.block(Number(number));
    const transactions = [];
    for (const one of reportBlock(found)) {
      transactions.push(presentable({ ...one, ...(await reasonOf(reader, one)) }));
    }
    const header = found.getHeader();
    const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
    return {
      channel: reader.channel,
      number: header?.getNumber() ?? 0,
      previousHash: hex(header?.getPreviousHash_asU8()),
      dataHash: hex(header?.getDataHash_asU8()),
      transactions,
    };
  });
}

/** Every valid write of a key, from the first to the last. */
export function history(options: InspectOptions & { chaincode?: string }, key = ''): Promise<void> {
  return reading(options, async (reader) => {
    const entries = [];
    const height = await reader.height();
    for (let number = 0; number < height; number += 1) {
      for (const one of reportBlock(await reader.block(number))) {
        const { transactionId, time, creator, index } = one;
        for (const write of writesTo(one, options.chaincode, key)) {
          entries.push({ ...write, block: number, index, transactionId, time, creator });
        }
      }
    }
    return entries;
  });
}

async function reading(
  { directory, channel, json = false }: InspectOptions,
  work: (reader: LedgerReader) => Promise<unknown>,
): Promise<void> {
  const network = await openNetwork(directory);
  const { running } = await network.status();
  if (!running) {
    throw new NetworkError('NOT_RUNNING', 'The network does not run. Start it with "vitaledger network up".');
  }
  const reader = await LedgerReader.open(network, channel);
  try {
    const result = await work(reader);
    console.log(json ? JSON.stringify(result, undefined, 2) : stringify(result).trimEnd());
  } finally {
    reader.close();
  }
}

async function reasonOf(reader: LedgerReader, report: TransactionReport): Promise<{ why?: string }> {
  const why = await whyInvalid(reader, report);
  return why === undefined ? {} : { why };
}

/** Keys, values and hashes as text; without the parts that are empty. */
function presentable({ sets, ...report }: TransactionReport): unknown {
  return sets === undefined ? report : { ...report, sets: withoutEmpty(sets) };
}

function withoutEmpty(value: unknown): unknown {
  if (value instanceof Uint8Array) return readable(value);
  if (typeof value === 'string') return readable(Buffer.from(value));
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => !isEmpty(item))
      .map(([key, item]) => [key, withoutEmpty(item)]),
  );
}

function isEmpty(item: unknown): boolean {
  return item === undefined || item === false || (Array.isArray(item) && item.length === 0);
}
