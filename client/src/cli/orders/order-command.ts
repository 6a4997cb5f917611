import type { OrderKind } from '@vitaledger/domain';
import { Command } from 'commander';
import { acceptCommand, listCommand, openCommand, resultCommand, taskCommand } from './performer-commands.js';
import {
  acknowledgeCommand,
  cancelCommand,
  placeCommand,
  reportCommand,
  statusCommand,
  ticketCommand,
} from './requester-commands.js';

/** `vitaledger lab`: laboratory orders, and what came of them. */
export function labCommand(): Command {
  return orders('lab', 'laboratory', 'laboratory orders, and what came of them');
}

/** `vitaledger referral`: patients sent on with what the other one needs to know. */
export function referralCommand(): Command {
  return orders('referral', 'referral', 'patients sent on, with the records that travel along');
}

function orders(name: string, kind: OrderKind, description: string): Command {
  return new Command(name)
    .description(description)
    .addCommand(placeCommand(kind, name))
    .addCommand(ticketCommand(name))
    .addCommand(openCommand(name))
    .addCommand(acceptCommand(name))
    .addCommand(resultCommand(name))
    .addCommand(taskCommand(name))
    .addCommand(statusCommand(name))
    .addCommand(reportCommand(name))
    .addCommand(acknowledgeCommand(name))
    .addCommand(cancelCommand(name))
    .addCommand(listCommand(name));
}
