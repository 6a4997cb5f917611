import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { exampleProfile } from '../../testing/profile.js';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { configPath, readConfig } from './config-file.js';
import { examineConfig } from './examine-config.js';
import { settingsOf } from './settings.js';

const BIN = join(__dirname, '../../../bin/vitaledger.js');
/** What the shell of whoever runs the test says is not meant. */
const unset = {
  VITALEDGER_PROFILE: '',
  VITALEDGER_IDENTITY: '',
  VITALEDGER_ACTOR: '',
  VITALEDGER_CONTEXT: '',
};

describe('the configuration', () => {
  const folder = temporaryFolder();
  const home = () => join(folder(), 'config');
  const file = () => join(home(), 'vitaledger', 'config.json');
  const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ XDG_CONFIG_HOME: home(), ...more });
  const write = (content: unknown, mode = 0o600): void => {
    mkdirSync(join(home(), 'vitaledger'), { recursive: true });
    writeFileSync(file(), typeof content === 'string' ? content : JSON.stringify(content));
    chmodSync(file(), mode);
  };
  const two = {
    current: 'hospital',
    contexts: {
      hospital: { profile: 'h.json', identity: '/h/msp', actor: 'practitioner/h1' },
      clinic: { profile: '/c.json', identity: '/c/msp' },
    },
  };
  const said = async (given: Parameters<typeof settingsOf>[0], more: NodeJS.ProcessEnv = {}) =>
    Object.fromEntries(
      Object.entries(await settingsOf(given, env(more))).map(([name, { value, source }]) => [
        name,
        [value, source],
      ]),
    );

  it('lies where XDG says, unless VITALEDGER_CONFIG names a file', () => {
    assert.equal(configPath({ XDG_CONFIG_HOME: '/xdg' }), '/xdg/vitaledger/config.json');
    assert.match(configPath({ XDG_CONFIG_HOME: 'relative' }), /\.config\/vitaledger\/config\.json$/);
    assert.equal(configPath({ XDG_CONFIG_HOME: '/xdg', VITALEDGER_CONFIG: '/my.json' }), '/my.json');
  });

  it('comes after options and the environment', async () => {
    write(two);
    const context = 'context hospital';
    assert.deepEqual(await said({}), {
      profile: [join(home(), 'vitaledger', 'h.json'), context],
      identity: ['/h/msp', context],
      actor: ['practitioner/h1', context],
    });
    assert.deepEqual((await said({ profile: 'p' }, { VITALEDGER_PROFILE: 'e' })).profile, ['p', '--profile']);
    assert.deepEqual((await said({}, { VITALEDGER_PROFILE: 'e' })).profile, ['e', 'VITALEDGER_PROFILE']);
    const chosen = await said({}, { VITALEDGER_CONTEXT: 'clinic' });
    assert.deepEqual(chosen, {
      profile: ['/c.json', 'context clinic'],
      identity: ['/c/msp', 'context clinic'],
    });
  });

  it('is before the environment where an option names a context', async () => {
    write(two);
    const { profile: found } = await said({ context: 'clinic' }, { VITALEDGER_PROFILE: 'e' });
    assert.deepEqual(found, ['/c.json', 'context clinic']);
    await assert.rejects(settingsOf({ context: 'lab' }, env()), /no context "lab"; it has hospital, clinic/);
  });

  it('is as a whole before the environment where an option names a context: also in having no actor', async () => {
    write({ ...two, contexts: { ...two.contexts, bare: { profile: '/b.json' } } });
    const environment = { VITALEDGER_IDENTITY: '/e/msp', VITALEDGER_ACTOR: 'practitioner/e' };
    assert.deepEqual(await said({ context: 'clinic' }, environment), {
      profile: ['/c.json', 'context clinic'],
      identity: ['/c/msp', 'context clinic'],
    });
    assert.equal((await said({ context: 'clinic', identity: '/x' }, environment)).actor, undefined);
    const { actor: own } = await said({ context: 'hospital' }, environment);
    assert.deepEqual(own, ['practitioner/h1', 'context hospital']);
    const { actor: given } = await said({ context: 'clinic', actor: 'practitioner/me' }, environment);
    assert.deepEqual(given, ['practitioner/me', '--actor']);
    // A context without an identity leaves both to the environment.
    const { actor: left } = await said({ context: 'bare' }, environment);
    assert.deepEqual(left, ['practitioner/e', 'VITALEDGER_ACTOR']);
    const { actor: unnamed } = await said({ profile: 'p', identity: '/x' }, environment);
    assert.deepEqual(unnamed, ['practitioner/e', 'VITALEDGER_ACTOR']);
  });

  it('lends nobody else the person that its identity acts for', async () => {
    write(two);
    assert.equal((await said({}, { VITALEDGER_IDENTITY: '/other/msp' })).actor, undefined);
    assert.deepEqual((await said({ actor: 'practitioner/me', identity: '/x' })).actor, [
      'practitioner/me',
      '--actor',
    ]);
  });

  it('is not read where everything is said, and refused where others may write it', async () => {
    write(two, 0o620);
    assert.ok((await said({ profile: 'p', identity: 'i' })).profile);
    await assert.rejects(
      settingsOf({}, env()),
      (error: VitaledgerError) => error.code === 'PRECONDITION_FAILED' && error.message.includes('chmod 600'),
    );
  });

  it('is refused with a reason when it is malformed', async () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      ['{', /not well-formed JSON/],
      [[], /must be an object/],
      [{ context: {} }, /"context", which is not known/],
      [{ current: 1 }, /"current" must be a name/],
      [{ contexts: { a: { key: 'k' } } }, /"a" has "key"; a context has profile, identity, actor/],
      [{ contexts: { a: { actor: '' } } }, /"actor" of "a" must be a text/],
    ];
    for (const [content, message] of wrong) {
      write(content);
      await assert.rejects(readConfig(file()), (error: VitaledgerError) => {
        assert.equal(error.code, 'INVALID_ARGUMENT');
        assert.match(error.message, message);
        return true;
      });
      assert.deepEqual(
        (await examineConfig(file())).map(({ result }) => result),
        ['failed'],
      );
    }
  });

  it('is examined: who may read it, what it uses, whether its files are there', async () => {
    const results = async () =>
      (await examineConfig(file())).map(({ result, text }) => `${result} ${text}`).join('\n');
    assert.deepEqual(await examineConfig(join(folder(), 'nothing')), []);
    write({ ...two, current: 'lab' });
    assert.match(await results(), /^failed .*uses "lab"/);
    write(two);
    assert.match(await results(), /^warning context hospital names .*h\.json, which is not there/);
    write({ contexts: { clinic: { actor: 'practitioner/c' } } }, 0o644);
    assert.match(await results(), /^warning Others may read/);
    chmodSync(file(), 0o600);
    assert.match(await results(), /^ok .*config\.json: clinic$/);
  });

  it('is made, used, shown and forgotten by the command', function () {
    this.timeout(30_000);
    const run = (...args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'config', ...args], {
        encoding: 'utf8',
        env: { ...process.env, VITALEDGER_CONFIG: '', ...unset, ...env() },
      });
      return { code: status, out: stdout, err: stderr };
    };
    const path = join(folder(), 'profile.json');
    writeFileSync(path, JSON.stringify(exampleProfile()));
    assert.match(run('list').out, /There is no context/);
    assert.equal(run('set', 'hospital', '--profile', join(folder(), 'none.json')).code, 4);
    assert.equal(run('set', 'hospital', '--actor', 'nobody').code, 2);
    assert.equal(run('set', 'hospital').code, 2);
    assert.equal(run('set', '../x', '--profile', path).code, 2);
    assert.equal(
      run('set', 'hospital', '--profile', path, '--identity', folder(), '--actor', 'practitioner/h1').code,
      0,
    );
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    run('set', 'clinic', '--profile', path);
    run('set', 'hospital', '--actor', '');
    assert.match(run('list').out, /^\* +hospital .*\n +clinic /m);
    assert.match(run('show').out, /profile +.*profile\.json +context hospital\n.*\nactor +not said/);
    assert.equal(run('use', 'clinic').code, 0);
    assert.match(run('show', '--identity', '/x').out, /context clinic\nidentity +\/x +--identity/);
    assert.equal(run('use', 'lab').code, 4);
    assert.equal(run('remove', 'clinic').code, 0);
    assert.deepEqual(JSON.parse(readFileSync(file(), 'utf8')), {
      contexts: { hospital: { profile: path, identity: folder() } },
    });
  });
});
