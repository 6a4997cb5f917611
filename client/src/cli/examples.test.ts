import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { proofCommand, verifyCommand } from './proof-command.js';
import { trialCommand } from './trial-command.js';

/** Each command that does something, by its path. */
function leaves(command: Command, path: string): readonly (readonly [path: string, command: Command])[] {
  if (command.commands.length === 0) return [[path, command]];
  return command.commands.flatMap((one) => leaves(one, `${path} ${one.name()}`));
}

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return help;
}

describe('the help of commands about trials', () => {
  for (const group of [trialCommand(), proofCommand(), verifyCommand()])
    for (const [path, command] of leaves(group, group.name()))
      it(`has an example of ${path} that it takes`, () => {
        const example = new RegExp(`^  vitaledger ${path} ?(.*)$`, 'm').exec(helpOf(command));
        assert.ok(example, 'no example');
        const named = [...(example[1] ?? '').matchAll(/ (--[a-z-]+)/g)].map(([, option]) => option);
        const known = command.options.map(({ long }) => long);
        for (const option of named) assert.ok(known.includes(option), `${String(option)} is no option`);
        const mandatory = command.options.filter((option) => option.mandatory).map(({ long }) => long);
        for (const option of mandatory) assert.ok(named.includes(option ?? ''), `lacks ${String(option)}`);
      });
});
