// Reader: what every import format gives: rows in portions, each with its place, so that the importer alone decides
// what becomes of a row that is wrong.

import type { Field } from '../model/field.js';
import type { ElanusError } from '../model/errors.js';
import type { ImportPlace } from './place.js';

/** A row by the names that the file gives its columns. Null and absent mean the same. */
export type SourceValues = Readonly<Record<string, unknown>>;

export interface SourceRow {
  readonly place: ImportPlace;
  /** Or why it could not be read; the rows after it can. */
  readonly values: SourceValues | ElanusError;
}

export interface Reader {
  /**
   * The columns as far as the file itself says what they are. Texts are `VarChar`, also where the collection has another
   * type: see `typed`.
   */
  readonly fields?: readonly Field[];
  /** Values are texts without a type, to be read as the field's type says (CSV). */
  readonly untyped?: boolean;
  /** The column holds the row's number: a name for what has none in the file. */
  readonly numbered?: string;
  /** The one column is the vector, whatever it is called in the collection. */
  readonly vectorColumn?: string;
  /** Once, in order. Errors: `Corrupt` where nothing after it can be read; `Unsupported`. */
  rows(): AsyncGenerator<readonly SourceRow[]>;
}

/** Rows that a reader gives at once, at most. */
export const PORTION_ROWS = 1024;

/** Portions of at most PORTION_ROWS. What came before an error is given before it. */
export async function* portions(rows: AsyncIterable<SourceRow>): AsyncGenerator<readonly SourceRow[]> {
  let portion: SourceRow[] = [];
  let damage: unknown;
  try {
    for await (const row of rows) {
      portion.push(row);
      if (portion.length < PORTION_ROWS) continue;
      yield portion;
      portion = [];
    }
  } catch (error) {
    damage = error;
  }
  if (portion.length > 0) yield portion;
  if (damage !== undefined) throw damage;
}
