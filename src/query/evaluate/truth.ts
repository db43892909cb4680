// Truth: three-valued logic over all rows at once. A row for which a condition is neither true nor false is unknown.

import { bitsetBytes, hasBit, setBit, type Bitset } from '../../model/bitset.js';
import type { Predicates } from '../../ports/core.js';

/** The rows for which a condition is true, and those for which it is false. */
export interface Truth {
  readonly yes: Bitset;
  /** The complement of `yes`, where nothing is unknown, if undefined: it is made only when it is needed. */
  readonly no: Bitset | undefined;
}

/** What logic computes with. */
export interface Logic {
  readonly rows: number;
  readonly predicates: Predicates;
}

/** `yes` in the rows of `known`, unknown elsewhere; everywhere known if undefined. */
export function whereKnown(yes: Bitset, known: Bitset | undefined, { rows, predicates }: Logic): Truth {
  return known === undefined ? { yes, no: undefined } : { yes: predicates.and(yes, known), no: predicates.and(predicates.not(yes, rows), known) };
}

/** By what `test` says of each row in `among`, or of every row if that is undefined; undefined: unknown. */
export function truthWhere(rows: number, among: Bitset | undefined, test: (row: number) => boolean | undefined): Truth {
  const yes = new Uint8Array(bitsetBytes(rows));
  const no = new Uint8Array(bitsetBytes(rows));
  eachRow(rows, among, (row) => {
    const answer = test(row);
    if (answer !== undefined) setBit(answer ? yes : no, row);
  });
  return { yes, no };
}

/** As truthWhere, of the rows in `known`; every row if undefined. */
export function rowsWhere(rows: number, known: Bitset | undefined, test: (row: number) => boolean): Bitset {
  const yes = new Uint8Array(bitsetBytes(rows));
  eachRow(rows, known, (row) => test(row) && setBit(yes, row));
  return yes;
}

/** Those in `among`, ascending; every row if that is undefined. */
export function eachRow(rows: number, among: Bitset | undefined, visit: (row: number) => void): void {
  for (let row = 0; row < rows; row++) {
    if (among === undefined || hasBit(among, row)) visit(row);
    // Most bytes are empty where few rows are left.
    else if (among[row >> 3] === 0) row |= 7;
  }
}

export function negate(truth: Truth, logic: Logic): Truth {
  return { yes: falseRows(truth, logic), no: truth.no === undefined ? undefined : truth.yes };
}

/** True by `and`: true on both sides; false: false on either. By `or` the other way round. */
export function join(kind: 'and' | 'or', left: Truth, right: Truth, logic: Logic): Truth {
  const { predicates } = logic;
  const surely = left.no === undefined && right.no === undefined;
  const no = surely ? undefined : predicates[kind === 'and' ? 'or' : 'and'](falseRows(left, logic), falseRows(right, logic));
  return { yes: predicates[kind](left.yes, right.yes), no };
}

export function falseRows({ yes, no }: Truth, { rows, predicates }: Logic): Bitset {
  return no ?? predicates.not(yes, rows);
}

/** The rows in both; undefined stands for every row. */
export function bothKnown(a: Bitset | undefined, b: Bitset | undefined, { predicates }: Logic): Bitset | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : predicates.and(a, b);
}
