import { Argument, Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/**
 * `vitaledger completion`: a script that completes commands and options. It is made from the commands themselves, so it
 * knows those that are installed.
 */
export function completionCommand(root: () => Command): Command {
  return new Command('completion')
    .description('a script that makes your shell complete commands and options')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell, root()));
    })
    .addHelpText(
      'after',
      '\nExamples:\n  source <(vitaledger completion bash)\n  vitaledger completion fish > ~/.config/fish/completions/vitaledger.fish',
    );
}

/** The script for a shell. */
export function completionScript(shell: Shell, root: Command): string {
  return SCRIPTS[shell](wordsByPath(root));
}

/** What may follow each command: its commands and its long options, by the words that lead to it. */
export function wordsByPath(root: Command): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, readonly string[]>();
  const visit = (command: Command, path: readonly string[]): void => {
    const options = command.options.flatMap(({ long, hidden }) => (long != null && !hidden ? [long] : []));
    const commands = command.commands.map((one) => one.name());
    words.set(path.join(' '), [...commands, ...options, '--help']);
    for (const one of command.commands) visit(one, [...path, one.name()]);
  };
  visit(root, []);
  return words;
}

type Words = ReadonlyMap<string, readonly string[]>;

const SCRIPTS: Readonly<Record<Shell, (words: Words) => string>> = {
  bash: (words) => bash(words),
  // zsh runs the functions of bash's completion.
  zsh: (words) =>
    `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`,
  fish,
};

function bash(words: Words): string {
  const cases = [...words].map(([path, next]) => `    '${path}') next='${next.join(' ')}' ;;`);
  return `# Completion of vitaledger. Where no word fits, files are offered.
_vitaledger() {
  local word path='' next=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) break ;; esac
    case " $(_vitaledger_next "$path") " in
      *" $word "*) path="\${path:+$path }$word" ;;
      *) break ;;
    esac
  done
  next=$(_vitaledger_next "$path")
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
_vitaledger_next() {
  local next=''
  case $1 in
${cases.join('\n')}
  esac
  printf '%s' "$next"
}
complete -o default -F _vitaledger vitaledger
`;
}

function fish(words: Words): string {
  const lines = [...words].flatMap(([path, next]) => {
    const seen =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return next.map((word) =>
      word.startsWith('--')
        ? `complete -c vitaledger -n '${seen}' -l ${word.slice(2)}`
        : `complete -c vitaledger -n '${seen}' -a ${word}`,
    );
  });
  return `# Completion of vitaledger.\n${lines.join('\n')}\n`;
}
