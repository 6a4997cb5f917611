import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import { newPrescriptionToken } from '../../prescriptions/prescription-token.js';
import { withCareOptions } from '../care/care-options.js';
import { ownPatient } from '../care/own-patient.js';
import { withLedger } from '../ledger-options.js';
import { instant, show, wholeNumber, withDryRun } from '../trials/trial-input.js';
import { tokenToIssue } from './token-files.js';

interface IssueFlags {
  readonly until: string;
  readonly fills: number;
  readonly output?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

export function issueCommand(): Command {
  const command: Command = new Command('issue')
    .description('issue a prescription of a registered MedicationRequest; its token goes to the patient')
    .argument('<patient>', 'token, or id at your organization')
    .argument('<record>', 'the registered MedicationRequest')
    .requiredOption('--until <instant>', 'from then on nobody gets it', instant)
    .option('--fills <number>', 'how many times it may be filled: 1, and the refills', wholeNumber(1), 1)
    .option('-o, --output <file>', 'where the token goes; only you may read it')
    .action((patient: string, record: string, flags: IssueFlags) =>
      withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        const { fills, until, output, dryRun = false } = flags;
        const file = dryRun ? output : needed(output);
        const prescribing = { patient: own, record, fills, validUntil: new Date(until) };
        const token =
          dryRun || file === undefined
            ? newPrescriptionToken(ledger.mspId)
            : await tokenToIssue(file, ledger.mspId);
        await ledger.prescriptions.issue(prescribing, { token, dryRun });
        if (dryRun) {
          show(flags, { dryRun, fills, until }, 'It would be accepted. Nothing was written.');
          return;
        }
        const { prescription } = token;
        show(
          flags,
          { prescription, token: file, fills, until },
          `${prescription}\nIts token is in ${String(file)}`,
        );
      }),
    )
    .addHelpText(
      'after',
      '\nAfter an interruption, give the same command again: the file holds the token, under which it goes on where it ended.' +
        '\n\nExamples:\n  vitaledger prescription issue alice.tokens 91c4…7f --fills 3 --until 2026-12-31 -o alice.prescription \\\n' +
        '    --actor practitioner/8c0f…4e\n' +
        '  vitaledger prescription issue alice.tokens 91c4…7f --until 2026-12-31 --dry-run',
    );
  return withDryRun(withCareOptions(command));
}

function needed(output: string | undefined): string {
  if (output !== undefined) return output;
  throw new VitaledgerError('INVALID_ARGUMENT', 'Say where the token goes, for the patient: --output <file>');
}
