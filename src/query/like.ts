// LikePattern: what `like` matches texts with. `%` stands for any characters or none, `_` for one character, a backslash
// takes the next character as it is. Matching never goes back over what it has found: its steps are at most the length
// of the text times that of the pattern.

/** Characters as they are, or a number of characters of any kind. */
export type LikeRun = string | number;

export interface LikePattern {
  /** As it was written. */
  readonly source: string;
  /** What stands before, between and behind its `%`: one piece more than there are `%` apart. Empty pieces are at the ends alone. */
  readonly pieces: readonly (readonly LikeRun[])[];
}

/** Undefined if it ends with a backslash that escapes nothing. */
export function likePattern(source: string): LikePattern | undefined {
  const pieces: LikeRun[][] = [[]];
  let escaped = false;
  for (const char of source) {
    const piece = pieces.at(-1) as LikeRun[];
    if (escaped || !/[\\%_]/.test(char)) appendText(piece, char);
    else if (char === '_') appendAny(piece);
    else if (char === '%' && (pieces.length === 1 || piece.length > 0)) pieces.push([]);
    escaped = !escaped && char === '\\';
  }
  return escaped ? undefined : { source, pieces };
}

function appendText(piece: LikeRun[], char: string): void {
  const last = piece.at(-1);
  if (typeof last === 'string') piece[piece.length - 1] = last + char;
  else piece.push(char);
}

function appendAny(piece: LikeRun[]): void {
  const last = piece.at(-1);
  if (typeof last === 'number') piece[piece.length - 1] = last + 1;
  else piece.push(1);
}

/** What a pattern without `_` and at most two `%`, at its ends, looks for. */
export function simpleLike({ pieces }: LikePattern): { readonly kind: 'equal' | 'prefix' | 'suffix' | 'infix'; readonly text: string } | undefined {
  const texts = pieces.map((piece) => (piece.length === 0 ? '' : piece.length === 1 ? piece[0] : undefined));
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  const [first = '', second = '', third = ''] = texts;
  if (texts.length === 1) return { kind: 'equal', text: first };
  if (texts.length === 2) return second === '' ? { kind: 'prefix', text: first } : first === '' ? { kind: 'suffix', text: second } : undefined;
  return texts.length === 3 && first === '' && third === '' ? { kind: 'infix', text: second } : undefined;
}

/** A test of texts. */
export function likeTest(pattern: LikePattern): (text: string) => boolean {
  const simple = simpleLike(pattern);
  if (simple === undefined) return (text) => matchPieces(pattern.pieces, text);
  const { kind, text: wanted } = simple;
  switch (kind) {
    case 'equal':
      return (text) => text === wanted;
    case 'prefix':
      return (text) => text.startsWith(wanted);
    case 'suffix':
      return (text) => text.endsWith(wanted);
    case 'infix':
      return (text) => text.includes(wanted);
  }
}

/** The first piece at the beginning, the last at the end, each other at the first place behind the one before. */
function matchPieces(pieces: LikePattern['pieces'], text: string): boolean {
  const first = pieces[0] as readonly LikeRun[];
  let at = matchAt(first, text, 0);
  if (at < 0 || pieces.length === 1) return at === text.length;
  for (const piece of pieces.slice(1, -1)) {
    at = findFrom(piece, text, at);
    if (at < 0) return false;
  }
  const start = startOfLast(pieces.at(-1) as readonly LikeRun[], text);
  return start >= at && matchAt(pieces.at(-1) as readonly LikeRun[], text, start) === text.length;
}

/** Where `piece` ends that begins at `at`, or -1. */
function matchAt(piece: readonly LikeRun[], text: string, at: number): number {
  let end = at;
  for (const run of piece) {
    if (typeof run === 'string') {
      if (!text.startsWith(run, end)) return -1;
      end += run.length;
    } else {
      end = skip(text, end, run);
      if (end < 0) return -1;
    }
  }
  return end;
}

function findFrom(piece: readonly LikeRun[], text: string, from: number): number {
  const [head] = piece;
  let at = from;
  while (at <= text.length) {
    if (typeof head === 'string') at = text.indexOf(head, at);
    if (at < 0) return -1;
    const end = matchAt(piece, text, at);
    if (end >= 0) return end;
    at = at === text.length ? at + 1 : skip(text, at, 1);
  }
  return -1;
}

/** Where the last piece begins if it is to end with the text; -1 if the text is too short. */
function startOfLast(piece: readonly LikeRun[], text: string): number {
  let at = text.length;
  for (let i = piece.length - 1; i >= 0 && at >= 0; i--) {
    const run = piece[i] as LikeRun;
    at = typeof run === 'string' ? at - run.length : skipBack(text, at, run);
  }
  return at;
}

/** `count` characters on, by code point; -1 beyond the end. */
function skip(text: string, at: number, count: number): number {
  let end = at;
  for (let i = 0; i < count; i++) {
    if (end >= text.length) return -1;
    end += isPair(text, end) ? 2 : 1;
  }
  return end;
}

function skipBack(text: string, at: number, count: number): number {
  let start = at;
  for (let i = 0; i < count; i++) {
    if (start <= 0) return -1;
    start -= start >= 2 && isPair(text, start - 2) ? 2 : 1;
  }
  return start;
}

function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}
