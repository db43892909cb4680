// The predicates of `filter`: each as our filter, as SQL, and as the loop that one would write by hand over the arrays,
// with nothing in it but the predicate.

import type { FilterTable } from './table.js';

export interface Question {
  readonly name: string;
  readonly filter: string;
  /** Undefined where SQL takes an extension that is not in the peer's package. */
  readonly sql: string | undefined;
  /** How many rows match. */
  readonly loop: (table: FilterTable) => number;
}

export const QUESTIONS: readonly Question[] = [
  { name: 'and', filter: 'age > 500 and kind == 3', sql: 'age > 500 and kind = 3', loop: bothLoop },
  { name: 'few', filter: 'age > 990 and kind == 3', sql: 'age > 990 and kind = 3', loop: fewLoop },
  { name: 'range', filter: '250 <= price < 750', sql: 'price >= 250 and price < 750', loop: rangeLoop },
  { name: 'narrow', filter: 'year >= 1990', sql: 'year >= 1990', loop: narrowLoop },
  { name: 'int64', filter: 'serial < 1000', sql: 'serial < 1000', loop: int64Loop },
  { name: 'in', filter: 'kind in [1, 3, 7]', sql: 'kind in (1, 3, 7)', loop: inLoop },
  { name: 'or', filter: 'age < 100 or price > 900', sql: 'age < 100 or price > 900', loop: orLoop },
  { name: 'not', filter: 'not (age < 100 or kind == 3)', sql: 'not (age < 100 or kind = 3)', loop: notLoop },
  { name: 'text', filter: 'city == "city 42"', sql: "city = 'city 42'", loop: textLoop },
  { name: 'texts', filter: 'city in ["city 42", "city 7", "city 499"]', sql: "city in ('city 42', 'city 7', 'city 499')", loop: textsLoop },
  { name: 'prefix', filter: 'title like "kite bird%"', sql: "title like 'kite bird%'", loop: prefixLoop },
  { name: 'infix', filter: 'title like "%lamp glass%"', sql: "title like '%lamp glass%'", loop: infixLoop },
  { name: 'json', filter: 'size > 500 and colour == "red"', sql: undefined, loop: jsonLoop },
];

function bothLoop({ rows, age, kind }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if ((age[row] as number) > 500 && kind[row] === 3) count++;
  return count;
}

function fewLoop({ rows, age, kind }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if ((age[row] as number) > 990 && kind[row] === 3) count++;
  return count;
}

function rangeLoop({ rows, price }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const value = price[row] as number;
    if (value >= 250 && value < 750) count++;
  }
  return count;
}

function narrowLoop({ rows, year }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if ((year[row] as number) >= 1990) count++;
  return count;
}

function int64Loop({ rows, serial }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if ((serial[row] as bigint) < 1000n) count++;
  return count;
}

function inLoop({ rows, kind }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const value = kind[row];
    if (value === 1 || value === 3 || value === 7) count++;
  }
  return count;
}

function orLoop({ rows, age, price }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if ((age[row] as number) < 100 || (price[row] as number) > 900) count++;
  return count;
}

function notLoop({ rows, age, kind }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if (!((age[row] as number) < 100 || kind[row] === 3)) count++;
  return count;
}

function textLoop({ rows, city }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if (city[row] === 'city 42') count++;
  return count;
}

function textsLoop({ rows, city }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const value = city[row];
    if (value === 'city 42' || value === 'city 7' || value === 'city 499') count++;
  }
  return count;
}

function prefixLoop({ rows, title }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if ((title[row] as string).startsWith('kite bird')) count++;
  return count;
}

function infixLoop({ rows, title }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) if ((title[row] as string).includes('lamp glass')) count++;
  return count;
}

function jsonLoop({ rows, doc }: FilterTable): number {
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const { size, colour } = JSON.parse(doc[row] as string) as { readonly size: number; readonly colour: string };
    if (size > 500 && colour === 'red') count++;
  }
  return count;
}
