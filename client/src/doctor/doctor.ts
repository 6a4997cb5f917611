import { X509Certificate } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { readIdentity } from '../connection/identity.js';
import { readProfile, type LoadedProfile } from '../connection/read-profile.js';
import { connect } from '../connect.js';
import { validity } from './certificates.js';
import { examineChannels } from './channels.js';
import { failed, ok, reasonOf, type Finding } from './finding.js';
import { examinePeers } from './peers.js';

export interface Examination {
  /** Path of the connection profile. */
  readonly profile: string;
  /** Path of the identity's folder. */
  readonly identity: string;
  /** The clock to compare with; the machine’s unless told. */
  readonly now?: () => Date;
}

/**
 * Looks at everything between an application and its network, in the order in which it is needed, and says of each what is wrong
 * and what to do. Changes nothing. What later checks need and is missing ends the examination.
 */
export async function* examine({
  profile: path,
  identity,
  now = () => new Date(),
}: Examination): AsyncGenerator<Finding> {
  yield ok('Node.js', process.version);
  let loaded: LoadedProfile;
  try {
    loaded = await readProfile(path);
  } catch (error) {
    yield failed('profile', reasonOf(error));
    return;
  }
  const { profile } = loaded;
  const { mspId, network } = profile.vitaledger;
  yield ok('profile', `${mspId} on ${network}: ${Object.keys(profile.channels).join(', ')}`);
  yield await examineVault(loaded);
  yield* examinePeers(profile, now());
  try {
    const { certificate } = await readIdentity(identity, now());
    const { validFrom, validTo } = new X509Certificate(certificate);
    yield validity('identity', new Date(validFrom), new Date(validTo), now());
  } catch (error) {
    yield failed('identity', reasonOf(error));
    return;
  }
  await using ledger = await connect({ profile: path, identity, onExpiry: () => undefined });
  yield* examineChannels(ledger, profile, now);
}

async function examineVault({ profile, folder }: LoadedProfile): Promise<Finding> {
  const { mspId, organizations } = profile.vitaledger;
  const path = organizations[mspId]?.vault;
  if (path === undefined) return ok('vault', 'none is named in the profile; the application brings its own');
  try {
    await access(join(folder, path), constants.R_OK | constants.W_OK);
    return ok('vault', `${join(folder, path)} can be read and written`);
  } catch (error) {
    // It is made with its first content.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return ok('vault', `${join(folder, path)} is empty`);
    return failed('vault', `${reasonOf(error)}: give this user the right to it`);
  }
}
