import { VitaledgerError } from '@vitaledger/domain';
import type { Command } from 'commander';
import type { Vitaledger } from '../connect.js';

interface LedgerOptions {
  readonly profile?: string;
  readonly identity?: string;
}

/** Adds the options that say which network a command speaks to, and as whom; the environment may give them too. */
export function withLedgerOptions(command: Command): Command {
  return command
    .option('--profile <file>', 'connection profile (or VITALEDGER_PROFILE)')
    .option(
      '--identity <folder>',
      'folder with signcerts/ and keystore/ of one identity (or VITALEDGER_IDENTITY)',
    );
}

/**
 * Connects as the options of a command say, and closes the connection after the work.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` when they say not whereto or as whom.
 */
export async function withLedger<T>(command: Command, work: (ledger: Vitaledger) => Promise<T>): Promise<T> {
  const options: LedgerOptions = command.opts();
  const profile = required(options.profile ?? process.env.VITALEDGER_PROFILE, 'profile');
  const identity = required(options.identity ?? process.env.VITALEDGER_IDENTITY, 'identity');
  // Loaded only where a ledger is spoken to, so that every other command starts at once.
  const { connect } = await import('../connect.js');
  await using ledger = await connect({ profile, identity });
  return await work(ledger);
}

/** Writes an answer to standard output: JSON, for people and for programs. */
export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

function required(value: string | undefined, name: string): string {
  if (value !== undefined && value !== '') return value;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `It is not said which ${name} to use: give --${name}, or set VITALEDGER_${name.toUpperCase()}`,
  );
}
