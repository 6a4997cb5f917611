import { Command } from 'commander';
import type { Orders, Placement, UnacknowledgedResult } from '../../orders/orders.js';
import { withCareOptions } from '../care/care-options.js';
import { ownPatient } from '../care/own-patient.js';
import { recordTable, shownRecords, type ContentFlags } from '../care/released-records.js';
import { withLedger } from '../ledger-options.js';
import { table } from '../table.js';
import { instant, show } from '../trials/trial-input.js';
import { readTicket } from './ticket-file.js';

interface JsonFlags {
  readonly json?: true;
}

/** @param name the command that it is a part of, for examples */
export function openCommand(name: string): Command {
  const command: Command = new Command('open')
    .description('read an order that your organization was handed the ticket of, with what travels along')
    .argument('<ticket>', 'file; - is standard input')
    .option('-o, --output <folder>', 'write each content there as a file')
    .action((file: string, flags: ContentFlags) =>
      withLedger(command, async ({ orders }) => {
        const ticket = await readTicket(file);
        const { receipt, records: released } = await orders.request(ticket);
        const records = await shownRecords(flags, ticket.requester, released);
        const { order, requester } = ticket;
        show(
          flags,
          { order, receipt, custodian: requester, records },
          `${order} of ${requester}\n${recordTable(records)}`,
        );
      }),
    )
    .addHelpText('after', `\nExample:\n  vitaledger ${name} open 4711.ticket --output order/`);
  return withCareOptions(command);
}

export function acceptCommand(name: string): Command {
  const command: Command = new Command('accept')
    .description('make an order a task of your organization, for a patient of its own')
    .argument('<ticket>', 'file; - is standard input')
    .argument('<patient>', 'token, or id at your organization')
    .action((file: string, patient: string, flags: JsonFlags) =>
      withLedger(command, async (ledger) => {
        const ticket = await readTicket(file);
        await ledger.orders.accept(ticket, await ownPatient(ledger, patient));
        const { order, requester } = ticket;
        show(flags, { order, requester, state: 'accepted' }, `${order} of ${requester} is accepted`);
      }),
    )
    .addHelpText(
      'after',
      `\nExample:\n  vitaledger ${name} accept 4711.ticket alice-at-the-laboratory.tokens`,
    );
  return withCareOptions(command);
}

export function taskCommand(name: string): Command {
  const command: Command = new Command('task')
    .description('how far an order is that your organization performs, and why it was called off if it was')
    .argument('<order>')
    .action((order: string, flags: JsonFlags) =>
      withLedger(command, async ({ orders }) => {
        const { state, requester, cancelled } = await orders.task(order);
        const why = cancelled === undefined ? '' : `: ${cancelled.reason.text}`;
        show(flags, { order, state, requester, cancelled }, `${state}, of ${requester}${why}`);
      }),
    )
    .addHelpText('after', `\nExample:\n  vitaledger ${name} task 2e07…b1`);
  return withCareOptions(command);
}

export function resultCommand(name: string): Command {
  const command: Command = new Command('result')
    .description('say what came of an order: records that your organization registered')
    .argument('<order>')
    .argument('<record...>', 'registered records; among a laboratory’s a DiagnosticReport')
    .option('--critical', 'somebody must act at once: it is listed until it is acknowledged')
    .action((order: string, records: readonly string[], flags: JsonFlags & { readonly critical?: true }) =>
      withLedger(command, async ({ orders }) => {
        const { critical = false } = flags;
        await orders.result(order, records, { critical });
        show(
          flags,
          { order, state: 'resulted', critical },
          `${order} is resulted${critical ? ', CRITICAL' : ''}`,
        );
      }),
    )
    .addHelpText('after', `\nExample:\n  vitaledger ${name} result 2e07…b1 77aa…01 77aa…02 --critical`);
  return withCareOptions(command);
}

interface ListFlags extends JsonFlags {
  readonly critical?: true;
  readonly before?: string;
  readonly expired?: true;
}

export function listCommand(name: string): Command {
  const command: Command = new Command('list')
    .description("your organization's results that nobody has acknowledged yet")
    .option('--critical', 'only those that somebody must act on at once')
    .option(
      '--before <instant>',
      'only results from before: those that should have been seen by now',
      instant,
    )
    .option('--expired', "instead, your organization's orders that nobody took up in time")
    .action(({ critical, before, expired, ...flags }: ListFlags) =>
      withLedger(command, async ({ orders }) => {
        if (expired) {
          await showExpired(orders, flags);
          return;
        }
        const question = {
          ...(critical === undefined ? {} : { critical }),
          ...(before === undefined ? {} : { before: new Date(before) }),
        };
        const results: UnacknowledgedResult[] = [];
        for await (const result of orders.unacknowledged(question)) results.push(result);
        const rows = results.map((one) => [
          one.order,
          one.requester,
          one.resulted,
          one.critical ? 'CRITICAL' : '',
        ]);
        show(
          flags,
          results,
          table(['order', 'of', 'resulted', ''], rows) || 'Every result was acknowledged.',
        );
      }),
    )
    .addHelpText('after', `\nExample:\n  vitaledger ${name} list --critical --before 2026-03-01T08:00:00Z`);
  return withCareOptions(command);
}

async function showExpired(orders: Orders, flags: JsonFlags): Promise<void> {
  const expired: Placement[] = [];
  for await (const order of orders.expired()) expired.push(order);
  const rows = expired.map((one) => [one.order, one.kind, one.performer, one.placed, one.validUntil]);
  const head = ['order', 'kind', 'of', 'placed', 'expired'];
  show(flags, expired, table(head, rows) || 'No order is known to have expired before somebody took it up.');
}
