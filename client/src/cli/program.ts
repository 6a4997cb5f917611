import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { accessCommand } from './care/access-command.js';
import { consentCommand } from './care/consent-command.js';
import { patientCommand } from './care/patient-command.js';
import { recordCommand } from './care/record-command.js';
import { completionCommand } from './completion-command.js';
import { configCommand } from './config/config-command.js';
import { doctorCommand } from './doctor-command.js';
import { networkCommandIfInstalled } from './network-command.js';
import { labCommand, referralCommand } from './orders/order-command.js';
import { prescriptionCommand } from './prescriptions/prescription-command.js';
import { proofCommand, verifyCommand } from './proof-command.js';
import { researchCommand } from './research-command.js';
import { trialCommand } from './trial-command.js';
import { vaultCommand } from './vault-command.js';

const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

/** Every part but `network`, each a moment's work to make. */
const parts = [
  patientCommand,
  consentCommand,
  recordCommand,
  accessCommand,
  prescriptionCommand,
  labCommand,
  referralCommand,
  trialCommand,
  researchCommand,
  doctorCommand,
  configCommand,
  vaultCommand,
  proofCommand,
  verifyCommand,
] as const;

/**
 * The `vitaledger` command. Its `network` part is the operators' package, which need not be installed.
 *
 * @param first the first word of the command line, if there is one: where it names another part, the operators' package, half a
 *   second's work to load, is left out
 */
export async function program(first?: string): Promise<Command> {
  const command = new Command('vitaledger')
    .description('A consortium ledger for medical data')
    .version(version)
    // So that --version behind a command is the command's own.
    .enablePositionalOptions()
    .showHelpAfterError('(run with --help to see what there is)');
  const commands = parts.map((make) => make());
  if (!commands.some((one) => one.name() === first)) command.addCommand(await networkCommandIfInstalled());
  for (const one of commands) command.addCommand(one);
  command.addCommand(completionCommand(() => command));
  throwInsteadOfExiting(command);
  return command;
}

/** So that wrong usage has one exit code, whichever package the part of the command comes from. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExiting);
}
