import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { Vitaledger } from '../../connect.js';
import { termsInForce } from '../../consents/held.js';
import type { PatientKey } from '../../patient/patient-key.js';
import { parseRevocation, type PatientToken, type RevocationSlip } from '../../patient/patient-token.js';
import { withLedger } from '../ledger-options.js';
import { wholeNumber } from '../trials/trial-input.js';
import { collected, withCareOptions } from './care-options.js';
import { reportDelivery } from './delivery-report.js';
import { readTokens, withKeyFile } from './patient-files.js';

interface RevokeFlags {
  readonly key?: string;
  readonly patient?: readonly string[];
  readonly version?: number;
  readonly json?: true;
}

export function revokeCommand(): Command {
  const command: Command = new Command('revoke')
    .description('take a consent back, everywhere at once; no custodian is needed for that')
    .argument('<consent>', 'its id, or the text of a revocation slip')
    .option('--key <file>', "the patient's keys; a slip needs none")
    .option(
      '--patient <token>',
      'where to close it as well, so that later requests decide without it; may be given again',
      collected,
    )
    .option('--version <number>', 'which version of it; asked of the custodians unless told', wholeNumber(1))
    .action((consent: string, flags: RevokeFlags) =>
      withLedger(command, async (ledger) => {
        const patients = flags.patient === undefined ? [] : await readTokens(flags.patient);
        const slip = await slipOf(ledger, consent, flags, patients);
        const { transactionId, closed } = await ledger.consents.revoke({ ...slip, patients });
        reportDelivery(flags, closed, { revoked: slip.consent, transactionId });
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger consent revoke 5f0c…e1 --key alice.key.json --patient alice.tokens\n' +
        '  vitaledger consent revoke vitaledger-revocation:5f0c…e1:93aa…07',
    );
  return withCareOptions(command);
}

async function slipOf(
  ledger: Vitaledger,
  consent: string,
  { key: file, version }: RevokeFlags,
  patients: readonly PatientToken[],
): Promise<RevocationSlip> {
  if (consent.includes(':')) return parseRevocation(consent);
  if (file === undefined) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'Give --key, or the whole text of the revocation slip');
  }
  return withKeyFile(file, async (key) => ({
    consent,
    secret: await key.revocationSecret(
      consent,
      version ?? (await versionInForce(ledger, consent, key, patients)),
    ),
  }));
}

/**
 * The version that a custodian holds: each has a secret of its own, and the secret of another revokes nothing. Prohibitions and
 * delegations are revoked by their id as well, and have one version.
 */
async function versionInForce(
  { consents }: Vitaledger,
  id: string,
  key: PatientKey,
  patients: readonly PatientToken[],
): Promise<number> {
  for (const token of patients) {
    const held = await consents.list(token, key);
    const found = termsInForce(held).consents.find(({ consent }) => consent === id);
    if (found) return found.version;
    const others = [
      ...(held.prohibitions ?? []).map(({ prohibition }) => prohibition),
      ...(held.delegations ?? []).map(({ delegation }) => delegation),
    ];
    if (others.includes(id)) return 1;
  }
  throw new VitaledgerError(
    'NOT_FOUND',
    patients.length === 0
      ? 'Give --patient, so that a custodian can be asked which version is in force, or --version'
      : 'None of these custodians has it in force. Give --version to revoke it all the same',
  );
}
