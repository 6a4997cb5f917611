import type { ChannelParts } from './channel/config-tree.js';
import { readMspDirectory } from './identity/msp-directory.js';
import type { VerifiedSignatures } from './identity/signature.js';
import { SigningIdentity } from './identity/signing-identity.js';
import type { ChannelOptions, EmbeddedLedgerOptions, OrdererOrganizationOptions } from './options.js';
import { readPem } from './pem.js';

/** MSP ids of the organizations whose peers join a channel. */
export function withPeers({ members }: ChannelOptions): readonly string[] {
  return members.filter(({ peers }) => peers).map(({ mspId }) => mspId);
}

/** The MSPs of all organizations, as channels are made of them. */
export async function readOrganizations(
  options: EmbeddedLedgerOptions,
): Promise<Omit<ChannelParts, 'options'>> {
  const organizations: [
    string,
    { mspId: string; msp: Awaited<ReturnType<typeof readMspDirectory>>; peerAddresses: string[] },
  ][] = [];
  for (const { mspId, mspDirectory, peers } of options.organizations) {
    const msp = await readMspDirectory(mspId, mspDirectory);
    organizations.push([mspId, { mspId, msp, peerAddresses: peers.map(({ address }) => address) }]);
  }
  const ordererOrganizations = await Promise.all(
    options.ordererOrganizations.map(async (organization) => ({
      ...organization,
      msp: await readMspDirectory(organization.mspId, organization.mspDirectory),
    })),
  );
  return { organizations: new Map(organizations), ordererOrganizations };
}

/** Signs blocks. */
export async function readOrdererIdentity(
  { mspId, signCertificate = '', signKey = '' }: OrdererOrganizationOptions,
  signatures: VerifiedSignatures,
): Promise<SigningIdentity> {
  return new SigningIdentity(
    mspId,
    await readPem(signCertificate, `orderer organization ${mspId}: signCertificate`),
    await readPem(signKey, `orderer organization ${mspId}: signKey`),
    signatures,
  );
}
