import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';

const ownFolder = join(__dirname, '../..');

function packageFolder(name: string): string {
  const folders = (require.resolve.paths(name) ?? []).map((path) => join(path, name));
  const found = folders.find((path) => existsSync(path));
  assert.ok(found, name);
  return found;
}

describe("the command without the operators' package", () => {
  const folder = temporaryFolder();

  it('says how to get it, and fails', async () => {
    // A copy elsewhere finds only what is linked there.
    for (const part of ['bin', 'dist', 'package.json']) {
      await cp(join(ownFolder, part), join(folder(), part), { recursive: true });
    }
    for (const name of ['commander', '@vitaledger/domain']) {
      const link = join(folder(), 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(packageFolder(name), link);
    }
    const { status, stderr } = spawnSync(
      process.execPath,
      ['bin/vitaledger.js', 'network', 'up', '--engine', 'fabric'],
      {
        cwd: folder(),
        encoding: 'utf8',
      },
    );
    assert.equal(status, 5);
    assert.match(stderr, /npm install @vitaledger\/network/);
  });
});
