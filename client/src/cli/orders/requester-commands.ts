import { VitaledgerError, type OrderKind } from '@vitaledger/domain';
import { Command } from 'commander';
import { collected, withCareOptions } from '../care/care-options.js';
import { ownPatient } from '../care/own-patient.js';
import { recordTable, shownRecords, type ContentFlags } from '../care/released-records.js';
import { withLedger } from '../ledger-options.js';
import { writePrivate } from '../prescriptions/token-files.js';
import { instant, show, withDryRun } from '../trials/trial-input.js';

interface JsonFlags {
  readonly json?: true;
}

interface PlaceFlags extends JsonFlags {
  readonly performer: string;
  readonly with?: readonly string[];
  readonly ticket?: string;
  readonly until?: string;
  readonly dryRun?: true;
}

/** @param name the command that it is a part of, for examples */
export function placeCommand(kind: OrderKind, name: string): Command {
  const command: Command = new Command('order')
    .description('order of another organization what a registered ServiceRequest asks for')
    .argument('<patient>', 'token, or id at your organization')
    .argument('<record>', 'the registered ServiceRequest')
    .requiredOption('--performer <MSP id>', 'whose task it will be')
    .option('--with <id>', 'a record that travels with it; may be given again', collected)
    .option(
      '--until <instant>',
      'when it expires, if nobody has accepted it; 180 days from now unless told',
      instant,
    )
    .option('--ticket <file>', 'where the ticket goes, which the performer is handed; only you may read it')
    .action((patient: string, request: string, flags: PlaceFlags) =>
      withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        const { performer, with: records = [], ticket: file, until, dryRun = false } = flags;
        const limit = until === undefined ? {} : { validUntil: new Date(until) };
        const ordering = { kind, patient: own, performer, request, records, ...limit };
        const { order, ticket } = await ledger.orders.place(ordering, { dryRun });
        if (dryRun) {
          show(flags, { dryRun, performer }, 'It would be accepted. Nothing was written.');
          return;
        }
        if (file !== undefined) await keep(file, JSON.stringify(ticket, undefined, 2), name, order);
        show(
          flags,
          { order, performer, ...(file === undefined ? {} : { ticket: file }) },
          file === undefined
            ? `${order}\nIts ticket: vitaledger ${name} ticket ${order}`
            : `${order}\nIts ticket is in ${file}`,
        );
      }),
    )
    .addHelpText(
      'after',
      `\nExamples:\n  vitaledger ${name} order alice.tokens 91c4…7f --performer LabMSP --ticket 4711.ticket\n` +
        `  vitaledger ${name} order alice.tokens 91c4…7f --performer LabMSP --with 0d1e…22 --dry-run`,
    );
  return withDryRun(withCareOptions(command));
}

/** The order stands, whether its ticket could be written or not; so the error says how to have it again. */
async function keep(file: string, text: string, name: string, order: string): Promise<void> {
  try {
    await writePrivate(file, text);
  } catch (error) {
    if (!(error instanceof VitaledgerError)) throw error;
    throw new VitaledgerError(
      error.code,
      `${error.message}. The order is placed; its ticket: vitaledger ${name} ticket ${order} --output <file>`,
    );
  }
}

export function ticketCommand(name: string): Command {
  const command: Command = new Command('ticket')
    .description('the ticket of an order that your organization placed, once more')
    .argument('<order>')
    .requiredOption('-o, --output <file>', 'where it goes; only you may read it')
    .action((order: string, { output, ...flags }: JsonFlags & { readonly output: string }) =>
      withLedger(command, async ({ orders }) => {
        const { ticket } = await orders.placed(order);
        await writePrivate(output, JSON.stringify(ticket, undefined, 2));
        show(flags, { order, ticket: output }, `Its ticket is in ${output}`);
      }),
    )
    .addHelpText('after', `\nExample:\n  vitaledger ${name} ticket 2e07…b1 --output 4711.ticket`);
  return withCareOptions(command);
}

const UNACCEPTED = "unaccepted: its time is over, and the performer's peer knows of nobody who accepted it";

export function statusCommand(name: string): Command {
  const command: Command = new Command('status')
    .description('how far the performer is with an order of yours')
    .argument('<order>')
    .action((order: string, flags: JsonFlags) =>
      withLedger(command, async ({ orders }) => {
        const { state, critical } = await orders.status(await orders.placed(order));
        const told = state === 'unaccepted' ? UNACCEPTED : state;
        show(flags, { order, state, critical }, critical ? `${told}, CRITICAL` : told);
      }),
    )
    .addHelpText('after', `\nExample:\n  vitaledger ${name} status 2e07…b1`);
  return withCareOptions(command);
}

export function reportCommand(name: string): Command {
  const command: Command = new Command('report')
    .description('read what came of an order of yours; acknowledge it then')
    .argument('<order>')
    .option('-o, --output <folder>', 'write each content there as a file')
    .action((order: string, flags: ContentFlags) =>
      withLedger(command, async ({ orders }) => {
        const placed = await orders.placed(order);
        const { receipt, critical, records: released } = await orders.report(placed);
        const records = await shownRecords(flags, placed.performer, released);
        show(
          flags,
          { receipt, custodian: placed.performer, critical, records },
          `${critical ? 'CRITICAL\n' : ''}${recordTable(records)}`,
        );
      }),
    )
    .addHelpText('after', `\nExample:\n  vitaledger ${name} report 2e07…b1 --output results/`);
  return withCareOptions(command);
}

export function acknowledgeCommand(name: string): Command {
  const command: Command = new Command('acknowledge')
    .description('tell the performer that the result was seen')
    .argument('<order>')
    .action((order: string, flags: JsonFlags) =>
      withLedger(command, async ({ orders }) => {
        await orders.acknowledge(await orders.placed(order));
        show(flags, { order, state: 'acknowledged' }, `${order} is acknowledged`);
      }),
    )
    .addHelpText('after', `\nExample:\n  vitaledger ${name} acknowledge 2e07…b1`);
  return withCareOptions(command);
}

interface CancelFlags extends JsonFlags {
  readonly reason: string;
  readonly dryRun?: true;
}

const OVER: readonly string[] = ['resulted', 'acknowledged', 'cancelled'];

export function cancelCommand(name: string): Command {
  const command: Command = new Command('cancel')
    .description('call an order off, until there is a result')
    .argument('<order>')
    .requiredOption('--reason <text>', 'why, on one line; the performer reads it')
    .action((order: string, { reason, dryRun, ...flags }: CancelFlags) =>
      withLedger(command, async ({ orders }) => {
        const placed = await orders.placed(order);
        if (dryRun) {
          const state = await stateOf(() => orders.status(placed));
          const possible = !OVER.includes(state);
          show(
            flags,
            { order, state, possible },
            `It is ${state}: it ${possible ? 'would' : 'could not'} be called off. Nothing was written.`,
          );
          return;
        }
        await orders.cancel(placed, { reason });
        show(flags, { order, state: 'cancelled' }, `${order} is called off`);
      }),
    )
    .addHelpText('after', `\nExample:\n  vitaledger ${name} cancel 2e07…b1 --reason 'The patient moved'`);
  return withDryRun(withCareOptions(command));
}

/** The performer knows of an order from its acceptance on. */
async function stateOf(status: () => Promise<{ readonly state: string }>): Promise<string> {
  try {
    return (await status()).state;
  } catch (error) {
    if (error instanceof VitaledgerError && error.code === 'NOT_FOUND') return 'not accepted yet';
    throw error;
  }
}
