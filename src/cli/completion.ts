// elanus completion: what a shell offers behind `elanus`, made from the table of commands and their flags, so that it knows what they
// know and nothing else.

import { parseWords, UsageError, type Command, type DescribedCommand, type Flags } from './command.js';
import { OPTIONS } from './config/options.js';
import type { Option } from './config/option.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const HELP = `Usage: elanus completion ${SHELLS.join('|')}

Prints what makes the shell complete commands, flags and their values.

Examples:
  source <(elanus completion bash)          # in ~/.bashrc
  elanus completion zsh > "\${fpath[1]}/_elanus"
  elanus completion fish > ~/.config/fish/completions/elanus.fish
`;

const FLAGS = { help: { type: 'boolean', short: 'h', default: false } } as const;

export type Commands = Readonly<Record<string, DescribedCommand>>;

/** `commands`: all there are, asked for when it runs. */
export function completionCommand(commands: () => Promise<Commands>): Command {
  return {
    help: HELP,
    flags: FLAGS,
    run: async (words) => {
      const { values: flags, others } = parseWords(words, FLAGS, 1);
      if (flags.help) {
        process.stdout.write(HELP);
        return 0;
      }
      const shell = SHELLS.find((known) => known === others[0]);
      if (shell === undefined) throw new UsageError(`expected ${SHELLS.join(', ')}, found ${others[0] === undefined ? 'nothing' : `"${others[0]}"`}`);
      process.stdout.write(completionFor(shell, await commands()));
      return 0;
    },
  };
}

interface OfferedFlag {
  readonly name: string;
  readonly takesValue: boolean;
  /** Undefined: any; files are offered. */
  readonly values: readonly string[] | undefined;
  readonly about: string;
}

/** Values of flags that are no settings of the server. */
const VALUES: Readonly<Record<string, readonly string[]>> = { core: ['native', 'wasm'], format: ['parquet', 'jsonl', 'csv', 'npy', 'fvecs'], order: ['key', 'stored'], 'on-error': ['stop', 'skip'], metric: ['L2', 'IP', 'COSINE'] };

function offered(command: Command): readonly OfferedFlag[] {
  return Object.entries(command.flags as Flags).map(([name, { type }]) => {
    const option = Object.hasOwn(OPTIONS, name) ? (OPTIONS[name as keyof typeof OPTIONS] as Option<unknown>) : undefined;
    return { name, takesValue: type === 'string', values: option?.values ?? VALUES[name], about: aboutOf(command, name) };
  });
}

/** What the help says behind the flag. */
function aboutOf({ help }: Command, name: string): string {
  const line = help.split('\n').find((one) => one.trimStart().startsWith(`--${name} `)) ?? '';
  return /\s{2,}(\S.*)$/.exec(line.trim())?.[1]?.trim() ?? '';
}

export function completionFor(shell: (typeof SHELLS)[number], commands: Commands): string {
  if (shell === 'bash') return bash(commands);
  return shell === 'zsh' ? zsh(commands) : fish(commands);
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(commands: Commands): string {
  const cases = Object.entries(commands).map(([name, command]) => {
    const flags = offered(command);
    const values = flags.filter(({ values: known }) => known !== undefined).map(({ name: flag, values: known = [] }) => `        ${name}:--${flag}) COMPREPLY=($(compgen -W ${quoted(known.join(' '))} -- "$word")); return ;;`);
    return { name, flags: flags.map(({ name: flag }) => `--${flag}`).join(' '), values };
  });
  return `# Completion of elanus for bash; made by "elanus completion bash".
_elanus() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted([...Object.keys(commands), '--help', '--version'].join(' '))} -- "$word"))
    return
  fi
  case "$command:$before" in
${cases.flatMap(({ values }) => values).join('\n')}
  esac
  case "$word" in
    -*)
      case "$command" in
${cases.map(({ name, flags }) => `        ${name}) COMPREPLY=($(compgen -W ${quoted(flags)} -- "$word")) ;;`).join('\n')}
      esac ;;
    *)
      if [ "$command" = completion ]; then COMPREPLY=($(compgen -W ${quoted(SHELLS.join(' '))} -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi ;;
  esac
}
complete -o filenames -o bashdefault -F _elanus elanus
`;
}

function zsh(commands: Commands): string {
  const escaped = (text: string): string => text.replaceAll(/[\\[\]:]/g, (character) => `\\${character}`);
  const argument = ({ name, takesValue, values, about }: OfferedFlag): string => quoted(`--${name}${takesValue ? '=' : ''}[${escaped(about)}]${takesValue ? `:${name}:${values === undefined ? '_files' : `(${values.join(' ')})`}` : ''}`);
  return `#compdef elanus
# Completion of elanus for zsh; made by "elanus completion zsh".
_elanus() {
  local -a commands
  commands=(
${Object.entries(commands).map(([name, { summary }]) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${Object.entries(commands).map(([name, command]) => `    ${name}) _arguments ${[...offered(command).map(argument), quoted(name === 'completion' ? `1:shell:(${SHELLS.join(' ')})` : '*:file:_files')].join(' ')} ;;`).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_elanus" ]; then _elanus "$@"; else compdef _elanus elanus; fi
`;
}

function fish(commands: Commands): string {
  const names = Object.keys(commands).join(' ');
  const lines = Object.entries(commands).flatMap(([name, command]) => [
    `complete -c elanus -n 'not __fish_seen_subcommand_from ${names}' -f -a ${name} -d ${quoted(command.summary)}`,
    ...offered(command).map(({ name: flag, takesValue, values, about }) => `complete -c elanus -n '__fish_seen_subcommand_from ${name}' -l ${flag}${takesValue ? ' -r' : ''}${values === undefined ? '' : ` -f -a ${quoted(values.join(' '))}`}${about === '' ? '' : ` -d ${quoted(about)}`}`),
  ]);
  return `# Completion of elanus for fish; made by "elanus completion fish".\n${lines.join('\n')}\ncomplete -c elanus -n '__fish_seen_subcommand_from completion' -f -a '${SHELLS.join(' ')}'\n`;
}
