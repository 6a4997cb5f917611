// Runs every package's unit tests, then the end-to-end suite on each engine that this machine has.
// The last line is "N passed, N failed", which CI reads.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
const units = ['domain', 'chaincode', 'client', 'network/embedded', 'network', 'demo'];

const hasTests = (folder) =>
  existsSync(folder) &&
  readdirSync(folder, { recursive: true }).some((file) => String(file).endsWith('.test.js'));

/** Fabric's binaries, as the network command looks for them. */
function fabricBinaries() {
  const folders = [process.env.FABRIC_BIN, ...(process.env.PATH ?? '').split(delimiter)].filter(Boolean);
  return ['peer', 'orderer', 'osnadmin', 'configtxgen'].every((name) =>
    folders.some((folder) => existsSync(join(folder, name))),
  );
}

const totals = { passed: 0, failed: 0, pending: 0 };

function run(title, cwd, args, env = {}) {
  console.log(`\n== ${title}`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [mocha, ...args], {
      cwd,
      env: { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'error', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
      process.stdout.write(chunk);
    });
    child.on('close', (code) => {
      const count = (word) => Number(new RegExp(`^\\s*(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0);
      const [passed, failed] = [count('passing'), count('failing')];
      totals.passed += passed;
      // A run that dies, or that finds nothing to run, is a failure even if mocha never counted one.
      totals.failed += code !== 0 && failed === 0 ? 1 : failed === 0 && passed === 0 ? 1 : failed;
      totals.pending += count('pending');
      resolve(undefined);
    });
  });
}

/** A folder of `test/`: what crosses packages. */
async function suite(title, folder, env) {
  if (hasTests(join(root, 'test/dist', folder))) {
    const hooks = folder === 'e2e' ? ['--require', './dist/harness/hooks.js'] : [];
    await run(title, join(root, 'test'), [...hooks, `dist/${folder}/**/*.test.js`], env);
  }
}

const started = performance.now();
const only = process.argv[2];
if (!only || only === 'unit') {
  for (const name of units) {
    if (hasTests(join(root, name, 'dist'))) await run(`unit tests: ${name}`, join(root, name), []);
  }
  await suite("unit tests: the suite's own tools", 'privacy');
  await suite("unit tests: the benchmarks' own tools", 'bench');
  await suite('documentation', 'docs');
}
if (!only || only === 'embedded') {
  await suite('end to end: embedded ledger', 'e2e', { VITALEDGER_ENGINE: 'embedded' });
  await suite('conformance: embedded ledger', 'conformance');
  await suite('faults: embedded ledger', 'faults', { VITALEDGER_ENGINE: 'embedded' });
}
if (!only || only === 'fabric') {
  if (fabricBinaries()) {
    await suite('end to end: Hyperledger Fabric', 'e2e', { VITALEDGER_ENGINE: 'fabric' });
  } else {
    console.log('\n== end to end: Hyperledger Fabric: not run, its binaries are not on FABRIC_BIN or PATH');
  }
}
if (totals.pending > 0) console.log(`\n${totals.pending} pending`);
console.log(`\ntook ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
