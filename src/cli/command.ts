// Command: one word of the command line, e.g. `serve`. It owns its flags, its help and its exit code.

import { parseArgs, type ParseArgsConfig } from 'node:util';

export type Flags = NonNullable<ParseArgsConfig['options']>;

export interface Command {
  readonly help: string;
  /** Of `parseArgs`; `Completion` offers them. */
  readonly flags: Flags;
  /** Resolves to the exit code. Errors: `UsageError`, or what went wrong. */
  run(words: readonly string[]): Promise<number>;
}

export interface NamedCommand {
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<Command>;
}

/** A command that is loaded, with its line. */
export type DescribedCommand = Command & Pick<NamedCommand, 'summary'>;

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Flags and no other words. Errors: `UsageError`. */
export function parseFlags<const T extends NonNullable<ParseArgsConfig['options']>>(words: readonly string[], options: T) {
  return parseWords(words, options, 0).values;
}

/** Flags, and at most `othersMax` other words. Errors: `UsageError`. */
export function parseWords<const T extends NonNullable<ParseArgsConfig['options']>>(words: readonly string[], options: T, othersMax: number) {
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, strict: true, allowPositionals: othersMax > 0 });
    if (positionals.length > othersMax) throw new UsageError(`one word too many: "${positionals[othersMax]}"`);
    return { values, others: positionals };
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')) throw new UsageError(error.message);
    throw error;
  }
}
