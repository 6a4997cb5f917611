import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PROJECT = join(__dirname, '../../..');

interface Package {
  readonly name: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Puts the client's package into a folder as an installation would: the files that it is published with, its dependencies, and nothing else of
 * the project.
 *
 * @returns the path of the `vitaledger` program there
 */
export function installClient(folder: string): string {
  const modules = join(folder, 'node_modules');
  for (const workspace of ['domain', 'client']) installPackage(join(PROJECT, workspace), modules);
  return join(modules, '@vitaledger/client/bin/vitaledger.js');
}

function installPackage(source: string, modules: string): void {
  const { name, files, dependencies } = JSON.parse(
    readFileSync(join(source, 'package.json'), 'utf8'),
  ) as Package;
  const published = files.filter((file) => !file.startsWith('!') && file !== 'src');
  for (const file of ['package.json', ...published]) {
    const filter = (path: string): boolean => !/\.test\.|\/testing(\/|$)/.test(path.slice(source.length));
    cpSync(join(source, file), join(modules, name, file), { recursive: true, filter });
  }
  for (const dependency of Object.keys(dependencies).filter((one) => !one.startsWith('@vitaledger/'))) {
    const place = join(modules, dependency);
    mkdirSync(dirname(place), { recursive: true });
    if (!existsSync(place)) symlinkSync(packageFolder(source, dependency), place);
  }
}

/** Of a package that the workspace or the project has. */
function packageFolder(source: string, dependency: string): string {
  const places = [source, PROJECT].map((folder) => join(folder, 'node_modules', dependency));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${dependency} is not installed`);
  return found;
}
