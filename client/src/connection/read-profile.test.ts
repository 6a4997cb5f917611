import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { exampleProfile } from '../testing/profile.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { checkProfile, readProfile } from './read-profile.js';

type Loose = Record<string, never>;

describe('a connection profile', () => {
  const folder = temporaryFolder();

  it('is read with the folder that its paths start from', async () => {
    const file = join(folder(), 'vitaledger-hospital.json');
    await writeFile(file, JSON.stringify(exampleProfile()));
    assert.deepEqual(await readProfile(file), { profile: exampleProfile(), folder: folder() });
    assert.deepEqual((await readProfile(exampleProfile())).profile, exampleProfile());
  });

  it('is refused by the name of the file when there is none, or it is not JSON', async () => {
    const file = join(folder(), 'missing.json');
    await assert.rejects(readProfile(file), {
      code: 'NOT_FOUND',
      message: /missing\.json cannot be read \(ENOENT\)/,
    });
    await writeFile(file, '{ "name": ');
    await assert.rejects(readProfile(file), {
      code: 'INVALID_ARGUMENT',
      message: /missing\.json is not JSON/,
    });
  });

  const faults: readonly (readonly [string, (profile: Loose) => void, string])[] = [
    ['a list', () => undefined, '$'],
    ['a plain Fabric profile', (profile) => delete profile.vitaledger, '$.vitaledger'],
    [
      'no network id',
      (profile) => delete (profile.vitaledger as unknown as Loose).networkId,
      '$.vitaledger.networkId',
    ],
    [
      'a peer without TLS',
      (profile) => {
        at(profile, 'peers', 'peer0.hospital.example').url = 'grpc://localhost:1' as never;
      },
      "$.peers['peer0.hospital.example'].url",
    ],
    [
      'a peer without roots',
      (profile) => {
        at(profile, 'peers', 'peer0.hospital.example').tlsCACerts = { pem: 'x' } as never;
      },
      "$.peers['peer0.hospital.example'].tlsCACerts.pem",
    ],
    [
      'a channel of an unknown peer',
      (profile) => {
        at(profile, 'channels', 'care').peers = { other: {} } as never;
      },
      "$.channels['care'].peers",
    ],
    [
      'a channel without peers',
      (profile) => {
        at(profile, 'channels', 'care').peers = {} as never;
      },
      "$.channels['care'].peers",
    ],
    [
      'a channel without chaincode',
      (profile) => {
        at(profile, 'channels', 'care').chaincodes = [] as never;
      },
      "$.channels['care'].chaincodes",
    ],
    [
      'members that are no list',
      (profile) => {
        at(profile, 'channels', 'care').members = 'HospitalMSP' as never;
      },
      "$.channels['care'].members",
    ],
  ];

  for (const [what, spoil, path] of faults) {
    it(`with ${what} is refused with the path`, () => {
      const profile = structuredClone(exampleProfile()) as unknown as Loose;
      spoil(profile);
      assert.throws(
        () => checkProfile(path === '$' ? [] : profile),
        (error) =>
          error instanceof VitaledgerError &&
          error.code === 'INVALID_ARGUMENT' &&
          error.details.path === path,
      );
    });
  }
});

function at(profile: Loose, ...steps: readonly string[]): Loose {
  return steps.reduce<Loose>((value, step) => value[step]!, profile);
}
