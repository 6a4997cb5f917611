import { isId, VitaledgerError, type PrescriptionCounter } from '@vitaledger/domain';
import { Command } from 'commander';
import {
  fillToken,
  formatFillToken,
  formatPrescriptionToken,
  type PrescriptionToken,
} from '../../prescriptions/prescription-token.js';
import { withCareOptions } from '../care/care-options.js';
import { withLedger } from '../ledger-options.js';
import { table } from '../table.js';
import { show, wholeNumber, withDryRun } from '../trials/trial-input.js';
import { showToken, withTokenForms, type TokenForms } from './shown-token.js';
import { readPrescriptionToken } from './token-files.js';

interface JsonFlags {
  readonly json?: true;
}

interface TokenFlags extends TokenForms {
  readonly fill?: number;
}

export function tokenCommand(): Command {
  const command = new Command('token')
    .description('a token as text and QR code: the whole, for the patient, or one fill, for a pharmacy')
    .argument('<file>', "the patient's token; - is standard input")
    .option('--fill <number>', 'that of one fill, from 1', wholeNumber(1))
    .action(async (file: string, { fill, ...forms }: TokenFlags) => {
      const token = await readPrescriptionToken(file);
      const text =
        fill === undefined ? formatPrescriptionToken(token) : formatFillToken(fillToken(token, fill));
      await showToken(text, forms);
    })
    .addHelpText(
      'after',
      '\nWhoever has the whole can have every fill made, and cancel. Needs no network.' +
        '\n\nExamples:\n  vitaledger prescription token alice.prescription --fill 1 --qr\n' +
        '  vitaledger prescription token alice.prescription --svg alice.svg',
    );
  return withTokenForms(command);
}

export function refillCommand(): Command {
  const command: Command = new Command('refill')
    .description('the token of the next fill that is not made, to show to a pharmacy')
    .argument('<file>', "the patient's token; - is standard input")
    .action((file: string, flags: TokenForms & JsonFlags) =>
      withLedger(command, async ({ prescriptions }) => {
        const token = await readPrescriptionToken(file);
        const fill = nextFill(await prescriptions.status(token));
        const text = formatFillToken(fillToken(token, fill));
        if (flags.json) show(flags, { fill, token: text }, '');
        else await showToken(text, flags);
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger prescription refill alice.prescription --qr');
  return withTokenForms(withCareOptions(command));
}

function nextFill(counter: PrescriptionCounter): number {
  if (counter.cancelled !== undefined) {
    throw new VitaledgerError('PRECONDITION_FAILED', 'It was cancelled', { reason: 'CANCELLED' });
  }
  if (counter.filled.length < counter.fills.length) return counter.filled.length + 1;
  throw new VitaledgerError('PRECONDITION_FAILED', 'Every fill of it was made', { reason: 'ALREADY_FILLED' });
}

export function showCommand(): Command {
  const command: Command = new Command('show')
    .description('which fills of a prescription were made, and whether it was cancelled')
    .argument('<file>', "the patient's token; - is standard input")
    .action((file: string, flags: JsonFlags) =>
      withLedger(command, async ({ prescriptions }) => {
        const { prescriber, prescription } = await readPrescriptionToken(file);
        const { fills, filled, cancelled, expires } = await prescriptions.status({ prescription });
        const rows = fills.map((_, index) => [
          String(index + 1),
          filled[index]?.instant ?? (cancelled === undefined ? 'open' : 'cancelled'),
        ]);
        const state = { prescriber, prescription, fills: fills.length, filled, cancelled, expires };
        show(
          flags,
          state,
          `${prescription} by ${prescriber}${cancelled === undefined ? '' : `, cancelled ${cancelled}`}\n` +
            `${table(['fill', 'made'], rows)}\nNothing is filled from ${expires} on; its own end may be up to a week earlier.`,
        );
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger prescription show alice.prescription');
  return withCareOptions(command);
}

export function listCommand(): Command {
  const command: Command = new Command('list')
    .description("what is left of a patient's prescriptions, by their tokens")
    .argument('<file...>', 'files of tokens')
    .action((files: readonly string[], flags: JsonFlags) =>
      withLedger(command, async ({ prescriptions }) => {
        const listed = await Promise.all(
          files.map(async (file) => {
            const token = await readPrescriptionToken(file);
            return listing(file, token, await prescriptions.status(token));
          }),
        );
        const rows = listed.map((one) => [
          one.prescription,
          one.prescriber,
          `${String(one.filled)} of ${String(one.fills)}`,
          one.state,
          one.expires,
          one.file,
        ]);
        show(flags, listed, table(['prescription', 'by', 'filled', 'state', 'at most until', 'file'], rows));
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger prescription list *.prescription');
  return withCareOptions(command);
}

function listing(
  file: string,
  { prescriber, prescription }: PrescriptionToken,
  counter: PrescriptionCounter,
) {
  const [fills, filled] = [counter.fills.length, counter.filled.length];
  const open = filled < fills ? 'open' : 'filled';
  const state = counter.cancelled === undefined ? open : 'cancelled';
  return { file, prescriber, prescription, fills, filled, state, expires: counter.expires };
}

interface CancelFlags extends JsonFlags {
  readonly dryRun?: true;
}

export function cancelCommand(): Command {
  const command: Command = new Command('cancel')
    .description('cancel what is left of a prescription, as its patient or as its prescriber')
    .argument('<prescription>', "the patient's token file, or the id as a practitioner who issued it")
    .action((given: string, flags: CancelFlags) =>
      withLedger(command, async ({ prescriptions }) => {
        const what = isId(given) ? { prescription: given } : await readPrescriptionToken(given);
        const { prescription } = what;
        if (flags.dryRun) {
          const { fills, filled, cancelled } = await prescriptions.status(what);
          const left = cancelled === undefined ? fills.length - filled.length : 0;
          show(
            flags,
            { prescription, left, cancelled },
            `${String(left)} fills would be cancelled. Nothing was written.`,
          );
          return;
        }
        const { transactionId, block } = await prescriptions.cancel(what);
        show(
          flags,
          { prescription, transactionId, block: Number(block) },
          `${prescription} is cancelled: no fill of it is made from now on`,
        );
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger prescription cancel alice.prescription\n' +
        '  vitaledger prescription cancel 5d0c…1e --actor practitioner/8c0f…4e --dry-run',
    );
  return withDryRun(withCareOptions(command));
}
