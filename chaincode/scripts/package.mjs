// Makes the folders that are deployed on a real network: chaincode/deploy/package/{care,registry}. Each is complete without
// this repository: compiled contracts, the domain code, a package.json and its lock, so that `npm ci --omit=dev` there (what
// Fabric's Node.js builder runs) installs exactly what we tested. Root overrides don't travel, so they are written into it.
//
//   npm run package -w chaincode                     makes the folders
//   npm run package -w chaincode -- --check          and proves that they install and load outside the workspace
//   npm run package -w chaincode -- --update-lock    first renews chaincode/deploy/package-lock.json
//
// Also: --output FOLDER, --only care|registry, --no-build. Exit code 3: no package registry could be reached.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const chaincode = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(chaincode);
const lockFile = join(chaincode, 'deploy', 'package-lock.json');

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    build: { type: 'boolean', default: true },
    check: { type: 'boolean', default: false },
    only: { type: 'string' },
    output: { type: 'string', default: join(chaincode, 'deploy', 'package') },
    'update-lock': { type: 'boolean', default: false },
  },
});
const output = resolve(options.output);
const names = ['care', 'registry'].filter((name) => !options.only || options.only === name);

const read = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));
const write = (value, ...path) => writeFileSync(join(...path), `${JSON.stringify(value, null, 2)}\n`);

/** Only what runs: no tests, test doubles, declarations or source maps. */
function runs(path) {
  return !/(\.test\.js|\.d\.ts|\.map|\.tsbuildinfo)$/.test(path) && !['testing'].includes(basename(path));
}

function packageOf(name) {
  const { version, engines, license, dependencies } = read(chaincode, 'package.json');
  return {
    name: `vitaledger-${name}`,
    version,
    private: true,
    license,
    engines,
    main: `dist/${name}.js`,
    scripts: { start: 'fabric-chaincode-node server' },
    dependencies: { ...dependencies, '@vitaledger/domain': 'file:domain' },
    overrides: read(root, 'package.json').overrides,
  };
}

/** Types are for the compiler: they are not deployed. */
function domainPackage() {
  const { name, version, license, main, dependencies } = read(root, 'domain', 'package.json');
  const needed = Object.entries(dependencies).filter(([dependency]) => !dependency.startsWith('@types/'));
  return { name, version, private: true, license, main, dependencies: Object.fromEntries(needed) };
}

function writeManifests(folder, name) {
  mkdirSync(join(folder, 'domain'), { recursive: true });
  write(packageOf(name), folder, 'package.json');
  write(domainPackage(), folder, 'domain', 'package.json');
}

function run(command, args, cwd, what) {
  const env = { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'error' };
  const result = spawnSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.status !== 0) {
    const said = `${result.stdout}${result.stderr}`;
    console.error(`${what} failed:\n${said}`);
    process.exit(
      /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EIDLETIMEOUT)\b/.test(said) ? 3 : 1,
    );
  }
  return result.stdout;
}

function npmCi(folder) {
  const quiet = ['--no-fund', '--no-audit', '--loglevel=error'];
  run('npm', ['ci', '--omit=dev', '--prefer-offline', ...quiet], folder, `npm ci in ${folder}`);
}

function updateLock() {
  const folder = mkdtempSync(join(tmpdir(), 'vitaledger-lock-'));
  try {
    writeManifests(folder, 'chaincode');
    const args = [
      'install',
      '--package-lock-only',
      '--omit-lockfile-registry-resolved',
      '--no-fund',
      '--no-audit',
    ];
    run('npm', args, folder, 'npm install --package-lock-only');
    const lock = read(folder, 'package-lock.json');
    for (const entry of Object.values(lock.packages)) if (!entry.link) delete entry.resolved;
    write(lock, lockFile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makePackage(name) {
  const folder = join(output, name);
  rmSync(folder, { recursive: true, force: true });
  writeManifests(folder, name);
  const lock = read(lockFile);
  lock.name = lock.packages[''].name = `vitaledger-${name}`;
  write(lock, folder, 'package-lock.json');
  cpSync(join(chaincode, 'dist'), join(folder, 'dist'), { recursive: true, filter: runs });
  cpSync(join(root, 'domain', 'dist'), join(folder, 'domain', 'dist'), { recursive: true, filter: runs });
  console.log(folder);
}

/** Installs and loads the packages where nothing of the workspace is in reach. */
function check() {
  const folder = mkdtempSync(join(tmpdir(), 'vitaledger-package-'));
  const load =
    'console.log(require("./" + require("./package.json").main).contracts.map((c) => c.name).join(" "))';
  try {
    for (const name of names) {
      const copy = join(folder, name);
      cpSync(join(output, name), copy, { recursive: true });
      npmCi(copy);
      run(process.execPath, ['node_modules/fabric-shim/cli.js', '--version'], copy, `the shim of ${name}`);
      console.log(`${name}: ${run(process.execPath, ['-e', load], copy, `loading ${name}`).trim()}`);
      rmSync(copy, { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (options['update-lock']) updateLock();
if (options.build) {
  const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
  run(process.execPath, [compiler, '--build', chaincode], root, 'compiling');
}
for (const name of names) makePackage(name);
if (options.check) check();
