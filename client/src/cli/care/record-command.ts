import { Command } from 'commander';
import { exportCommand, reconcileCommand } from './record-export-commands.js';
import { importCommand } from './record-import-command.js';
import { documentCommand, registerCommand } from './record-register-commands.js';
import { amendCommand, eraseCommand, retractCommand } from './record-change-commands.js';
import { listCommand, verifyCommand } from './record-read-commands.js';

/** `vitaledger record`: the records of one's own organization's patients. */
export function recordCommand(): Command {
  return new Command('record')
    .description("the records of your organization's patients: contents in its vault, evidence on the ledger")
    .addCommand(registerCommand())
    .addCommand(documentCommand())
    .addCommand(importCommand())
    .addCommand(exportCommand())
    .addCommand(reconcileCommand())
    .addCommand(listCommand())
    .addCommand(amendCommand())
    .addCommand(retractCommand())
    .addCommand(eraseCommand())
    .addCommand(verifyCommand());
}
