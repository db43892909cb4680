// Reader: the place in a regular expression that is being read.

export interface Flags {
  readonly ignoreCase: boolean;
  /** `^` and `$` are at lines. */
  readonly multiline: boolean;
  /** `.` takes a line feed too. */
  readonly dotAll: boolean;
}

export interface Reader {
  readonly source: string;
  at: number;
  /** Open groups. */
  depth: number;
  flags: Flags;
}

/** What a regular expression is refused for; whoever has the filter says where it stands. */
export class RegexError extends Error {
  override readonly name = 'RegexError';
}

export function refuse({ source }: Reader, expected: string, at: number): RegexError {
  return new RegexError(`regular expression at ${at}: expected ${expected}, found ${at < source.length ? JSON.stringify(source.slice(at, at + 10)) : 'its end'}`);
}
