import { Command } from 'commander';
import { issueCommand } from './issue-command.js';
import { cancelCommand, listCommand, refillCommand, showCommand, tokenCommand } from './patient-commands.js';
import { dispenseCommand, dispensedCommand, redeemCommand, restCommand } from './pharmacy-commands.js';

/** `vitaledger prescription`: issued by a practitioner, carried by the patient, each fill made once by any pharmacy. */
export function prescriptionCommand(): Command {
  return new Command('prescription')
    .description('prescriptions: issued, carried by the patient, each fill made once by any pharmacy')
    .addCommand(issueCommand())
    .addCommand(tokenCommand())
    .addCommand(refillCommand())
    .addCommand(showCommand())
    .addCommand(listCommand())
    .addCommand(redeemCommand())
    .addCommand(dispenseCommand())
    .addCommand(restCommand())
    .addCommand(dispensedCommand())
    .addCommand(cancelCommand());
}
