import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, GatewayError, hash, type Contract, type Gateway } from '@hyperledger/fabric-gateway';
import { common, peer } from '@hyperledger/fabric-protos';
import { NetworkError } from '../errors/network-error.js';
import { loadUser } from '../fabric/gateway-probe.js';
import { HOST } from '../fabric/peer-configuration.js';
import type { Network } from '../network/network.js';

const CALL_MS = 15_000;

/** Blocks and transactions of a channel, asked of a peer by its organization's administrator, who may read them. */
export class LedgerReader {
  readonly #blocks = new Map<number, common.Block>();

  private constructor(
    readonly channel: string,
    private readonly client: Client,
    private readonly gateway: Gateway,
    private readonly queries: Contract,
  ) {}

  /** Throws NetworkError when there is no such channel. */
  static async open(network: Network, channelName: string | undefined): Promise<LedgerReader> {
    const { channel, organization } = placeOf(network, channelName);
    const { domain, mspId } = organization;
    const [name = ''] = network.peers(organization.name);
    const root = await readFile(join(network.directory.peer(domain, 0), 'tls', 'ca.crt'));
    const ports = JSON.parse(await readFile(network.directory.ports, 'utf8')) as Readonly<
      Record<string, number>
    >;
    const client = new Client(`${HOST}:${String(ports[`${name}/listen`])}`, credentials.createSsl(root), {
      'grpc.ssl_target_name_override': name,
      'grpc.max_receive_message_length': -1,
    });
    const user = await loadUser(network.identity(organization.name, 'Admin').mspDirectory, mspId);
    const evaluateOptions = () => ({ deadline: Date.now() + CALL_MS });
    const gateway = connect({ client, ...user, hash: hash.none, evaluateOptions });
    return new LedgerReader(channel, client, gateway, gateway.getNetwork(channel).getContract('qscc'));
  }

  close(): void {
    this.gateway.close();
    this.client.close();
  }

  /** The number of blocks. */
  async height(): Promise<number> {
    return common.BlockchainInfo.deserializeBinary(await this.#ask('GetChainInfo')).getHeight();
  }

  async block(number: number): Promise<common.Block> {
    const known = this.#blocks.get(number);
    if (known !== undefined) return known;
    const block = common.Block.deserializeBinary(await this.#ask('GetBlockByNumber', String(number)));
    this.#blocks.set(number, block);
    return block;
  }

  async blockOf(transactionId: string): Promise<common.Block> {
    return common.Block.deserializeBinary(await this.#ask('GetBlockByTxID', transactionId));
  }

  async transaction(transactionId: string): Promise<peer.ProcessedTransaction> {
    return peer.ProcessedTransaction.deserializeBinary(await this.#ask('GetTransactionByID', transactionId));
  }

  async #ask(query: string, ...args: readonly string[]): Promise<Uint8Array> {
    try {
      return await this.queries.evaluateTransaction(query, this.channel, ...args);
    } catch (cause) {
      const said = cause instanceof GatewayError ? cause.details.map(({ message }) => message) : [];
      const reason = said.length > 0 ? said.join('; ') : (cause as Error).message;
      throw new NetworkError('ENGINE_FAILED', `${this.channel}: ${reason}`, { cause });
    }
  }
}

/** A channel of the network, and a member with a peer there. */
function placeOf(
  { topology }: Network,
  name: string | undefined,
): { channel: string; organization: Network['topology']['organizations'][number] } {
  const channel = topology.channels.find((one) => name === undefined || one.name === name);
  const member = channel?.members.find(({ peers }) => peers);
  const organization = topology.organizations.find((one) => one.name === member?.organization);
  if (channel === undefined || organization === undefined) {
    const names = topology.channels.map((one) => one.name).join(', ');
    throw new NetworkError(
      'TOPOLOGY_INVALID',
      `The network has no channel ${name ?? ''}; it has ${names}. Choose one with --channel.`,
    );
  }
  return { channel: channel.name, organization };
}
