import type { MedicineQuantity } from '@vitaledger/domain';
import { Command, InvalidArgumentError } from 'commander';
import type { MedicationRequest } from 'fhir/r4';
import type { NotedDispense } from '../../prescriptions/prescriptions.js';
import type { RedeemedPrescription } from '../../prescriptions/redeemed-prescription.js';
import { newId } from '../../session/random.js';
import { withCareOptions } from '../care/care-options.js';
import { withLedger } from '../ledger-options.js';
import { printable, table } from '../table.js';
import { show } from '../trials/trial-input.js';
import {
  createRedemptionFile,
  readDispense,
  readRedemptionFile,
  replaceRedemptionFile,
} from './redemption-file.js';
import { readFillToken } from './token-files.js';

interface JsonFlags {
  readonly json?: true;
}

export function redeemCommand(): Command {
  const command: Command = new Command('redeem')
    .description("show a fill's token to the prescriber's organization, and read what is prescribed")
    .argument('<file>', 'the token, as the patient showed it; - is standard input, for a scanner')
    .requiredOption('-o, --output <file>', 'keeps the redemption, which dispense is given')
    .action((file: string, { output, ...flags }: JsonFlags & { readonly output: string }) =>
      withLedger(command, async ({ prescriptions }) => {
        const redeemed = await prescriptions.redeem(await readFillToken(file));
        const { token, disclosure } = redeemed;
        await createRedemptionFile(output, { token, receipt: disclosure.receipt });
        const medication = await redeemed.medication();
        const { prescription, validUntil, issued, issuedBy, fills, filled } = disclosure;
        show(
          flags,
          {
            prescription,
            fill: token.fill,
            fills,
            filled,
            validUntil,
            issued,
            issuedBy,
            medication,
            redemption: output,
          },
          wordsOf(redeemed, medication),
        );
      }),
    )
    .addHelpText(
      'after',
      '\nThe patient sees in their log that you read it. It is not filled by that: dispense does.' +
        '\n\nExamples:\n  vitaledger prescription redeem - --output 4711.redemption\n' +
        '  vitaledger prescription redeem shown.txt --output 4711.redemption --json',
    );
  return withCareOptions(command);
}

/** What a pharmacist looks at. The texts are the prescriber's: harmless for a terminal. */
function wordsOf({ token, disclosure }: RedeemedPrescription, medication: MedicationRequest): string {
  const { issuedBy, issued, validUntil, fills } = disclosure;
  const { medicationCodeableConcept: what, dosageInstruction = [], dispenseRequest } = medication;
  const coding = what?.coding?.map(({ display = '', code = '' }) => `${display} ${code}`.trim()).join(', ');
  const quantity = dispenseRequest?.quantity;
  const rows = [
    ['medicine', [what?.text, coding].filter((text) => text !== undefined && text !== '').join('; ')],
    ...dosageInstruction.map(({ text = '' }) => ['dosage', text]),
    ['quantity', quantity === undefined ? '' : `${String(quantity.value ?? '')} ${quantity.unit ?? ''}`],
    ['fill', `${String(token.fill)} of ${String(fills)}`],
    ['issued', `${issued} by ${issuedBy.role} ${issuedBy.subject} of ${issuedBy.mspId}`],
    ['until', validUntil],
  ] as const;
  return rows
    .filter(([, text = '']) => text !== '')
    .map(([name = '', text = '']) => `${name.padEnd(10)}${printable(text)}`)
    .join('\n');
}

interface DispenseFlags extends JsonFlags {
  readonly authorized: MedicineQuantity;
  readonly value?: number;
}

export function dispenseCommand(): Command {
  const command: Command = new Command('dispense')
    .description('make the fill; hand the medicine out when this has succeeded')
    .argument('<redemption>', 'the file that redeem wrote')
    .requiredOption(
      '--authorized <quantity>',
      'what is authorized for one fill, as you read it: "30 tablet"',
      quantity,
    )
    .option('--value <number>', 'how much of it is handed out now; all when absent', amount)
    .action((file: string, { authorized, value, ...flags }: DispenseFlags) =>
      withLedger(command, async ({ prescriptions }) => {
        const kept = await readRedemptionFile(file);
        const dispense = kept.dispense ?? newId();
        // Kept before it is done: the same command again is then the same dispense.
        if (kept.dispense === undefined) await replaceRedemptionFile(file, { ...kept, dispense });
        const part = value === undefined ? {} : { value };
        await prescriptions.dispense(
          { token: kept.token, disclosure: { receipt: kept.receipt } },
          { authorized, dispense, ...part },
        );
        showNote(flags, await prescriptions.dispensed(dispense));
      }),
    )
    .addHelpText(
      'after',
      '\nAfter an interruption give the same command again: it is the same dispense. Exit code 5 when another pharmacy was first.' +
        "\n\nExample:\n  vitaledger prescription dispense 4711.redemption --authorized '30 tablet' --value 10",
    );
  return withCareOptions(command);
}

export function restCommand(): Command {
  const command: Command = new Command('rest')
    .description('note that more of a fill is handed out, by the pharmacy that made it')
    .argument('<redemption>', 'the file that redeem wrote')
    .argument('<value>', 'how much, in the unit of what is authorized', amount)
    .action((file: string, value: number, flags: JsonFlags) =>
      withLedger(command, async ({ prescriptions }) => {
        showNote(flags, await prescriptions.dispenseMore(await readDispense(file), value));
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger prescription rest 4711.redemption 20');
  return withCareOptions(command);
}

export function dispensedCommand(): Command {
  const command: Command = new Command('dispensed')
    .description("this pharmacy's note of a dispense, and what is left of the fill")
    .argument('<redemption>', 'the file that redeem wrote')
    .action((file: string, flags: JsonFlags) =>
      withLedger(command, async ({ prescriptions }) => {
        showNote(flags, await prescriptions.dispensed(await readDispense(file)));
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger prescription dispensed 4711.redemption');
  return withCareOptions(command);
}

function showNote(flags: JsonFlags, note: NotedDispense): void {
  const { dispense, fill, state, authorized, portions, remainder } = note;
  const rows = portions.map(({ instant, value }) => [instant, String(value), authorized.unit]);
  show(
    flags,
    { dispense, fill, state, authorized, portions, remainder },
    `fill ${String(fill)}: ${state}\n${table(['handed out', 'value', 'unit'], rows)}\n${String(remainder)} ${printable(authorized.unit)} left`,
  );
}

function quantity(text: string): MedicineQuantity {
  const [, number = '', unit = ''] = /^(\S+)\s+(\S.*)$/u.exec(text.trim()) ?? [];
  if (unit !== '') return { value: amount(number), unit };
  throw new InvalidArgumentError('It must be a number and a unit such as "30 tablet".');
}

function amount(text: string): number {
  if (/^\d{1,10}(\.\d{1,4})?$/u.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It must be a number above 0, with at most four decimals.');
}
