import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { EnrolledKey } from '../../patient/patient-key.js';
import { formatToken } from '../../patient/patient-token.js';
import { readJsonFile } from '../json-file.js';
import { withLedger } from '../ledger-options.js';
import { instant, show } from '../trials/trial-input.js';
import { careTeamCommand } from './care-team-commands.js';
import { collected, withCareOptions } from './care-options.js';
import { reportDelivery } from './delivery-report.js';
import { createKeyFile, patientKeys, readTokens, withKeyFile } from './patient-files.js';

/** `vitaledger patient`: a patient's keys, their enrolment with a custodian, and who cares for them there. */
export function patientCommand(): Command {
  return new Command('patient')
    .description("patients' keys, their enrolment with a custodian, and who cares for them there")
    .addCommand(newKeyCommand())
    .addCommand(publicKeysCommand())
    .addCommand(enrolCommand())
    .addCommand(rotateCommand())
    .addCommand(careTeamCommand());
}

function newKeyCommand(): Command {
  return new Command('new')
    .description(
      "make a patient's keys, on the patient's own device; the file signs and reads in the patient's name",
    )
    .argument('<file>', 'where to keep them; only you may read it')
    .action(async (file: string) => {
      await createKeyFile(file, await (await patientKeys()).generate());
      process.stdout.write(`${file} holds the keys. Keep it secret, and keep a copy.\n`);
    })
    .addHelpText('after', '\nExample:\n  vitaledger patient new alice.key.json');
}

function publicKeysCommand(): Command {
  return new Command('public')
    .description('the public keys, which a registrar enrols the patient with, as JSON')
    .argument('<key file>')
    .action((file: string) =>
      withKeyFile(file, (key) => {
        process.stdout.write(`${JSON.stringify(key.publicKeys, undefined, 2)}\n`);
        return Promise.resolve();
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger patient public alice.key.json > alice.public.json');
}

interface EnrolFlags {
  readonly keys: string;
  readonly jurisdiction: string;
  readonly ageOut?: string;
  readonly json?: true;
}

function enrolCommand(): Command {
  const command: Command = new Command('enrol')
    .description('enrol a patient with your organization, once it is proven who they are; prints the token')
    .requiredOption('--keys <file>', "the patient's public keys; - is standard input")
    .requiredOption('--jurisdiction <code>', 'whose law protects the patient, ISO 3166: DE, US-CA')
    .option('--age-out <instant>', 'when guardianship by age ends', instant)
    .action(({ keys, jurisdiction, ageOut, ...flags }: EnrolFlags) =>
      withLedger(command, async ({ patients }) => {
        const token = await patients.enrol({
          keys: publicKeys(await readJsonFile(keys), keys),
          jurisdiction,
          ...(ageOut === undefined ? {} : { ageOut }),
        });
        show(flags, { token: formatToken(token), ...token }, formatToken(token));
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger patient enrol --keys alice.public.json --jurisdiction US-CA >> alice.tokens',
    );
  return withCareOptions(command);
}

/** Whether they are keys is the contract's to judge; a whole key file must not get as far as that. */
function publicKeys(value: unknown, file: string): readonly EnrolledKey[] {
  if (Array.isArray(value)) return value as readonly EnrolledKey[];
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `${file} holds no public keys; they come from: vitaledger patient public <key file>`,
  );
}

interface RotateFlags {
  readonly key: string;
  readonly patient: readonly string[];
  readonly output: string;
  readonly json?: true;
}

function rotateCommand(): Command {
  const command: Command = new Command('rotate')
    .description('put new keys in the place of the old ones, at each custodian')
    .requiredOption('--key <file>', 'the old keys')
    .requiredOption(
      '--patient <token>',
      'the patient at a custodian, or a file of tokens; give all',
      collected,
    )
    .requiredOption('--output <file>', 'where to keep the new keys')
    .action(({ key: file, patient, output, ...flags }: RotateFlags) =>
      withLedger(command, async (ledger) => {
        const tokens = await readTokens(patient);
        await withKeyFile(file, async (old) => {
          const { key, statement } = await old.rotate(tokens);
          // Kept before anybody is told of them: keys that a custodian has and nobody else would lock the patient out.
          await createKeyFile(output, key);
          const report = await withKeyFile(output, (fresh) =>
            ledger.patients.rotate({ statement, key: fresh, patients: tokens }),
          );
          reportDelivery(flags, report, { keys: output });
        });
      }),
    )
    .addHelpText(
      'after',
      '\nWhere a custodian could not be reached the old keys stay in force: keep both files, and rotate again there.' +
        '\n\nExample:\n  vitaledger patient rotate --key alice.key.json --patient alice.tokens --output alice.2.key.json',
    );
  return withCareOptions(command);
}
