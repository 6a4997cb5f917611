import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parseJson, VitaledgerError } from '@vitaledger/domain';
import { DurableFiles } from '../../vault/durable-file.js';
import { readTextFile } from '../json-file.js';

/** Whereto and as whom, under a name. What a context leaves out is given by options or the environment. */
export interface ConfigContext {
  /** Connection profile; a relative path starts at the file's folder. */
  readonly profile?: string;
  /** Folder with `signcerts/` and `keystore/`; likewise. */
  readonly identity?: string;
  /** The person that a service identity acts for: `role/subject`. */
  readonly actor?: string;
}

/** What the configuration file holds. */
export interface Config {
  /** Name of the context that is used where none is named. */
  readonly current?: string;
  readonly contexts: Readonly<Record<string, ConfigContext>>;
}

/** The settings of a context, in the order in which they are shown. */
export const SETTINGS = ['profile', 'identity', 'actor'] as const;

/** What only the file's owner may do: whoever else writes it decides which network a command speaks to. */
const writableByOthers = 0o022;

/**
 * Where the configuration lies: `VITALEDGER_CONFIG`, or `vitaledger/config.json` in the folder that the XDG Base Directory
 * Specification names.
 */
export function configPath(env: NodeJS.ProcessEnv = process.env): string {
  const { VITALEDGER_CONFIG: file = '', XDG_CONFIG_HOME: folder = '' } = env;
  if (file !== '') return resolve(file);
  // The specification: "All paths must be absolute. If relative, consider the path invalid and ignore it."
  return join(isAbsolute(folder) ? folder : join(homedir(), '.config'), 'vitaledger', 'config.json');
}

/**
 * The configuration; an empty one when there is no file.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` (not a configuration), `PRECONDITION_FAILED` (others may write the file)
 */
export async function readConfig(file = configPath()): Promise<Config> {
  if (!(await isOwners(file))) return { contexts: {} };
  return checkConfig(parseJson(await readTextFile(file), file), file);
}

/** Replaces the file, or makes it, and its folder; nobody else may read it. */
export async function writeConfig(config: Config, file = configPath()): Promise<void> {
  const text = `${JSON.stringify(config, undefined, 2)}\n`;
  await new DurableFiles(dirname(file)).replace(file, Buffer.from(text));
}

/** Whether the file is there. Throws when somebody else may write it. Windows has no such permission bits. */
async function isOwners(file: string): Promise<boolean> {
  let mode: number;
  try {
    ({ mode } = await stat(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  if (process.platform === 'win32' || (mode & writableByOthers) === 0) return true;
  throw new VitaledgerError(
    'PRECONDITION_FAILED',
    `Others may write ${file}, and so decide which network you speak to. Make it yours: chmod 600`,
  );
}

function checkConfig(value: unknown, file: string): Config {
  const { current, contexts = {}, ...rest } = members(value, file, 'it');
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw malformed(file, `has "${unknown}", which is not known`);
  const entries = Object.entries(members(contexts, file, '"contexts"')).map(
    ([name, context]) => [name, checkContext(name, context, file)] as const,
  );
  if (current !== undefined && typeof current !== 'string') throw malformed(file, '"current" must be a name');
  return { ...(current === undefined ? {} : { current }), contexts: Object.fromEntries(entries) };
}

function checkContext(name: string, value: unknown, file: string): ConfigContext {
  const context = members(value, file, `"${name}"`);
  for (const [setting, text] of Object.entries(context)) {
    if (!(SETTINGS as readonly string[]).includes(setting)) {
      throw malformed(file, `"${name}" has "${setting}"; a context has ${SETTINGS.join(', ')}`);
    }
    if (typeof text !== 'string' || text === '') {
      throw malformed(file, `"${setting}" of "${name}" must be a text`);
    }
  }
  return context;
}

function members(value: unknown, file: string, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw malformed(file, `${what} must be an object`);
}

function malformed(file: string, problem: string): VitaledgerError {
  return new VitaledgerError('INVALID_ARGUMENT', `${file} is no configuration: ${problem}`);
}
