import type { ChannelConfiguration } from '../channel/channel-configuration.js';
import type { CollectionDirectory, CollectionRules } from '../ledger/ledger.js';
import { LedgerConfigurationError } from '../options.js';
import { parsePolicyExpression } from '../policy/expression.js';
import { outOfOrganizations, rejectAll } from '../policy/policy-builder.js';
import type { Policy } from '../policy/policy.js';
import { SignaturePolicy } from '../policy/signature-policy.js';
import { checkCollections, Collection, type CollectionDefinition } from './collection.js';

/** A chaincode as a channel agreed on it, and how each peer reaches its process. JSON. */
export interface ChaincodeDefinition {
  readonly channel: string;
  readonly name: string;
  readonly version: string;
  /** 1 for the first definition; one more for each that differs. */
  readonly sequence: number;
  /**
   * `majority` of the channel's organizations that have peers there, a policy expression (`OutOf(2, 'A.peer', …)`), or
   * the path of a channel policy (`/Channel/Application/Endorsement`).
   */
  readonly policy: string;
  readonly initRequired?: boolean | undefined;
  readonly collections?: readonly CollectionDefinition[] | undefined;
  /** By peer name. A peer without one has the chaincode not installed. */
  readonly connections: Readonly<Record<string, ChaincodeConnection>>;
}

/** Where a chaincode as a service listens, as Fabric's connection.json says it, or that it registers itself. */
export interface ChaincodeConnection {
  /** `host:port`; without it the chaincode dials the peer's `chaincodeAddress`. */
  readonly address?: string | undefined;
  /** The chaincode must register with it (`CHAINCODE_ID`). */
  readonly packageId: string;
  /** Default 3,000. */
  readonly dialTimeoutMs?: number | undefined;
  readonly tls?: ChaincodeTls | undefined;
}

/** PEM text, or paths of PEM files. A client certificate and key make it mutual TLS. */
export interface ChaincodeTls {
  readonly rootCertificate: string;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  /** Expected in the chaincode's certificate instead of the address's host. */
  readonly serverName?: string | undefined;
}

const implicitPrefix = '_implicit_org_';
const lifecycleNamespace = '_lifecycle';

/** A definition whose policies have been read. */
export class DefinedChaincode {
  constructor(
    readonly definition: ChaincodeDefinition,
    readonly policy: Policy,
    readonly collections: ReadonlyMap<string, Collection>,
    /** Peers of organizations that have not approved the definition. */
    readonly unapprovedPeers: ReadonlySet<string> = new Set(),
  ) {}
}

/** Fabric's own, which needs no definition. */
function lifecycleChaincode(configuration: ChannelConfiguration): DefinedChaincode {
  const policy = '/Channel/Application/LifecycleEndorsement';
  return new DefinedChaincode(
    {
      channel: configuration.channel,
      name: lifecycleNamespace,
      version: 'syscc',
      sequence: 0,
      policy,
      connections: {},
    },
    configuration.policy(policy) ?? new SignaturePolicy(rejectAll()),
    new Map(),
  );
}

/** The chaincodes of one channel; also tells the ledger about their collections. */
export class ChaincodeDirectory implements CollectionDirectory {
  readonly #chaincodes = new Map<string, DefinedChaincode>();
  readonly #lifecycle: DefinedChaincode;
  readonly #implicit: ReadonlyMap<string, Collection>;

