// Packs what is published, as npm would: packages/*.tgz, in the order in which they depend on each other.
//
//   npm run pack                      makes the packages
//   npm run pack -- --check           and holds them against what ESM, CommonJS and TypeScript users need (publint, attw),
//                                     and looks that they hold neither tests nor files that do not belong there
//   npm run pack -- --sbom            and writes packages/sbom.cdx.json: what whoever installs them gets (CycloneDX)
//
// Also: --output FOLDER.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const workspaces = ['domain', 'chaincode', 'client', 'network/embedded', 'network'];
/** Programs, not modules: nobody imports them. */
const programs = ['./bin/network.js', './dist/main.js'];

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    sbom: { type: 'boolean', default: false },
    output: { type: 'string', default: join(root, 'packages') },
  },
});
const output = resolve(options.output);

function run(command, ...args) {
  return runIn(root, command, ...args);
}

function runIn(cwd, command, ...args) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.error) throw result.error;
  return result;
}

/** What npm put in a package: its name, its file name, and the paths in it. */
function pack() {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const named = workspaces.flatMap((name) => ['--workspace', name]);
  const { status, stdout, stderr } = run(
    'npm',
    'pack',
    '--json',
    '--loglevel=error',
    ...named,
    '--pack-destination',
    output,
  );
  if (status !== 0) fail(`npm pack: ${stderr}`);
  // npm 12 names the packages in an object, earlier ones list them.
  return Object.values(JSON.parse(stdout)).sort((a, b) => order(a.name) - order(b.name));
}

function order(name) {
  return ['domain', 'chaincode', 'client', 'embedded-ledger', 'network'].indexOf(name.split('/')[1]);
}

function check({ name, filename, files }) {
  const paths = files.map(({ path }) => path);
  const stray = paths.filter((path) =>
    /\.test\.|(^|\/)testing\/|tsbuildinfo|node_modules|\.env|\.pem$|\.key$/.test(path),
  );
  const needed = ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts'].filter(
    (path) => !paths.includes(path),
  );
  const file = join(output, filename);
  return [
    ...stray.map((path) => `${name} holds ${path}, which is not for its users`),
    ...needed.map((path) => `${name} has no ${path}`),
    ...judge(name, 'publint', 'run', file, '--strict'),
    ...judge(name, 'attw', file, '--format', 'ascii', '--no-emoji', '--exclude-entrypoints', ...programs),
  ];
}

/** What a tool says of a package that it does not accept. */
function judge(name, tool, ...args) {
  const { status, stdout, stderr } = run(join(root, 'node_modules', '.bin', tool), ...args);
  return status === 0 ? [] : [`${tool} of ${name}:\n${stdout}${stderr}`];
}

/**
 * The bill of materials of an installation. Not of the workspace: there, npm leaves out what one package needs to run and
 * another one for its tests only.
 */
function billOfMaterials(packed) {
  const folder = mkdtempSync(join(tmpdir(), 'vitaledger-sbom-'));
  try {
    const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const dependencies = Object.fromEntries(
      packed.map(({ name, filename }) => [name, `file:${join(output, filename)}`]),
    );
    const manifest = { name: 'vitaledger', version, license, private: true, dependencies };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const installed = runIn(
      folder,
      'npm',
      'install',
      '--prefer-offline',
      '--no-fund',
      '--no-audit',
      '--ignore-scripts',
      '--loglevel=error',
    );
    if (installed.status !== 0) fail(`npm install: ${installed.stderr}`);
    const { status, stdout, stderr } = runIn(
      folder,
      'npm',
      'sbom',
      '--sbom-format=cyclonedx',
      '--loglevel=error',
    );
    if (status !== 0) fail(`npm sbom: ${stderr}`);
    return withoutMachine(JSON.parse(stdout), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where it was made is nobody's concern: paths of this machine, and of the registry that it installs from. What was installed its hash says. */
function withoutMachine(bill, folder) {
  const isPublic = ({ type }) => type !== 'distribution';
  bill.metadata.component.name = 'vitaledger';
  for (const component of bill.components) {
    if (component.externalReferences)
      component.externalReferences = component.externalReferences.filter(isPublic);
  }
  const text = JSON.stringify(bill, null, 2);
  if (text.includes(folder) || text.includes(output))
    fail('the bill of materials names folders of this machine');
  return { components: bill.components.length, text };
}

function fail(...messages) {
  for (const message of messages) console.error(message);
  process.exit(1);
}

const packed = pack();
if (options.check) {
  const problems = packed.flatMap(check);
  if (problems.length > 0) fail(...problems);
}
if (options.sbom) {
  const { components, text } = billOfMaterials(packed);
  writeFileSync(join(output, 'sbom.cdx.json'), `${text}\n`);
  console.log(`sbom.cdx.json ${components} components`);
}
for (const { filename, unpackedSize } of packed)
  console.log(`${filename} ${(unpackedSize / 1024).toFixed(0)} KiB`);
