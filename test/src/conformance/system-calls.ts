import { common, msp, peer } from '@hyperledger/fabric-protos';
import { packageService } from '@vitaledger/network';
import { gzipSync } from 'node:zlib';

const { lifecycle } = peer;

/** A call of `_lifecycle` or `cscc` as a case describes it; it is written to the trace. */
export interface SystemCall {
  readonly name: string;
  /** Of `cscc`, as text; of `_lifecycle` nothing else than its arguments message. */
  readonly text?: readonly string[];
  readonly definition?: DefinitionSpec;
  readonly package?: PackageSpec;
  readonly packageId?: string;
  /** What is wrong with the arguments. */
  readonly flaw?: 'garbage' | 'none' | 'too many';
}

/** Packages are made of a chaincode's name, or of what is wrong with them. */
export type PackageSpec =
  /** A service of the network, whose package is made for another version. */
  | { readonly chaincode: string; readonly version: string }
  | {
      readonly flaw:
        'garbage' | 'empty' | 'truncated' | 'no code' | 'no metadata' | 'no JSON' | 'bad label' | 'no label';
    };

export interface DefinitionSpec {
  readonly name?: string;
  readonly version?: string;
  readonly sequence?: number;
  readonly init?: boolean;
  /** Peers of how many of these organizations; or a policy of the channel. */
  readonly policy?: { readonly n: number; readonly of: readonly string[] } | string;
  readonly collections?: readonly CollectionSpec[];
  /** Default: none. */
  readonly packageId?: string;
  readonly endorsementPlugin?: string;
  readonly validationPlugin?: string;
}

export interface CollectionSpec {
  readonly name: string;
  /** MSP ids; none: no policy at all. */
  readonly members?: readonly string[];
  /** How many members the policy asks for; default 1. */
  readonly n?: number;
  readonly required?: number;
  readonly maximum?: number;
  readonly blockToLive?: number;
}

const garbage = Buffer.from('ffffffff', 'hex');

/** The chaincode arguments of a call. */
export function argumentsOf(call: SystemCall): readonly Uint8Array[] {
  const name = Buffer.from(call.name);
  if (call.flaw === 'none') return [name];
  if (call.flaw === 'garbage') return [name, garbage];
  if (call.text !== undefined) return [name, ...call.text.map((text) => Buffer.from(text))];
  const bytes = argumentsMessage(call);
  return call.flaw === 'too many' ? [name, bytes, bytes] : [name, bytes];
}

function argumentsMessage(call: SystemCall): Uint8Array {
  const build = messages[call.name];
  return build === undefined ? new Uint8Array() : build(call).serializeBinary();
}

const messages: Readonly<Record<string, (call: SystemCall) => { serializeBinary(): Uint8Array }>> = {
  InstallChaincode: (call) => {
    const args = new lifecycle.InstallChaincodeArgs();
    args.setChaincodeInstallPackage(packageBytes(call.package ?? { flaw: 'empty' }));
    return args;
  },
  QueryInstalledChaincode: ({ packageId = '' }) => {
    const args = new lifecycle.QueryInstalledChaincodeArgs();
    args.setPackageId(packageId);
    return args;
  },
  GetInstalledChaincodePackage: ({ packageId = '' }) => {
    const args = new lifecycle.GetInstalledChaincodePackageArgs();
    args.setPackageId(packageId);
    return args;
  },
  ApproveChaincodeDefinitionForMyOrg: ({ definition = {} }) => {
    const args = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
    fill(args, definition);
    if (definition.packageId !== undefined) {
      const local = new lifecycle.ChaincodeSource.Local();
      local.setPackageId(definition.packageId);
      const source = new lifecycle.ChaincodeSource();
      source.setLocalPackage(local);
      args.setSource(source);
    }
    return args;
  },
  CheckCommitReadiness: ({ definition = {} }) => fill(new lifecycle.CheckCommitReadinessArgs(), definition),
  CommitChaincodeDefinition: ({ definition = {} }) =>
    fill(new lifecycle.CommitChaincodeDefinitionArgs(), definition),
  QueryApprovedChaincodeDefinition: ({ definition = {} }) => {
    const args = new lifecycle.QueryApprovedChaincodeDefinitionArgs();
    args.setName(definition.name ?? '');
    args.setSequence(definition.sequence ?? 0);
    return args;
  },
  QueryChaincodeDefinition: ({ definition = {} }) => {
    const args = new lifecycle.QueryChaincodeDefinitionArgs();
    args.setName(definition.name ?? '');
    return args;
  },
};

