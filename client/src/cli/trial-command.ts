import { Command } from 'commander';
import { trialAnalysisCommand } from './trial-analysis-command.js';
import { trialDataCommand } from './trial-data-command.js';
import { trialDocumentCommand } from './trial-document-command.js';
import { trialParticipantCommand } from './trial-participant-command.js';
import { changeCommands } from './trials/change-commands.js';
import { importCommand } from './trials/import-command.js';
import { outcomesCommand } from './trials/outcomes-command.js';
import { readCommands } from './trials/read-commands.js';
import { searchCommands } from './trials/search-commands.js';

/** What is done with trials. */
export function trialCommand(): Command {
  const trial = new Command('trial').description('clinical trials');
  for (const command of [
    ...changeCommands(),
    ...readCommands(),
    outcomesCommand(),
    ...searchCommands(),
    importCommand(),
  ])
    trial.addCommand(command);
  return trial
    .addCommand(trialDocumentCommand())
    .addCommand(trialAnalysisCommand())
    .addCommand(trialDataCommand())
    .addCommand(trialParticipantCommand())
    .addHelpText('after', HELP);
}

const HELP = `
Examples:
  export VITALEDGER_PROFILE=vitaledger-research.json VITALEDGER_IDENTITY=users/sponsor/msp
  vitaledger trial import records/ --dry-run
  vitaledger trial register trial.json
  vitaledger trial outcomes NCT01234567 --html switched.html
  vitaledger trial overdue --within 30

Exit codes: 0 done, 2 wrong input, 3 not permitted, 4 not found, 5 the state does not allow it, 6 a part of the network does not answer,
7 not what was registered, 8 not known whether it was written.
`;
