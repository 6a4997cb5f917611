import { dirname, resolve } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { configPath, readConfig, SETTINGS, type ConfigContext } from './config-file.js';

/** What the options of a command say. */
export interface GivenSettings extends ConfigContext {
  /** Name of a context of the configuration file. */
  readonly context?: string;
}

/** A setting, and who says so. */
export interface Setting {
  readonly value: string;
  /** `--profile`, `VITALEDGER_PROFILE`, `context hospital`. */
  readonly source: string;
}

export type Settings = Readonly<Partial<Record<(typeof SETTINGS)[number], Setting>>>;

interface Layer {
  readonly settings: ConfigContext;
  readonly sourceOf: (setting: (typeof SETTINGS)[number]) => string;
  /** Of what is not named for this command, where something is: its actor counts for its own identity only. */
  readonly isBackground?: true;
}

/**
 * What is used: options before the context that an option names, before the environment, before the configuration's current
 * context. The actor of that one is left out where the identity is another's, and so is the environment's where an option names a
 * context: it is above the environment as a whole.
 *
 * @throws VitaledgerError as `readConfig`; `NOT_FOUND` when there is no context of a name that was given
 */
export async function settingsOf(
  given: GivenSettings,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Settings> {
  const layers: Layer[] = [
    { settings: given, sourceOf: (name) => `--${name}` },
    ...(given.context === undefined ? [] : [await named(given.context, env)]),
    {
      settings: {
        profile: env.VITALEDGER_PROFILE,
        identity: env.VITALEDGER_IDENTITY,
        actor: env.VITALEDGER_ACTOR,
      },
      sourceOf: (name) => `VITALEDGER_${name.toUpperCase()}`,
      ...(given.context === undefined ? {} : { isBackground: true }),
    },
  ];
  const settled = pick(layers);
  // What is said already needs no file: a broken one is nobody's concern then.
  if (settled.profile && settled.identity) return settled;
  const background = await current(env);
  return pick(background ? [...layers, background] : layers);
}

function pick(layers: readonly Layer[]): Settings {
  const found: { -readonly [name in keyof Settings]: Setting } = {};
  let identityFrom: Layer | undefined;
  for (const name of SETTINGS) {
    const layer = layers.find(({ settings }) => (settings[name] ?? '') !== '');
    if (!layer) continue;
    if (name === 'identity') identityFrom = layer;
    if (name === 'actor' && layer.isBackground && identityFrom !== layer) continue;
    found[name] = { value: layer.settings[name] ?? '', source: layer.sourceOf(name) };
  }
  return found;
}

async function current(env: NodeJS.ProcessEnv): Promise<Layer | undefined> {
  const wanted = env.VITALEDGER_CONTEXT ?? '';
  const name = wanted === '' ? (await readConfig(configPath(env))).current : wanted;
  return name === undefined ? undefined : { ...(await named(name, env)), isBackground: true };
}

async function named(name: string, env: NodeJS.ProcessEnv): Promise<Layer> {
  const file = configPath(env);
  const { contexts } = await readConfig(file);
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (context) return { settings: withPaths(context, dirname(file)), sourceOf: () => `context ${name}` };
  const others = Object.keys(contexts).join(', ');
  throw new VitaledgerError(
    'NOT_FOUND',
    `${file} has no context "${name}"; ${others === '' ? 'make it with "vitaledger config set"' : `it has ${others}`}`,
  );
}

/** A context whose paths may be used wherever the command is run. */
export function withPaths(context: ConfigContext, folder: string): ConfigContext {
  const { profile, identity } = context;
  return {
    ...context,
    ...(profile === undefined ? {} : { profile: resolve(folder, profile) }),
    ...(identity === undefined ? {} : { identity: resolve(folder, identity) }),
  };
}
