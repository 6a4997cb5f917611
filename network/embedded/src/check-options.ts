import { LedgerConfigurationError, type ChannelOptions, type EmbeddedLedgerOptions } from './options.js';

const channelName = /^[a-z][a-z0-9.-]{0,248}$/;
const addressPattern = /^[^:\s]+:\d{1,5}$/;

/** Refuses options that cannot work, before anything is touched. They may come from a file: types are checked, too. */
export function checkOptions(options: EmbeddedLedgerOptions): void {
  checkShape(options);
  checkPeers(options);
  const [signer] = options.ordererOrganizations;
  if (signer?.signCertificate === undefined || signer.signKey === undefined) {
    throw new LedgerConfigurationError(
      'the first of ordererOrganizations needs signCertificate and signKey: it signs the blocks',
    );
  }
  unique(
    'MSP id',
    [...options.organizations, ...options.ordererOrganizations].map(({ mspId }) => mspId),
  );
  unique(
    'channel',
    options.channels.map(({ name }) => name),
  );
  for (const channel of options.channels) {
    checkChannel(channel, options);
  }
}

function checkShape(options: EmbeddedLedgerOptions): void {
  for (const key of ['organizations', 'ordererOrganizations', 'channels'] as const) {
    const list: unknown = options[key];
    if (!isList(list) || (list as readonly unknown[]).length === 0) {
      throw new LedgerConfigurationError(`${key} must be a list with at least one entry`);
    }
  }
  const ordering: unknown = options.ordering ?? 'instant';
  if (ordering !== 'instant' && ordering !== 'fabric') {
    throw new LedgerConfigurationError("ordering must be 'instant' or 'fabric'");
  }
  for (const organization of [...options.organizations, ...options.ordererOrganizations]) {
    requireText(organization, ['mspId', 'mspDirectory'], 'an organization');
  }
}

function checkPeers({ organizations, ordererOrganizations }: EmbeddedLedgerOptions): void {
  const peers = organizations.flatMap(({ mspId, peers: list }) => {
    if (!isList(list)) {
      throw new LedgerConfigurationError(`organization ${mspId}: peers must be a list, which may be empty`);
    }
    return list;
  });
  for (const peer of peers) {
    requireText(
      peer,
      ['name', 'address', 'tlsCertificate', 'tlsKey', 'signCertificate', 'signKey'],
      'a peer',
    );
  }
  const orderers = ordererOrganizations.flatMap(({ orderers: list }) => list ?? []);
  for (const orderer of orderers) {
    requireText(orderer, ['name', 'address', 'tlsCertificate', 'tlsKey'], 'an orderer');
  }
  checkListeners([...peers, ...orderers]);
  for (const { name, chaincodeAddress } of peers) {
    if (chaincodeAddress !== undefined) {
      checkAddress(name, chaincodeAddress);
    }
  }
}

function checkAddress(name: string, address: string): void {
  if (!addressPattern.test(address) || portOf(address) > 65_535) {
    throw new LedgerConfigurationError(
      `${name}: address ${address} must be host:port, such as 127.0.0.1:7051`,
    );
  }
}

function checkListeners(listeners: readonly { readonly name: string; readonly address: string }[]): void {
  for (const { name, address } of listeners) {
    checkAddress(name, address);
  }
  unique(
    'peer or orderer',
    listeners.map(({ name }) => name),
  );
  unique(
    'address',
    listeners.map(({ address }) => address).filter((address) => portOf(address) !== 0),
  );
}

function checkChannel({ name, members }: ChannelOptions, { organizations }: EmbeddedLedgerOptions): void {
  if (!channelName.test(name)) {
    throw new LedgerConfigurationError(
      `channel name ${JSON.stringify(name)} must begin with a lower-case letter and contain only lower-case letters, digits, dots and dashes`,
    );
  }
  if (!isList(members) || members.length === 0) {
    throw new LedgerConfigurationError(`channel ${name}: members must be a list with at least one entry`);
  }
  unique(
    `member of channel ${name}`,
    members.map(({ mspId }) => mspId),
  );
  for (const member of members) {
    const organization = organizations.find(({ mspId }) => mspId === member.mspId);
    if (organization === undefined) {
      throw new LedgerConfigurationError(
        `channel ${name}: member ${member.mspId} is not among the organizations; add it there or remove the member`,
      );
    }
    if (member.peers && organization.peers.length === 0) {
      throw new LedgerConfigurationError(
        `channel ${name}: member ${member.mspId} is to have peers there but has none; give it a peer or set peers to false`,
      );
    }
  }
}

function requireText(value: object, keys: readonly string[], what: string): void {
  for (const key of keys) {
    const text = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof text !== 'string' || text === '') {
      throw new LedgerConfigurationError(`${what} lacks ${key}: ${JSON.stringify(Object.keys(value))}`);
    }
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

function unique(what: string, values: readonly string[]): void {
  const repeated = values.find((value, index) => values.indexOf(value) !== index);
  if (repeated !== undefined) {
    throw new LedgerConfigurationError(`${what} ${repeated} is given twice`);
  }
}

/** The port of `host:port`. */
export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
