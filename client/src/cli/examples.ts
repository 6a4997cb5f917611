import type { Command } from 'commander';

/**
 * Adds examples to the help of a group of commands, and to each of its commands those that show it.
 *
 * @param examples command lines without `vitaledger`
 * @param note what else there is to know about the group
 */
export function withExamples(group: Command, examples: readonly string[], note?: string): Command {
  for (const command of group.commands) {
    const shown = examples.filter((example) => example.includes(`${group.name()} ${command.name()} `));
    if (shown.length > 0) command.addHelpText('after', examplesText(shown));
  }
  return group.addHelpText('after', `${examplesText(examples)}${note === undefined ? '' : `\n\n${note}`}`);
}

function examplesText(examples: readonly string[]): string {
  const lines = examples.map((example) => `  vitaledger ${example}`);
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}`;
}
