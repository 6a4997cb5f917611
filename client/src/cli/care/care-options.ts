import type { Command } from 'commander';
import { withLedgerOptions } from '../ledger-options.js';
import { withJson } from '../trials/trial-input.js';

/** Adds what every command of the care channel takes: whereto, as whom, and in which form to answer. */
export function withCareOptions(command: Command): Command {
  return withJson(withLedgerOptions(command));
}

/** An option that may be given several times. */
export function collected(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}
