// Makes a fresh clone runnable: installs from the lock and compiles, only what is missing, and says what it does.
// It must not import anything that npm installs.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quiet = process.argv.includes('--quiet');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Vitaledger needs Node.js 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}

/** npm writes this file last, so a lock newer than it means that what is installed is not what is locked. */
function installed() {
  const marker = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(marker)) return false;
  return (
    statSync(marker).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs || sameVersions(marker)
  );
}

/** A checkout touches the lock without changing it: compare what npm recorded before installing again. */
function sameVersions(marker) {
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages).filter(
      ([path, entry]) => path.startsWith('node_modules/') && !entry.link && !entry.optional,
    );
  const have = new Map(versions(marker).map(([path, entry]) => [path, entry.version]));
  return versions(join(root, 'package-lock.json')).every(([path, entry]) => have.get(path) === entry.version);
}

function step(what, command, args) {
  const started = performance.now();
  if (!quiet) console.error(`- ${what} …`);
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'],
  });
  if (result.status !== 0) {
    console.error(`${what} failed: ${result.error?.message ?? `exit code ${String(result.status)}`}`);
    process.exit(1);
  }
  if (!quiet) console.error(`  done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

if (!installed())
  step('installing dependencies (npm ci)', 'npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
step('compiling what changed (tsc --build)', process.execPath, [
  join(root, 'node_modules/@typescript/native/bin/tsc'),
  '--build',
]);