type DefinitionMessage = peer.lifecycle.CommitChaincodeDefinitionArgs;

function fill<T extends Pick<DefinitionMessage, SetterOf<DefinitionMessage>>>(
  args: T,
  {
    name = 'lc',
    version = '1.0',
    sequence = 1,
    init = false,
    policy,
    collections,
    ...plugins
  }: DefinitionSpec,
): T {
  args.setName(name);
  args.setVersion(version);
  args.setSequence(sequence);
  args.setInitRequired(init);
  args.setEndorsementPlugin(plugins.endorsementPlugin ?? '');
  args.setValidationPlugin(plugins.validationPlugin ?? '');
  if (policy !== undefined) args.setValidationParameter(applicationPolicy(policy).serializeBinary());
  if (collections !== undefined) args.setCollections(collectionPackage(collections));
  return args;
}

type SetterOf<T> = Extract<
  keyof T,
  | 'setName'
  | 'setVersion'
  | 'setSequence'
  | 'setInitRequired'
  | 'setEndorsementPlugin'
  | 'setValidationPlugin'
  | 'setValidationParameter'
  | 'setCollections'
>;

function applicationPolicy(policy: NonNullable<DefinitionSpec['policy']>): peer.ApplicationPolicy {
  const result = new peer.ApplicationPolicy();
  if (typeof policy === 'string') result.setChannelConfigPolicyReference(policy);
  else result.setSignaturePolicy(envelope(policy.n, policy.of, msp.MSPRole.MSPRoleType.PEER));
  return result;
}

function envelope(
  n: number,
  organizations: readonly string[],
  role: msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap],
): common.SignaturePolicyEnvelope {
  const gate = new common.SignaturePolicy.NOutOf();
  gate.setN(n);
  gate.setRulesList(
    organizations.map((_, index) => {
      const rule = new common.SignaturePolicy();
      rule.setSignedBy(index);
      return rule;
    }),
  );
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(gate);
  const result = new common.SignaturePolicyEnvelope();
  result.setRule(rule);
  result.setIdentitiesList(
    organizations.map((mspId) => {
      const content = new msp.MSPRole();
      content.setMspIdentifier(mspId);
      content.setRole(role);
      const principal = new msp.MSPPrincipal();
      principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
      principal.setPrincipal(content.serializeBinary());
      return principal;
    }),
  );
  return result;
}

function collectionPackage(collections: readonly CollectionSpec[]): peer.CollectionConfigPackage {
  const result = new peer.CollectionConfigPackage();
  result.setConfigList(
    collections.map(({ name, members, n = 1, required = 0, maximum = 0, blockToLive = 0 }) => {
      const collection = new peer.StaticCollectionConfig();
      collection.setName(name);
      collection.setRequiredPeerCount(required);
      collection.setMaximumPeerCount(maximum);
      collection.setBlockToLive(blockToLive);
      if (members !== undefined) {
        const policy = new peer.CollectionPolicyConfig();
        policy.setSignaturePolicy(envelope(n, members, msp.MSPRole.MSPRoleType.MEMBER));
        collection.setMemberOrgsPolicy(policy);
      }
      const config = new peer.CollectionConfig();
      config.setStaticCollectionConfig(collection);
      return config;
    }),
  );
  return result;
}

function packageBytes(spec: PackageSpec): Uint8Array {
  if ('chaincode' in spec) return packageService(spec.chaincode, spec.version).bytes;
  const whole = packageService('flawed', '1.0').bytes;
  const metadata = (value: string) => tarGz({ 'metadata.json': value, 'code.tar.gz': tarGz({ a: 'b' }) });
  switch (spec.flaw) {
    case 'garbage':
      return garbage;
    case 'empty':
      return new Uint8Array();
    case 'truncated':
      return whole.subarray(0, whole.length - 20);
    case 'no code':
      return tarGz({ 'metadata.json': JSON.stringify({ type: 'ccaas', label: 'flawed' }) });
    case 'no metadata':
      return tarGz({ 'code.tar.gz': 'code' });
    case 'no JSON':
      return metadata('no JSON');
    case 'bad label':
      return metadata(JSON.stringify({ type: 'ccaas', label: 'bad/label' }));
    case 'no label':
      return metadata(JSON.stringify({ type: 'ccaas' }));
  }
}

/** A gzipped archive of plain files (POSIX ustar). */
function tarGz(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    return [tarHeader(name, bytes.length), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write('0ustar\x0000', 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** The id under which a peer keeps the package of a chaincode. */
export function packageIdOf(chaincode: string, version: string): string {
  return packageService(chaincode, version).id;
}
