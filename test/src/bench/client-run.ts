import { connect, type Vitaledger } from '@vitaledger/client';
import { startNetwork, type Network } from '@vitaledger/network';
import type { Contract } from '@hyperledger/fabric-gateway';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cannedReplies, ended, portOf } from './ceiling.js';
import { GatewayClient } from './gateway-client.js';
import { load, median, type LoadResult } from './load.js';
import type { Result } from './results.js';
import { ratioOf } from './rounds.js';
import { loadTopology } from './topology.js';

/** What the SDK's signer must reach of the stock one, and what the SDK may add to the processor time of Fabric's own client. */
export const CLIENT_GATES = { signer: 3, overhead: 1.05 } as const;

const IN_FLIGHT = 64;
/** Calls of each kind that are not measured. */
const WARM_UP = 2000;

/** Fabric's client with its own signer, with the SDK's signer, and the SDK: the same calls against the same canned replies. */
const CLIENTS = ['stock', 'fast', 'sdk'] as const;
type Client = (typeof CLIENTS)[number];
const CALLS = ['submit', 'evaluate'] as const;
type Call = (typeof CALLS)[number];
export type ClientRounds = Readonly<Record<Client, Readonly<Record<Call, readonly LoadResult[]>>>>;

export interface ClientRunOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** Measures what the client alone costs: by itself, and beside Fabric's own. */
export async function clientRun({
  seconds,
  rounds,
  folder,
  onProgress,
}: ClientRunOptions): Promise<readonly Result[]> {
  const directory = join(folder, 'client');
  const network = await startNetwork({ topology: loadTopology(), engine: 'embedded', directory, onProgress });
  const server = cannedReplies(network);
  try {
    const port = await portOf(server);
    const stock = await GatewayClient.connect(network, { port, signer: 'stock' });
    const fast = await GatewayClient.connect(network, { port });
    await using sdk = await sdkAt(network, port);
    const operations: Readonly<Record<Client, Readonly<Record<Call, () => Promise<unknown>>>>> = {
      stock: bySelf(stock.contract('care', 'care')),
      fast: bySelf(fast.contract('care', 'care')),
      sdk: bySdk(sdk),
    };
    for (const client of CLIENTS) for (const call of CALLS) await warmed(operations[client][call]);
    const measured = emptyRounds();
    for (let round = 1; round <= rounds; round++) {
      for (const call of CALLS) {
        for (const client of round % 2 === 0 ? CLIENTS : [...CLIENTS].reverse()) {
          const run = operations[client][call];
          const result = await load(run, {
            inFlight: IN_FLIGHT,
            seconds,
            warmUpSeconds: 0.2,
            cpu: () => ({}),
          });
          measured[client][call].push(result);
        }
      }
      onProgress(`client: round ${round} of ${rounds}`);
    }
    stock.close();
    fast.close();
    return clientResults(measured);
  } finally {
    await ended(server);
    await network.clean();
  }
}

/** Until the just-in-time compiler has seen it all; the slower a machine, the longer it takes. */
async function warmed(operation: () => Promise<unknown>): Promise<void> {
  let left = WARM_UP;
  const some = async (): Promise<void> => {
    while (left-- > 0) await operation();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, some));
}

function emptyRounds(): Record<Client, Record<Call, LoadResult[]>> {
  const none = (): Record<Call, LoadResult[]> => ({ submit: [], evaluate: [] });
  return { stock: none(), fast: none(), sdk: none() };
}

/** The SDK, told that the hospital's peer is where the canned replies are. */
async function sdkAt(network: Network, port: number): Promise<Vitaledger> {
  const text = await readFile(network.profile('hospital'), 'utf8');
  const profile = JSON.parse(text.replaceAll(/(grpcs:\/\/[\w.]+):\d+/g, `$1:${port}`)) as Exclude<
    Parameters<typeof connect>[0]['profile'],
    string
  >;
  return connect({ profile, identity: network.identity('hospital', 'service').mspDirectory });
}

const RECEIPT = 'ab'.repeat(32);

function bySdk({ access }: Vitaledger): Record<Call, () => Promise<unknown>> {
  return {
    submit: () => access.reviews.open(RECEIPT),
    evaluate: () => access.outcome({ receipt: RECEIPT, custodian: 'HospitalMSP' }),
  };
}

/** The same two calls, as one would write them without the SDK. */
function bySelf(contract: Contract): Record<Call, () => Promise<unknown>> {
  const options = (input: object) => ({
    transientData: { input: JSON.stringify(input) },
    endorsingOrganizations: ['HospitalMSP'],
  });
  return {
    submit: () => {
      const input = { receipt: RECEIPT, step: 'open', salt: randomBytes(32).toString('hex') };
      return contract.submit('AccessContract:review', options(input));
    },
    evaluate: async () => {
      const found = await contract.evaluate('AccessContract:outcome', options({ receipt: RECEIPT }));
      return JSON.parse(new TextDecoder().decode(found)) as unknown;
    },
  };
}

/** The figures, with what is aimed at. */
export function clientResults(rounds: ClientRounds): readonly Result[] {
  const own = ({ cpu }: LoadResult): number => cpu.client ?? Number.NaN;
  const rounded = (value: number): number => Number(value.toPrecision(4));
  const signer = (call: Call): number =>
    ratioOf(rounds.fast[call], rounds.stock[call], ({ throughput }) => throughput).median;
  const overhead = (call: Call): number => ratioOf(rounds.sdk[call], rounds.fast[call], own).median;
  return CALLS.flatMap((call): Result[] => [
    {
      name: `client.signer.${call}`,
      value: rounded(signer(call)),
      unit: 'ratio',
      reference: 1,
      gate: `>= ${CLIENT_GATES.signer}`,
      met: signer(call) >= CLIENT_GATES.signer,
    },
    {
      name: `client.sdk-of-gateway.${call}.cpu`,
      value: rounded(overhead(call)),
      unit: 'ratio',
      reference: 1,
      gate: `<= ${CLIENT_GATES.overhead}`,
      met: overhead(call) <= CLIENT_GATES.overhead,
    },
    ...CLIENTS.map((client): Result => {
      const value = rounded(median(rounds[client][call].map(own)));
      return { name: `client.${client}.${call}.cpu`, value, unit: 'us', reference: null };
    }),
  ]);
}

/** The figures as a text for a terminal. */
export function clientReport(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return [
    '',
    'Against canned replies: Fabric’s client as it comes (stock), with the SDK’s signer (fast), and the SDK, in the same two calls.',
    'signer: throughput of fast by that of stock; sdk-of-gateway: processor time of the SDK by that of fast.',
    ...results.map(({ name, value, unit, gate, met }) => {
      const aim = gate === undefined ? '' : `  ${gate}: ${met === true ? 'met' : 'NOT MET'}`;
      return `  ${name.padEnd(width)}  ${value} ${unit === 'ratio' ? '' : unit}${aim}`.trimEnd();
    }),
  ].join('\n');
}
