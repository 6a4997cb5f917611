import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** The rooms that the table of docs/architecture.md names, by package. */
function documented(): Map<string, string[]> {
  const rooms = new Map<string, string[]>();
  let current: string | undefined;
  for (const [, name, list] of architecture.matchAll(
    /^\| (?:`([\w/]+)`)? *\| ((?:`[\w-]+`(?:, )?)+) *\|/gm,
  )) {
    current = name ?? current;
    assert.ok(current && list, 'the table begins with a package');
    rooms.set(current, [
      ...(rooms.get(current) ?? []),
      ...[...list.matchAll(/`([\w-]+)`/g)].map((match) => match[1]!),
    ]);
  }
  return rooms;
}

const folders = (packageName: string): string[] =>
  readdirSync(join(root, packageName, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

describe('docs/architecture.md', () => {
  const rooms = documented();

  it('names every package', () => {
    const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      workspaces: string[];
    };
    assert.deepEqual([...rooms.keys()].sort(), [...workspaces].sort());
  });

  for (const [name, list] of rooms) {
    it(`draws the rooms that ${name} has`, () => {
      assert.deepEqual([...list].sort(), folders(name));
    });
  }

  it('and its neighbours link only to what is there', () => {
    const pages = [
      'README.md',
      'CONTRIBUTING.md',
      'docs/README.md',
      'docs/architecture.md',
      'docs/decisions/README.md',
    ];
    for (const page of pages) {
      const folder = join(root, page, '..');
      for (const [, target] of readFileSync(join(root, page), 'utf8').matchAll(
        /\]\((?!https?:|#)([^)#]+)[^)]*\)/g,
      )) {
        assert.doesNotThrow(() => readFileSync(join(folder, target!)), `${page} links to ${target!}`);
      }
    }
  });
});
