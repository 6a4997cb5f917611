// Kills the embedded ledger at 1,000 seeded moments (CRASH_ROUNDS, CRASH_SEED) and tears its last block at every length.
// Takes about an hour; a sample of both is in the unit tests.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const {
  CRASH_ROUNDS = '1000',
  CRASH_SEED = String(Date.now() >>> 0),
  CRASH_LENGTHS = '1000000',
} = process.env;
console.log(`${CRASH_ROUNDS} kills, seed ${CRASH_SEED}; every length of a torn block`);
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/mocha/bin/mocha.js'),
    '--config',
    join(root, 'scripts/crash.mocharc.json'),
    'dist/ledger/crash.test.js',
  ],
  {
    cwd: join(root, 'network/embedded'),
    stdio: 'inherit',
    env: { ...process.env, CRASH_ROUNDS, CRASH_SEED, CRASH_LENGTHS },
  },
);
process.exit(status ?? 1);
