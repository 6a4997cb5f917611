// Runs every package's unit tests and the suites that cross packages, the end-to-end suite on each engine that this
// machine has. Suites run side by side; each prints its report when it ends.
// The last line is "N passed, N failed", which CI reads.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
const units = ['network', 'network/embedded', 'client', 'chaincode', 'domain', 'demo'];
// One more than there are processors: networks that start and blocks that are cut are waited for without them.
const lanes = Number(process.env.VITALEDGER_TEST_LANES ?? Math.min(availableParallelism() + 1, 5));
if (!Number.isInteger(lanes) || lanes < 1) {
  console.error('VITALEDGER_TEST_LANES: give the number of suites that may run side by side, 1 or more.');
  process.exit(2);
}

/** The compiled test files of a folder, the largest first. */
function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((file) => String(file).endsWith('.test.js'))
    .map((file) => join(folder, String(file)))
    .sort((a, b) => statSync(b).size - statSync(a).size);
}

/** Fabric's binaries, as the network command looks for them. */
function fabricBinaries() {
  const folders = [process.env.FABRIC_BIN, ...(process.env.PATH ?? '').split(delimiter)].filter(Boolean);
  return ['peer', 'orderer', 'osnadmin', 'configtxgen'].every((name) =>
    folders.some((folder) => existsSync(join(folder, name))),
  );
}

const totals = { passed: 0, failed: 0, pending: 0 };
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

/** Runs mocha in a process of its own and prints what it wrote when it has ended, so that reports don't mix. */
function run({ title, cwd, args, env = {} }) {
  console.log(`-- ${title} …`);
  const from = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [mocha, ...args], {
      cwd,
      env: { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'error', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.on('close', (code) => {
      const output = Buffer.concat(chunks).toString();
      const count = (word) => Number(new RegExp(`^\\s*(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0);
      const [passed, failed] = [count('passing'), count('failing')];
      totals.passed += passed;
      // A run that dies, or that finds nothing to run, is a failure even if mocha never counted one.
      totals.failed += code !== 0 && failed === 0 ? 1 : failed === 0 && passed === 0 ? 1 : failed;
      totals.pending += count('pending');
      console.log(`\n== ${title} (${seconds(from)})\n${output}`);
      resolve(undefined);
    });
  });
}

/** A package's unit tests. */
const unit = (name) => ({ title: `unit tests: ${name}`, cwd: join(root, name), args: [] });

/** A folder of `test/`: what crosses packages. */
function suite(title, folder, env) {
  const files = testFiles(join(root, 'test/dist', folder));
  return files.length === 0 ? [] : [ofFiles(title, files, env)];
}

function ofFiles(title, files, env, hooks = []) {
  const cwd = join(root, 'test');
  return { title, cwd, env, args: [...hooks, ...files.map((file) => relative(cwd, file)).sort()] };
}

/**
 * The end-to-end suite in two shares of about equal size, each on a network of its own: alone it would run for longer
 * than all others together.
 */
function endToEnd(title, engine) {
  const shares = [[], []];
  const sizes = [0, 0];
  for (const file of testFiles(join(root, 'test/dist/e2e'))) {
    const smaller = sizes[0] <= sizes[1] ? 0 : 1;
    shares[smaller].push(file);
    sizes[smaller] += statSync(file).size;
  }
  return shares
    .filter((files) => files.length > 0)
    .map((files, index) =>
      ofFiles(`${title} (${index + 1} of 2)`, files, { VITALEDGER_ENGINE: engine }, [
        '--require',
        './dist/harness/hooks.js',
      ]),
    );
}

// The longest first, so that no lane is left alone with one at the end.
const embedded = [
  ...endToEnd('end to end: embedded ledger', 'embedded'),
  ...suite('conformance: embedded ledger', 'conformance'),
  ...suite('faults: embedded ledger', 'faults', { VITALEDGER_ENGINE: 'embedded' }),
];
const packages = [
  ...suite('documentation', 'docs'),
  ...units.filter((name) => testFiles(join(root, name, 'dist')).length > 0).map(unit),
  ...suite('what is written as FHIR', 'fhir'),
  ...suite("unit tests: the suite's own tools", 'privacy'),
  ...suite("unit tests: the benchmarks' own tools", 'bench'),
];
const fabric = fabricBinaries() ? endToEnd('end to end: Hyperledger Fabric', 'fabric') : [];

const parts = { unit: packages, embedded, fabric };
const only = process.argv[2];
if (only !== undefined && !(only in parts)) {
  console.error(`There is no part ${only}: say ${Object.keys(parts).join(', ')}, or nothing for all.`);
  process.exit(2);
}
const started = performance.now();
const queue = only === undefined ? [...fabric, ...embedded, ...packages] : [...parts[only]];
const lane = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) await run(next);
};
await Promise.all(Array.from({ length: lanes }, lane));

if (fabric.length === 0 && (only === undefined || only === 'fabric')) {
  console.log('== end to end: Hyperledger Fabric: not run, its binaries are not on FABRIC_BIN or PATH');
}
if (totals.pending > 0) console.log(`\n${totals.pending} pending`);
console.log(`\ntook ${seconds(started)}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
