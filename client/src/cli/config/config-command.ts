import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import { readProfile } from '../../connection/read-profile.js';
import { actorOf, withLedgerOptions } from '../ledger-options.js';
import { table } from '../table.js';
import { show, withJson } from '../trials/trial-input.js';
import {
  configPath,
  readConfig,
  SETTINGS,
  writeConfig,
  type Config,
  type ConfigContext,
} from './config-file.js';
import { settingsOf, type GivenSettings } from './settings.js';

interface JsonFlags {
  readonly json?: true;
}

/** `vitaledger config`: named contexts, each an organization's network and an identity there. */
export function configCommand(): Command {
  return new Command('config')
    .description('names for whereto and as whom, in one file of yours')
    .addCommand(setCommand())
    .addCommand(useCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(removeCommand())
    .addHelpText(
      'after',
      '\nThe file is VITALEDGER_CONFIG, or vitaledger/config.json in XDG_CONFIG_HOME (~/.config). It holds paths, never keys.\n' +
        'Options of a command go before the environment (VITALEDGER_PROFILE, …), and that before the file.' +
        '\n\nExample:\n  vitaledger config set hospital --profile vitaledger-hospital.json --identity users/registrar/msp\n' +
        '  vitaledger config use hospital\n  vitaledger record list alice.tokens --context clinic',
    );
}

function setCommand(): Command {
  const command = new Command('set')
    .description('make a context, or change what is given of it; the first one is used from then on')
    .argument('<name>')
    .option('--profile <file>', 'connection profile')
    .option('--identity <folder>', 'folder with signcerts/ and keystore/ of one identity')
    .option('--actor <role/subject>', 'the person that a service identity acts for; none: ""')
    .action(async (name: string, { profile, identity, actor, ...flags }: ConfigContext & JsonFlags) => {
      checkName(name);
      const config = await readConfig();
      const context = {
        ...contextOf(config, name),
        ...(profile === undefined ? {} : { profile: await profileAt(profile) }),
        ...(identity === undefined ? {} : { identity: await folderAt(identity) }),
        ...withActor(actor),
      };
      const settled = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== ''));
      if (Object.keys(settled).length === 0) {
        throw new VitaledgerError(
          'INVALID_ARGUMENT',
          `Say what ${name} is: --profile, --identity or --actor`,
        );
      }
      const contexts = { ...config.contexts, [name]: settled };
      await writeConfig({ current: config.current ?? name, contexts });
      show(flags, { context: name, ...settled }, `${name} is in ${configPath()}`);
    })
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger config set clinic --profile vitaledger-clinic.json --identity users/service/msp \\\n' +
        '    --actor practitioner/8c0f…4e',
    );
  return withJson(command);
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9][\w.-]{0,63}$/.test(name) && name !== '__proto__') return;
  throw new VitaledgerError('INVALID_ARGUMENT', 'A name is of letters, digits, ".", "-" and "_"');
}

/** An empty actor takes away the one that was set. */
function withActor(actor: string | undefined): ConfigContext {
  if (actor === undefined) return {};
  actorOf(actor);
  return { actor };
}

async function profileAt(file: string): Promise<string> {
  await readProfile(file);
  return resolve(file);
}

async function folderAt(folder: string): Promise<string> {
  try {
    await access(folder);
    return resolve(folder);
  } catch {
    throw new VitaledgerError('NOT_FOUND', `There is no such folder: ${folder}`);
  }
}

function contextOf({ contexts }: Config, name: string): ConfigContext | undefined {
  return Object.hasOwn(contexts, name) ? contexts[name] : undefined;
}

function known(config: Config, name: string): ConfigContext {
  const found = contextOf(config, name);
  if (found) return found;
  throw new VitaledgerError('NOT_FOUND', `There is no context "${name}" in ${configPath()}`);
}

function useCommand(): Command {
  return new Command('use')
    .description('use a context where none is named')
    .argument('<name>')
    .action(async (name: string) => {
      const config = await readConfig();
      known(config, name);
      await writeConfig({ ...config, current: name });
      process.stdout.write(`${name} is used from now on\n`);
    })
    .addHelpText('after', '\nExample:\n  vitaledger config use clinic');
}

function removeCommand(): Command {
  return new Command('remove')
    .description('forget a context; the files that it names stay')
    .argument('<name>')
    .action(async (name: string) => {
      const { current, contexts } = await readConfig();
      known({ contexts }, name);
      const rest = Object.fromEntries(Object.entries(contexts).filter(([one]) => one !== name));
      const kept = current === undefined || current === name ? {} : { current };
      await writeConfig({ ...kept, contexts: rest });
      process.stdout.write(`${name} is forgotten\n`);
    })
    .addHelpText('after', '\nExample:\n  vitaledger config remove clinic');
}

function listCommand(): Command {
  const command = new Command('list')
    .description('the contexts; * marks the one that is used')
    .action(async (flags: JsonFlags) => {
      const { current, contexts } = await readConfig();
      const rows = Object.entries(contexts).map(([name, context]) => [
        name === current ? '*' : '',
        name,
        ...SETTINGS.map((setting) => context[setting] ?? ''),
      ]);
      show(
        flags,
        { file: configPath(), current, contexts },
        table(['', 'context', ...SETTINGS], rows) || `There is no context in ${configPath()}`,
      );
    })
    .addHelpText('after', '\nExample:\n  vitaledger config list --json');
  return withJson(command);
}

function showCommand(): Command {
  const command: Command = new Command('show')
    .description('what a command would use, and who says so: an option, the environment or a context')
    .action(async ({ json, ...given }: GivenSettings & JsonFlags) => {
      const settings = await settingsOf(given);
      const rows = SETTINGS.map((name) => [
        name,
        settings[name]?.value ?? '',
        settings[name]?.source ?? 'not said',
      ]);
      show(json ? { json } : {}, settings, table(['setting', 'value', 'said by'], rows));
    })
    .addHelpText('after', '\nExample:\n  vitaledger config show --context clinic');
  return withJson(withLedgerOptions(command));
}
