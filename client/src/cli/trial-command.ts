import { Command } from 'commander';
import { trialAnalysisCommand } from './trial-analysis-command.js';
import { trialDocumentCommand } from './trial-document-command.js';

/** What is done with trials. */
export function trialCommand(): Command {
  return new Command('trial')
    .description('clinical trials')
    .addCommand(trialDocumentCommand())
    .addCommand(trialAnalysisCommand());
}
