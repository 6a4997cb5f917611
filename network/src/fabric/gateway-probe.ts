import { sign, createPrivateKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import {
  connect,
  EndorseError,
  hash,
  type Gateway,
  type Identity,
  type Signer,
} from '@hyperledger/fabric-gateway';
import { NetworkError } from '../errors/network-error.js';
import type { EngineContext } from '../engine/engine.js';
import { hasLowS } from '../identity/low-s.js';
import { portOf, type PeerMember } from './members.js';
import { HOST } from './peer-configuration.js';

/** The user of every organization that Fabric's test-network has, and that every network has therefore. */
const USER = 'User1';

/** Every contract answers it (it comes with Fabric's contract API), it reads and writes nothing, and it is never submitted. */
const HARMLESS = 'org.hyperledger.fabric:GetMetadata';

const CALL_MS = 10_000;

/** A client of one peer's gateway that finds out whether a transaction can be endorsed there. */
export class GatewayProbe {
  private constructor(
    private readonly client: Client,
    private readonly gateway: Gateway,
  ) {}

  /** Connects as a user of the peer's own organization. */
  static async connect(context: EngineContext, peer: PeerMember): Promise<GatewayProbe> {
    const { directory, ports } = context;
    const { domain, mspId } = peer.organization;
    const root = await readFile(join(directory.peer(domain, peer.index), 'tls', 'ca.crt'));
    const { identity, signer } = await loadUser(join(directory.user(domain, USER), 'msp'), mspId);
    const client = new Client(
      `${HOST}:${portOf(ports.peers, peer.name).listen}`,
      credentials.createSsl(root),
      {
        'grpc.ssl_target_name_override': peer.name,
        // A peer that is still starting is asked again soon.
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 500,
      },
    );
    const endorseOptions = () => ({ deadline: Date.now() + CALL_MS });
    const gateway = connect({ client, identity, signer, hash: hash.none, endorseOptions });
    return new GatewayProbe(client, gateway);
  }

  /**
   * Has a harmless transaction endorsed, by the named organizations or as the gateway plans it, and drops it.
   *
   * @returns why it is not endorsed yet, or undefined when it is.
   */
  async endorse(
    channel: string,
    chaincode: string,
    organizations?: readonly string[],
  ): Promise<string | undefined> {
    const contract = this.gateway.getNetwork(channel).getContract(chaincode);
    const named = organizations === undefined ? {} : { endorsingOrganizations: [...organizations] };
    try {
      await contract.newProposal(HARMLESS, named).endorse();
      return undefined;
    } catch (error) {
      if (!(error instanceof EndorseError)) {
        throw error;
      }
      return chaincodeAnswered(error) ? undefined : reasonOf(error);
    }
  }

  close(): void {
    this.gateway.close();
    this.client.close();
  }
}

/** A chaincode without the contract API refuses the function, and has shown by that that it runs and is reached. */
function chaincodeAnswered(error: EndorseError): boolean {
  return [error.message, ...error.details.map(({ message }) => message)].some((message) =>
    /chaincode response \d+/.test(message),
  );
}

function reasonOf(error: EndorseError): string {
  const details = error.details.map(({ mspId, message }) => `${mspId}: ${message}`);
  return details.length > 0 ? details.join('; ') : error.message;
}

/** Certificate and key of a user, as the folder `msp` of Fabric's test-network has them. */
export async function loadUser(msp: string, mspId: string): Promise<{ identity: Identity; signer: Signer }> {
  const [certificate, key] = await Promise.all([
    onlyFile(join(msp, 'signcerts')),
    onlyFile(join(msp, 'keystore')),
  ]);
  const privateKey = createPrivateKey(key);
  return {
    identity: { mspId, credentials: certificate },
    signer: (message) => {
      // OpenSSL knows no low-S signatures; every other one is low by chance.
      for (;;) {
        const signature = sign('sha256', message, privateKey);
        if (hasLowS(signature)) {
          return Promise.resolve(signature);
        }
      }
    },
  };
}

async function onlyFile(folder: string): Promise<Buffer> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new NetworkError('FILE_MISSING', `The folder ${folder} cannot be read.`, { cause });
  }
  const [name] = names;
  if (name === undefined) {
    throw new NetworkError('FILE_MISSING', `The folder ${folder} is empty. Issue the identities again.`);
  }
  return readFile(join(folder, name));
}
