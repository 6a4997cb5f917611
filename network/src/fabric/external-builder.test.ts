import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type ProgramResult } from './run-program.js';

const PROGRAMS = join(__dirname, '..', '..', 'builders', 'ccaas', 'bin');

describe('The external builder', () => {
  let root: string;
  const folder = (name: string): string => join(root, name);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vitaledger builder-'));
    for (const name of ['source', 'metadata', 'build', 'release', 'services']) {
      await mkdir(folder(name));
    }
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  function run(program: string, ...folders: string[]): Promise<ProgramResult> {
    const env = { VITALEDGER_CHAINCODE_SERVICES: folder('services') };
    return runProgram(join(PROGRAMS, program), folders.map(folder), env);
  }

  async function detects(metadata: string): Promise<boolean> {
    await writeFile(join(folder('metadata'), 'metadata.json'), metadata);
    return (await run('detect', 'source', 'metadata')).succeeded;
  }

  async function build(file: string, content: string): Promise<ProgramResult> {
    await writeFile(join(folder('source'), file), content);
    const built = await run('build', 'source', 'metadata', 'build');
    assert.equal(built.succeeded, true);
    return run('release', 'build', 'release');
  }

  const released = join('chaincode', 'server', 'connection.json');

  it('takes chaincodes that run as a service, and no others', async () => {
    assert.equal(await detects('{"type":"ccaas","label":"care_1.0"}'), true);
    assert.equal(await detects('{ "label": "care_1.0",\n  "type" : "ccaas" }'), true);
    assert.equal(await detects('{"type":"golang","label":"ccaas"}'), false);
  });

  it('hands the peer its own connection to the service, for its eyes only', async () => {
    await writeFile(join(folder('services'), 'care.json'), '{"address":"127.0.0.1:1"}');
    assert.equal((await build('service.name', 'care\n')).succeeded, true);
    const file = join(folder('release'), released);
    assert.equal(await readFile(file, 'utf8'), '{"address":"127.0.0.1:1"}');
    assert.equal((await stat(file)).mode & 0o077, 0);
  });

  it("takes other people's packages, which bring the connection themselves", async () => {
    assert.equal((await build('connection.json', '{"address":"elsewhere:1"}')).succeeded, true);
    assert.equal(await readFile(join(folder('release'), released), 'utf8'), '{"address":"elsewhere:1"}');
  });

  it('refuses a service that the peer does not know, and a name that leads elsewhere', async () => {
    assert.match((await build('service.name', 'other\n')).stderr, /this peer knows no service other/);
    assert.match((await build('service.name', '../care\n')).stderr, /not a name of a service/);
  });

  it('refuses a package without either', async () => {
    const result = await run('build', 'source', 'metadata', 'build');
    assert.equal(result.succeeded, false);
    assert.match(result.stderr, /neither service\.name nor connection\.json/);
  });
});
