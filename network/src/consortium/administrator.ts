import { Client, credentials } from '@grpc/grpc-js';
import { connect, EndorseError, GatewayError, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { readFileSync } from 'node:fs';
import type { VitaledgerProfile } from '../engine/profile.js';
import { loadUser } from '../fabric/gateway-probe.js';

const ENDORSE_MS = 15_000;
const SUBMIT_MS = 15_000;
const COMMIT_MS = 30_000;
const UNAVAILABLE = 14;

/** What a contract said when it refused: the code of its error and its text. */
export class ContractRefusal extends Error {
  override readonly name = 'ContractRefusal';
  constructor(
    readonly code: string,
    message: string,
    options: { readonly cause: unknown },
  ) {
    super(message, options);
  }
}

export interface AdministratorOptions {
  /** Path of the organization's `vitaledger-<name>.json`. */
  readonly profile: string;
  /** Folder `msp` of its administrator. */
  readonly msp: string;
  readonly channel: string;
  readonly chaincode: string;
}

/**
 * An organization's administrator on one channel, calling its ConsortiumContract. Without a peer of its own it goes through
 * the other members' gateways, and takes the next one when one is down.
 */
export class Administrator {
  private constructor(
    readonly mspId: string,
    private readonly options: AdministratorOptions,
    private readonly gateways: readonly { readonly client: Client; readonly gateway: Gateway }[],
  ) {}

  static async connect(options: AdministratorOptions): Promise<Administrator> {
    const profile = JSON.parse(readFileSync(options.profile, 'utf8')) as VitaledgerProfile;
    const { mspId } = profile.vitaledger;
    const { identity, signer } = await loadUser(options.msp, mspId);
    const names = Object.keys(profile.channels[options.channel]?.peers ?? {});
    const gateways = names.flatMap((name) => {
      const peer = profile.peers[name];
      if (!peer) return [];
      const client = new Client(
        peer.url.replace('grpcs://', ''),
        credentials.createSsl(Buffer.from(peer.tlsCACerts.pem)),
        { 'grpc.ssl_target_name_override': name, 'grpc.max_reconnect_backoff_ms': 2_000 },
      );
      const within = (milliseconds: number) => () => ({ deadline: Date.now() + milliseconds });
      const gateway = connect({
        client,
        identity,
        signer,
        hash: hash.none,
        evaluateOptions: within(ENDORSE_MS),
        endorseOptions: within(ENDORSE_MS),
        submitOptions: within(SUBMIT_MS),
        commitStatusOptions: within(COMMIT_MS),
      });
      return [{ client, gateway }];
    });
    return new Administrator(mspId, options, gateways);
  }

  /** Resolves with the result after the transaction was committed as VALID. */
  submit(name: string, ...args: string[]): Promise<string> {
    return this.call((gateway) =>
      this.contract(gateway).submitTransaction(`ConsortiumContract:${name}`, ...args),
    );
  }

  evaluate(name: string, ...args: string[]): Promise<string> {
    return this.call((gateway) =>
      this.contract(gateway).evaluateTransaction(`ConsortiumContract:${name}`, ...args),
    );
  }

  close(): void {
    for (const { client, gateway } of this.gateways) {
      gateway.close();
      client.close();
    }
  }

  private contract(gateway: Gateway) {
    return gateway.getNetwork(this.options.channel).getContract(this.options.chaincode);
  }

  private async call(run: (gateway: Gateway) => Promise<Uint8Array>): Promise<string> {
    let last: unknown = new Error(`no gateway is known for ${this.options.channel}`);
    for (const { gateway } of this.gateways) {
      try {
        return Buffer.from(await run(gateway)).toString('utf8');
      } catch (error) {
        last = error;
        // Only what was never submitted may go through another gateway.
        if (!isUnreached(error)) break;
      }
    }
    throw refusalIn(last) ?? last;
  }
}

function isUnreached(error: unknown): boolean {
  const proposing = error instanceof EndorseError || error instanceof GatewayError;
  return proposing && error.name !== 'SubmitError' && error.code === UNAVAILABLE;
}

/** The contracts throw one JSON object, which the gateway passes on in the text of its details. */
function refusalIn(error: unknown): ContractRefusal | undefined {
  if (!(error instanceof GatewayError)) return undefined;
  for (const text of [error.message, ...error.details.map(({ message }) => message)]) {
    const at = text.indexOf('{"');
    if (!text.includes('chaincode response') || at < 0) continue;
    try {
      const { code, message } = JSON.parse(text.slice(at)) as { code?: unknown; message?: unknown };
      if (typeof code === 'string') return new ContractRefusal(code, String(message), { cause: error });
    } catch {
      // Braces in the text of some other error.
    }
  }
  return undefined;
}

/** What a person can act on: the gateway's own message is generic, its details say what happened. */
export function reasonOf(error: unknown): string {
  if (error instanceof GatewayError && error.details.length > 0) {
    return error.details.map(({ address, message }) => `${address}: ${message}`).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
