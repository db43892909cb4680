// Messages: what the writing process tells its parent, a line of JSON each, written before the next thing happens.

import { writeSync } from 'node:fs';

/** The file descriptor of the pipe in the child. */
export const PIPE = 3;

/** Row number and version; no version if the row is not wholly of one. */
export type FoundRow = readonly [row: number, version: number | null];

export type Message =
  /** The database is about to be opened. */
  | { readonly is: 'opening' }
  /** It is open and was read; `found` is by collection. */
  | {
      readonly is: 'open';
      readonly ms: number;
      readonly found: Readonly<Record<string, readonly FoundRow[]>>;
      readonly wrong: readonly string[];
      readonly warnings: readonly string[];
      /** Segments, and those of them with an index. */
      readonly sealed: number;
      readonly indexed: number;
    }
  /** A call is about to be made: rows written with this version, or deleted where there is none. */
  | { readonly is: 'begin'; readonly call: number; readonly collection: string; readonly version: number | null; readonly rows: readonly number[] }
  /** Its promise has resolved. */
  | { readonly is: 'done'; readonly call: number }
  | { readonly is: 'failed'; readonly what: string }
  /** A flush or a change of the index begins. */
  | { readonly is: 'event'; readonly event: 'flush' | 'index' };

/** Blocks until the parent's end has it: what was told survives us. */
export function tell(message: Message): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let done = 0; done < bytes.length; ) done += writeSync(PIPE, bytes, done);
}

/** Whole lines; what a kill cut off is left out. */
export function messagesOf(text: string): readonly Message[] {
  return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Message);
}
