// ColumnsInTurns: columns of many rows checked and made those of a batch a few rows at a time, with others served in between. What
// comes of it, and what is refused, is what `columnsToBatch` makes and refuses of all of them at once.

import type { ColumnInput, ColumnsInput } from '../../model/column-input.js';
import type { Field } from '../../model/field.js';
import { LIMITS } from '../../model/limits.js';
import { vectorFields, type Schema } from '../../model/schema.js';
import type { HiddenValues } from '../collection/hidden-column.js';
import { rowsInTurn } from '../read/rows-in-turn.js';
import { freshArray, type MakeArray } from './batch-room.js';
import { columnsToBatch } from './column-batch.js';
import { perRow, type GivenValues } from './given-column.js';
import type { NextId, RowBatch } from './row-batch.js';
import { PartedMemory } from './parted-memory.js';
import { joinedBatch } from './rows-in-turns.js';

/** Some of the rows of a column. */
type Part = (first: number, end: number) => ColumnInput;

interface Parts {
  readonly rows: number;
  readonly of: ReadonlyMap<string, Part>;
}

/** The members that a column may have, before they are checked. */
interface Members {
  readonly values?: GivenValues;
  readonly valid?: ArrayLike<unknown>;
  readonly offsets?: GivenValues;
  readonly indices?: GivenValues;
  readonly texts?: readonly unknown[];
}

/** Whether all of it is one turn, or of a form that is only looked at as a whole. */
export function areOneTurn(input: ColumnsInput, schema: Schema): boolean {
  const parts = partsOf(input, schema);
  return parts === undefined || parts.rows <= rowsInTurn(vectorFields(schema));
}

/** Vectors lie in what `make` gives; `pause`: of the Ambient. REQUIRES: not `areOneTurn`, and the columns do not change until then. Errors: as `columnsToBatch`. */
export async function columnsToBatchInTurns(input: ColumnsInput, schema: Schema, nextId: NextId | undefined, make: MakeArray, hidden: HiddenValues, pause: () => Promise<void>): Promise<RowBatch> {
  const { rows, of } = partsOf(input, schema) as Parts;
  const count = rowsInTurn(vectorFields(schema));
  const batches: RowBatch[] = [];
  const memory = new PartedMemory(rows, make);
  for (let first = 0; first < rows; first += count) {
    const end = Math.min(first + count, rows);
    const columns = Object.fromEntries(Array.from(of, ([name, part]) => [name, part(first, end)]));
    try {
      batches.push(columnsToBatch({ columns }, schema, nextId, memory.part(first, end - first), hidden));
    } catch {
      // What is refused is said of the row that it is among all.
      return columnsToBatch(input, schema, nextId, freshArray, hidden);
    }
    await pause();
  }
  return joinedBatch(batches, schema, memory, pause);
}

/** Undefined where the columns are not of as many rows each, or not of a form that is taken apart here. */
function partsOf(input: ColumnsInput, schema: Schema): Parts | undefined {
  const { columns } = input;
  if (typeof columns !== 'object' || columns === null || Object.keys(input).length > 1) return undefined;
  const of = new Map<string, Part>();
  let rows: number | undefined;
  for (const [name, input] of Object.entries(columns)) {
    if (input === undefined) continue;
    const found = partOf(schema.fields.find((field) => field.name === name), input);
    if (found === undefined || name === '__proto__' || (rows ?? found.rows) !== found.rows) return undefined;
    rows = found.rows;
    of.set(name, found.part);
  }
  return rows === undefined || !Number.isInteger(rows) || rows > LIMITS.rowsPerBatchMax ? undefined : { rows, of };
}

function partOf(field: Field | undefined, input: ColumnInput): { readonly rows: number; readonly part: Part } | undefined {
  if (isList(input)) {
    const width = field === undefined ? 1 : perRow(field, input);
    return { rows: input.length / width, part: (first, end) => some(input, first * width, end * width) as ColumnInput };
  }
  if (typeof input !== 'object' || input === null) return undefined;
  const { values, valid, offsets, indices, texts } = input as Members;
  const given = texts ?? values;
  if (!isList(given) || (values !== undefined && texts !== undefined) || (valid !== undefined && !isList(valid)) || (offsets !== undefined && !isList(offsets)) || (indices !== undefined && !isList(indices))) return undefined;
  if (offsets !== undefined && (offsets[0] !== 0 || offsets[offsets.length - 1] !== given.length || (indices ?? given).length !== given.length)) return undefined;
  const width = field === undefined ? 1 : perRow(field, given);
  const count = offsets === undefined ? given.length / width : offsets.length - 1;
  const rows = valid === undefined ? count : valid.length;
  // Of rows that have none there is no value, or any.
  const before = valid === undefined || count === rows ? undefined : placesBefore(valid);
  if (before !== undefined && before[rows] !== count) return undefined;
  const part: Part = (first, end) => {
    const [from, to] = before === undefined ? [first, end] : [before[first] as number, before[end] as number];
    const [start, stop] = offsets === undefined ? [from * width, to * width] : [Number(offsets[from]), Number(offsets[to])];
    return {
      ...input,
      ...(texts === undefined ? { values: some(given, start, stop) } : { texts: some(given, start, stop) }),
      ...(valid === undefined ? {} : { valid: some(valid as GivenValues, first, end) }),
      ...(offsets === undefined ? {} : { offsets: Array.from(some(offsets, from, to + 1) as ArrayLike<unknown>, (offset) => Number(offset) - start) }),
      ...(indices === undefined ? {} : { indices: some(indices, start, stop) }),
    } as unknown as ColumnInput;
  };
  return { rows, part };
}

function isList(value: unknown): value is GivenValues {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function some(values: GivenValues, first: number, end: number): GivenValues {
  return ArrayBuffer.isView(values) ? (values as Float64Array).subarray(first, end) : values.slice(first, end);
}

/** For each row, and behind the last, how many before it have a value. */
function placesBefore(valid: ArrayLike<unknown>): Uint32Array {
  const before = new Uint32Array(valid.length + 1);
  for (let row = 0; row < valid.length; row++) before[row + 1] = (before[row] as number) + (valid[row] === true || valid[row] === 1 ? 1 : 0);
  return before;
}
