import { peer } from '@hyperledger/fabric-protos';
import { proposalAccessRefusal } from '../channel/access-control.js';
import { isLocalResource, localRefusal } from '../channel/local-access.js';
import { definitionFunctions, NotDefinedError } from '../lifecycle/lifecycle-chaincode.js';
import type { InstalledPackage } from '../lifecycle/chaincode-package.js';
import { ArgumentsError, decodeArguments } from '../lifecycle/lifecycle-arguments.js';
import { messageOf } from '../log.js';
import { notFound, failure, success } from './response.js';
import type { SystemCall, SystemHost } from './system-call.js';

const protos = peer.lifecycle;

/** The system chaincode `_lifecycle`: packages of this peer, definitions of its channels. */
export async function invokeLifecycleChaincode(call: SystemCall, host: SystemHost): Promise<peer.Response> {
  const args = call.input.getArgsList_asU8();
  const [nameBytes, input] = args;
  if (nameBytes === undefined) {
    return failure('lifecycle scc must be invoked with arguments');
  }
  if (input === undefined || args.length !== 2) {
    return failure(`lifecycle scc operations require exactly two arguments but received ${args.length}`);
  }
  const name = Buffer.from(nameBytes).toString('utf8');
  const refusal = refusalOf(`_lifecycle/${name}`, call, host);
  if (refusal !== undefined) {
    return failure(`Failed to authorize invocation due to failed ACL check: ${refusal}`);
  }
  try {
    return success(await perform(name, input, call, host));
  } catch (error) {
    if (error instanceof ArgumentsError) {
      return failure(
        `failed to invoke backing implementation of '${name}': could not decode input arg for *lifecycle.Invocation.${name}: proto: cannot parse invalid wire-format data`,
      );
    }
    // Whatever goes wrong is the answer, as on a peer.
    return error instanceof NotDefinedError
      ? notFound(error.message)
      : failure(`failed to invoke backing implementation of '${name}': ${messageOf(error)}`);
  }
}

function refusalOf(resource: string, { channel, signed }: SystemCall, host: SystemHost): string | undefined {
  if (isLocalResource(resource)) {
    return localRefusal(resource, host.local, signed);
  }
  return proposalAccessRefusal(host.channel(channel)?.configuration, channel, resource, signed);
}

async function perform(
  name: string,
  input: Uint8Array,
  { channel: channelName, simulator }: SystemCall,
  host: SystemHost,
): Promise<Uint8Array> {
  const packageFunction = packageFunctions.get(name);
  if (packageFunction !== undefined) {
    return packageFunction(host, input);
  }
  const definitionFunction = definitionFunctions.get(name);
  const channel = host.channel(channelName);
  if (definitionFunction === undefined || channel === undefined || simulator === undefined) {
    throw new Error(
      `error validating chaincode definition: could not get channelconfig for channel '${channelName}'`,
    );
  }
  return definitionFunction(
    { name: channelName, mspId: host.local.mspId, configuration: channel.configuration, simulator },
    input,
  );
}

type PackageFunction = (host: SystemHost, input: Uint8Array) => Promise<Uint8Array> | Uint8Array;

const packageFunctions: ReadonlyMap<string, PackageFunction> = new Map<string, PackageFunction>([
  ['InstallChaincode', install],
  ['QueryInstalledChaincode', queryInstalled],
  ['QueryInstalledChaincodes', queryAllInstalled],
  ['GetInstalledChaincodePackage', getInstalledPackage],
]);

async function install(host: SystemHost, input: Uint8Array): Promise<Uint8Array> {
  const args = decodeArguments(protos.InstallChaincodeArgs, input);
  const { label, packageId } = await host.install(args.getChaincodeInstallPackage_asU8());
  const result = new protos.InstallChaincodeResult();
  result.setLabel(label);
  result.setPackageId(packageId);
  return result.serializeBinary();
}

function packageOf(host: SystemHost, packageId: string, absent: string): InstalledPackage {
  const installed = host.packages.get(packageId);
  if (installed === undefined) {
    throw new Error(absent);
  }
  return installed;
}

/** The chaincodes of each channel that run from a package on this peer. */
function usesOf(
  host: SystemHost,
  packageId: string,
): readonly {
  readonly channel: string;
  readonly chaincodes: readonly { name: string; version: string }[];
}[] {
  return host
    .channels()
    .map((channel) => ({
      channel: channel.name,
      chaincodes: channel.chaincodes.list
        .map(({ definition }) => definition)
        .filter(({ connections }) => connections[host.peerName]?.packageId === packageId),
    }))
    .filter(({ chaincodes }) => chaincodes.length > 0);
}

function queryInstalled(host: SystemHost, input: Uint8Array): Uint8Array {
  const asked = decodeArguments(protos.QueryInstalledChaincodeArgs, input).getPackageId();
  const { packageId, label } = packageOf(host, asked, `could not find chaincode with package id '${asked}'`);
  const result = new protos.QueryInstalledChaincodeResult();
  result.setLabel(label);
  result.setPackageId(packageId);
  for (const { channel, chaincodes } of usesOf(host, packageId)) {
    const references = new protos.QueryInstalledChaincodeResult.References();
    for (const { name, version } of chaincodes) {
      const chaincode = references.addChaincodes();
      chaincode.setName(name);
      chaincode.setVersion(version);
    }
    result.getReferencesMap().set(channel, references);
  }
  return result.serializeBinary();
}

function queryAllInstalled(host: SystemHost): Uint8Array {
  const result = new protos.QueryInstalledChaincodesResult();
  for (const { packageId, label } of host.packages.list) {
    const installed = result.addInstalledChaincodes();
    installed.setLabel(label);
    installed.setPackageId(packageId);
    for (const { channel, chaincodes } of usesOf(host, packageId)) {
      const references = new protos.QueryInstalledChaincodesResult.References();
      for (const { name, version } of chaincodes) {
        const chaincode = references.addChaincodes();
        chaincode.setName(name);
        chaincode.setVersion(version);
      }
      installed.getReferencesMap().set(channel, references);
    }
  }
  return result.serializeBinary();
}

function getInstalledPackage(host: SystemHost, input: Uint8Array): Uint8Array {
  const asked = decodeArguments(protos.GetInstalledChaincodePackageArgs, input).getPackageId();
  const { bytes } = packageOf(
    host,
    asked,
    `could not load cc install package: chaincode install package '${asked}' not found`,
  );
  const result = new protos.GetInstalledChaincodePackageResult();
  result.setChaincodeInstallPackage(bytes);
  return result.serializeBinary();
}
