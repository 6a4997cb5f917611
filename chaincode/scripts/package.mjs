// Makes the folders that are deployed on a real network: chaincode/deploy/package/{care,registry}. Each is complete without
// this repository: compiled contracts, the domain code, a package.json and its lock, so that `npm ci --omit=dev` there (what
// Fabric's Node.js builder runs) installs exactly what we tested. Root overrides don't travel, so they are written into it.
//
//   npm run package -w chaincode                     makes the folders
//   npm run package -w chaincode -- --check          and proves that they install and load outside the workspace
//   npm run package -w chaincode -- --update-lock    first renews chaincode/deploy/package-lock.json
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const chaincode = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(chaincode);
const output = join(chaincode, 'deploy', 'package');
const lockFile = join(chaincode, 'deploy', 'package-lock.json');
const names = ['care', 'registry'];

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
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.status !== 0) {
    console.error(`${what} failed:\n${result.stdout}${result.stderr}`);
    process.exit(1);
  }
  return result.stdout;
}

function npmCi(folder) {
  run(
    'npm',
    ['ci', '--omit=dev', '--no-fund', '--no-audit', '--loglevel=error'],
    folder,
    `npm ci in ${folder}`,
  );
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
    'console.log(require(require("./package.json").main.replace(/^/, "./")).contracts.map((c) => c.name).join(" "))';
  try {
    for (const name of names) cpSync(join(output, name), join(folder, name), { recursive: true });
    for (const name of names) {
      npmCi(join(folder, name));
      console.log(
        `${name}: ${run(process.execPath, ['-e', load], join(folder, name), `loading ${name}`).trim()}`,
      );
      run(process.execPath, ['node_modules/fabric-shim/cli.js', '--version'], join(folder, name), 'the shim');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv.includes('--update-lock')) updateLock();
run(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '--build', chaincode],
  root,
  'compiling',
);
for (const name of names) makePackage(name);
if (process.argv.includes('--check')) check();
