import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkError } from '../errors/network-error.js';
import { findBinaries, parseVersion } from './binaries.js';

describe('Finding Fabric’s programs', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitaledger-binaries-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function program(name: string, version: string): Promise<void> {
    await writeFile(join(folder, name), `#!/bin/sh\necho "${name}:\n Version: ${version}"\n`);
    await chmod(join(folder, name), 0o755);
  }

  async function release(peer: string, orderer = peer): Promise<void> {
    await program('peer', peer);
    await program('orderer', orderer);
    await program('osnadmin', '');
    await program('configtxgen', '');
  }

  it('says which are missing, and where to get them and put them', async () => {
    await program('peer', 'v3.1.5');
    await assert.rejects(findBinaries({ FABRIC_BIN: folder }), (error: NetworkError) => {
      assert.equal(error.code, 'BINARY_MISSING');
      assert.match(error.message, /: orderer, osnadmin, configtxgen\. They come in the release archive/);
      assert.match(error.message, /hyperledger-fabric-\w+-\w+-<version>\.tar\.gz/);
      assert.match(error.message, /set FABRIC_BIN to its bin folder/);
      return true;
    });
  });

  it('does not take a file that cannot be executed', async () => {
    await release('v3.1.5');
    await chmod(join(folder, 'configtxgen'), 0o644);
    await assert.rejects(findBinaries({ FABRIC_BIN: folder }), { code: 'BINARY_MISSING' });
  });

  it('looks at FABRIC_BIN only, when it is set', async () => {
    await release('v3.1.5');
    await assert.rejects(findBinaries({ FABRIC_BIN: join(folder, 'empty'), PATH: folder }), {
      code: 'BINARY_MISSING',
    });
    const { peer, version } = await findBinaries({ PATH: `${join(folder, 'empty')}:${folder}` });
    assert.equal(peer, join(folder, 'peer'));
    assert.deepEqual(version, { major: 3, minor: 1, patch: 5 });
  });

  for (const version of ['v2.4.9', 'v1.4.12', 'v4.0.0']) {
    it(`refuses version ${version}`, async () => {
      await release(version);
      await assert.rejects(findBinaries({ FABRIC_BIN: folder }), {
        code: 'BINARY_VERSION',
        message: /needs Hyperledger Fabric 2\.5 or 3/,
      });
    });
  }

  it('refuses a peer and an orderer of different releases', async () => {
    await release('v3.1.5', 'v2.5.16');
    await assert.rejects(findBinaries({ FABRIC_BIN: folder }), {
      code: 'BINARY_VERSION',
      message: /Take both from one release archive/,
    });
  });

  it('refuses a program that tells no version', () => {
    assert.throws(() => parseVersion('peer', 'peer: not found'), { code: 'BINARY_VERSION' });
  });
});
