import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { msp as protos } from '@hyperledger/fabric-protos';
import { parse } from 'yaml';
import { MspConfigurationError } from './msp.js';

/**
 * Reads an MSP folder as Fabric lays it out (cacerts, intermediatecerts, admincerts, tlscacerts, tlsintermediatecerts,
 * crls, config.yaml) into the message that a channel's configuration holds. Throws MspConfigurationError.
 */
export async function readMspDirectory(mspId: string, directory: string): Promise<protos.FabricMSPConfig> {
  const configuration = new protos.FabricMSPConfig();
  configuration.setName(mspId);
  const roots = await readFolder(mspId, directory, 'cacerts');
  if (roots.length === 0) {
    throw new MspConfigurationError(
      `MSP ${mspId}: no CA certificate in ${join(directory, 'cacerts')}; give the organization's msp folder`,
    );
  }
  configuration.setRootCertsList(roots);
  configuration.setIntermediateCertsList(await readFolder(mspId, directory, 'intermediatecerts'));
  configuration.setAdminsList(await readFolder(mspId, directory, 'admincerts'));
  configuration.setTlsRootCertsList(await readFolder(mspId, directory, 'tlscacerts'));
  configuration.setTlsIntermediateCertsList(await readFolder(mspId, directory, 'tlsintermediatecerts'));
  configuration.setRevocationListList(await readFolder(mspId, directory, 'crls'));
  const crypto = new protos.FabricCryptoConfig();
  crypto.setSignatureHashFamily('SHA2');
  crypto.setIdentityIdentifierHashFunction('SHA256');
  configuration.setCryptoConfig(crypto);
  configuration.setFabricNodeOus(await readNodeUnits(mspId, directory));
  return configuration;
}

async function readFolder(mspId: string, directory: string, folder: string): Promise<Uint8Array[]> {
  const path = join(directory, folder);
  const names = await orUndefined(mspId, path, () => readdir(path));
  const files: Uint8Array[] = [];
  for (const name of (names ?? []).sort()) {
    const file = join(path, name);
    if ((await stat(file)).isFile()) {
      files.push(await readFile(file));
    }
  }
  return files;
}

interface UnitIdentifier {
  readonly Certificate?: string;
  readonly OrganizationalUnitIdentifier?: string;
}

interface MspFile {
  readonly NodeOUs?: {
    readonly Enable?: boolean;
    readonly ClientOUIdentifier?: UnitIdentifier;
    readonly PeerOUIdentifier?: UnitIdentifier;
    readonly AdminOUIdentifier?: UnitIdentifier;
    readonly OrdererOUIdentifier?: UnitIdentifier;
  };
}

async function readNodeUnits(mspId: string, directory: string): Promise<protos.FabricNodeOUs | undefined> {
  const path = join(directory, 'config.yaml');
  const text = await orUndefined(mspId, path, () => readFile(path, 'utf8'));
  const units = text === undefined ? undefined : parseFile(mspId, path, text)?.NodeOUs;
  if (units === undefined) {
    return undefined;
  }
  const message = new protos.FabricNodeOUs();
  message.setEnable(units.Enable === true);
  const read = (unit: UnitIdentifier | undefined) => readUnit(mspId, directory, unit);
  message.setClientOuIdentifier(await read(units.ClientOUIdentifier));
  message.setPeerOuIdentifier(await read(units.PeerOUIdentifier));
  message.setAdminOuIdentifier(await read(units.AdminOUIdentifier));
  message.setOrdererOuIdentifier(await read(units.OrdererOUIdentifier));
  return message;
}

function parseFile(mspId: string, path: string, text: string): MspFile | undefined {
  try {
    const value: unknown = parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    throw new MspConfigurationError(`MSP ${mspId}: ${path} is not YAML`, { cause: error });
  }
}

async function readUnit(
  mspId: string,
  directory: string,
  unit: UnitIdentifier | undefined,
): Promise<protos.FabricOUIdentifier | undefined> {
  if (unit?.OrganizationalUnitIdentifier === undefined) {
    return undefined;
  }
  const message = new protos.FabricOUIdentifier();
  message.setOrganizationalUnitIdentifier(unit.OrganizationalUnitIdentifier);
  if (unit.Certificate !== undefined) {
    const path = join(directory, unit.Certificate);
    const certificate = await orUndefined(mspId, path, () => readFile(path));
    if (certificate === undefined) {
      throw new MspConfigurationError(`MSP ${mspId}: config.yaml names ${path}, which is not there`);
    }
    message.setCertificate(certificate);
  }
  return message;
}

async function orUndefined<T>(mspId: string, path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw new MspConfigurationError(`MSP ${mspId}: cannot read ${path}`, { cause: error });
  }
}
