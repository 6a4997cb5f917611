import { Command } from 'commander';
import { explainCommand } from './consent-explain-command.js';
import { grantCommand } from './consent-grant-command.js';
import { historyCommand, listCommand } from './consent-read-commands.js';
import { revokeCommand } from './consent-revoke-command.js';
import { templatesCommand } from './consent-templates-command.js';

/** `vitaledger consent`: what a patient permits and forbids, signed on the patient's device. */
export function consentCommand(): Command {
  return new Command('consent')
    .description("what a patient permits, signed with the patient's key")
    .addCommand(templatesCommand())
    .addCommand(explainCommand())
    .addCommand(grantCommand())
    .addCommand(listCommand())
    .addCommand(historyCommand())
    .addCommand(revokeCommand());
}
