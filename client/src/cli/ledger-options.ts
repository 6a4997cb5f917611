import { isRole, isSubject, VitaledgerError } from '@vitaledger/domain';
import type { Command } from 'commander';
import type { Vitaledger } from '../connect.js';
import type { Actor } from '../session/session.js';
import { settingsOf, type Setting } from './config/settings.js';

interface LedgerSource {
  readonly profile: string;
  readonly identity: string;
  readonly actor: Actor | undefined;
}

/** Adds the options that say which network a command speaks to, and as whom; the environment may give them too. */
export function withLedgerOptions(command: Command): Command {
  return command
    .option('--context <name>', 'a context of "vitaledger config" (or VITALEDGER_CONTEXT)')
    .option('--profile <file>', 'connection profile (or VITALEDGER_PROFILE)')
    .option(
      '--identity <folder>',
      'folder with signcerts/ and keystore/ of one identity (or VITALEDGER_IDENTITY)',
    )
    .option(
      '--actor <role/subject>',
      'the person that a service identity acts for, by pseudonym (or VITALEDGER_ACTOR)',
    );
}

/**
 * Whereto and as whom a command is to connect, by its options, the environment and the configuration.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` when none of them says it; as `settingsOf`
 */
export async function ledgerSource(command: Command): Promise<LedgerSource> {
  const { profile, identity, actor } = await settingsOf(command.opts());
  return {
    profile: required(profile, 'profile'),
    identity: required(identity, 'identity'),
    actor: actorOf(actor?.value),
  };
}

/**
 * Connects as the options of a command say, and closes the connection after the work.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` when they say not whereto or as whom.
 */
export async function withLedger<T>(command: Command, work: (ledger: Vitaledger) => Promise<T>): Promise<T> {
  const { actor, ...source } = await ledgerSource(command);
  // Loaded only where a ledger is spoken to, so that every other command starts at once.
  const { connect } = await import('../connect.js');
  await using ledger = await connect({ ...source, ...(actor ? { actor } : {}) });
  return await work(ledger);
}

/** Reads `role/subject`. */
export function actorOf(text: string | undefined): Actor | undefined {
  if (text === undefined || text === '') return undefined;
  const [role, subject, ...rest] = text.split('/');
  if (isRole(role) && isSubject(subject) && rest.length === 0) return { role, subject };
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    '--actor must be a role and a pseudonym, such as investigator/9f86d081884c7d65',
  );
}

/** Writes an answer to standard output: JSON, for people and for programs. */
export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

function required(setting: Setting | undefined, name: string): string {
  if (setting) return setting.value;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `It is not said which ${name} to use: give --${name}, set VITALEDGER_${name.toUpperCase()}, or name one with "vitaledger config set"`,
  );
}