  constructor(
    readonly configuration: ChannelConfiguration,
    readonly organizationsWithPeers: readonly string[],
  ) {
    this.#lifecycle = lifecycleChaincode(configuration);
    this.#implicit = new Map(
      configuration.organizations.map((mspId) => [
        `${implicitPrefix}${mspId}`,
        Collection.implicit(
          `${implicitPrefix}${mspId}`,
          mspId,
          configuration.policy(`/Channel/Application/${mspId}/Endorsement`) ??
            new SignaturePolicy(outOfOrganizations(1, [mspId], 'member')),
        ),
      ]),
    );
  }

  /** `_lifecycle` is there without having been defined. */
  get(name: string): DefinedChaincode | undefined {
    return name === lifecycleNamespace ? this.#lifecycle : this.#chaincodes.get(name);
  }

  get list(): readonly DefinedChaincode[] {
    return [...this.#chaincodes.values()];
  }

  /** Throws LedgerConfigurationError or PolicyExpressionError for a definition that may not follow the present one. */
  check(definition: ChaincodeDefinition): void {
    const current = this.#chaincodes.get(definition.name)?.definition;
    if (current?.sequence !== definition.sequence) {
      checkNext(current, definition);
    }
    checkDefinition(definition, this.configuration);
  }

  put(chaincode: DefinedChaincode): void {
    this.#chaincodes.set(chaincode.definition.name, chaincode);
  }

  remove(name: string): void {
    this.#chaincodes.delete(name);
  }

  /** Explicit or implicit; undefined: the chaincode has no such collection. */
  find(chaincode: string, name: string): Collection | undefined {
    const defined = this.get(chaincode);
    return defined === undefined ? undefined : (defined.collections.get(name) ?? this.#implicit.get(name));
  }

  collection(namespace: string, name: string): CollectionRules | undefined {
    return this.find(namespace, name)?.rules;
  }
}

function checkDefinition(definition: ChaincodeDefinition, configuration: ChannelConfiguration): void {
  checkNames(definition);
  const check = (text: string) => {
    checkPolicy(text, configuration);
  };
  check(definition.policy);
  checkCollections(definition.name, definition.collections ?? [], check);
}

function checkPolicy(text: string, configuration: ChannelConfiguration): void {
  if (text === 'majority') {
    return;
  }
  if (!text.startsWith('/')) {
    parsePolicyExpression(text);
  } else if (configuration.policy(text) === undefined) {
    throw new LedgerConfigurationError(
      `channel ${configuration.channel} has no policy ${text}; name one of its policies, write an expression, or use majority`,
    );
  }
}

const namePattern = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const versionPattern = /^[A-Za-z0-9_.+-]+$/;
const systemNames = new Set(['_lifecycle', 'lscc', 'qscc', 'cscc', 'escc', 'vscc']);

function checkNames({ name, version }: ChaincodeDefinition): void {
  if (!namePattern.test(name) || systemNames.has(name)) {
    throw new LedgerConfigurationError(
      `invalid chaincode name '${name}'. Names can only consist of alphanumerics, '_', and '-', and may not be a system chaincode's`,
    );
  }
  if (!versionPattern.test(version)) {
    throw new LedgerConfigurationError(
      `invalid chaincode version '${version}'. Versions can only consist of alphanumerics, '_', '-', '+', and '.'`,
    );
  }
}

function checkNext(current: ChaincodeDefinition | undefined, next: ChaincodeDefinition): void {
  const expected = (current?.sequence ?? 0) + 1;
  if (next.sequence !== expected) {
    throw new LedgerConfigurationError(
      `requested sequence is ${next.sequence}, but new definition must be sequence ${expected}`,
    );
  }
  for (const collection of current?.collections ?? []) {
    checkKept(collection, next.collections ?? []);
  }
}

/** Values of a collection outlive its definition: it stays, and so does their lifetime. */
function checkKept(
  { name, blockToLive = 0 }: CollectionDefinition,
  next: readonly CollectionDefinition[],
): void {
  const kept = next.find((collection) => collection.name === name);
  if (kept === undefined) {
    throw new LedgerConfigurationError(
      `the existing collection [${name}] is missing in the collection configuration of the new definition`,
    );
  }
  if ((kept.blockToLive ?? 0) !== blockToLive) {
    throw new LedgerConfigurationError(
      `the BlockToLive in an existing collection [${name}] modified. Existing value [${blockToLive}]`,
    );
  }
}
