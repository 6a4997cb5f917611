import { validateConsent } from '@vitaledger/domain';
import { Command } from 'commander';
import { withLedger } from '../ledger-options.js';
import { show, withDryRun } from '../trials/trial-input.js';
import { collected, withCareOptions } from './care-options.js';
import { readTerms, withTermsOptions, type TermsFlags } from './consent-terms.js';
import { reportDelivery } from './delivery-report.js';
import { readTokens, withKeyFile } from './patient-files.js';

interface GrantFlags extends TermsFlags {
  readonly key: string;
  readonly patient: readonly string[];
  readonly dryRun?: true;
  readonly json?: true;
}

export function grantCommand(): Command {
  const command: Command = new Command('grant')
    .description('sign a consent and deliver it to custodians; it is in force at each that accepts it')
    .requiredOption('--key <file>', "the patient's keys")
    .requiredOption(
      '--patient <token>',
      'the patient at a custodian, or a file of tokens; may be given again',
      collected,
    )
    .action(async (flags: GrantFlags) => {
      const { provision, text } = await readTerms(flags);
      const patients = await readTokens(flags.patient);
      validateConsent({ provision });
      if (flags.dryRun) {
        show(flags, { provision, text }, `${text.content}\n\nNothing was signed.`);
        return;
      }
      await withLedger(command, ({ consents }) =>
        withKeyFile(flags.key, async (key) => {
          const consent = await key.consent({ patients, provision, text });
          const report = await consents.grant({ consent, patients, key });
          reportDelivery(flags, report, { consent: consent.consent, version: consent.version });
        }),
      );
    })
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger consent grant --key alice.key.json --patient alice.tokens \\\n' +
        "    --template treatment --organization ClinicMSP --name 'City Clinic' --until 2027-12-31\n" +
        '  vitaledger consent grant --key alice.key.json --patient alice.tokens --provision provision.json --text shown.txt',
    );
  return withDryRun(withTermsOptions(withCareOptions(command)));
}
