// Rows: what the scripts of Node store, the same at every run, and by brute force what searches over them must find.

import { random, randomInteger } from '../../support/random.js';

export const COUNT = 400;
export const DIM = 16;
export const SMALL_DIM = 8;
const WORDS = 'kite hawk falcon raptor owl eagle hover glide soar prey field marsh river ridge cliff nest brood feather talon beak'.split(' ');

const next = random(20261130);

export interface Row {
  readonly id: number;
  readonly title: string;
  readonly year: number;
  readonly price: number | null;
  readonly sold: boolean;
  readonly tags: readonly string[];
  readonly info: { readonly maker: string; readonly size: number };
  readonly body: string;
  readonly dense: readonly number[];
  readonly small: readonly number[];
  readonly sparse: Readonly<Record<string, number>>;
}

export function vectorOf(dim: number): number[] {
  const values = Array.from({ length: dim }, () => next() + next() + next() - 1.5);
  const norm = Math.hypot(...values);
  return values.map((value) => Math.fround(value / norm));
}

export function rowOf(id: number): Row {
  return {
    id,
    title: `title ${id}`,
    year: 1980 + (id % 40),
    price: id % 7 === 0 ? null : id * 0.5,
    sold: id % 3 === 0,
    tags: [`t${id % 5}`, `u${id % 4}`],
    info: { maker: `m${id % 6}`, size: id % 11 },
    body: Array.from({ length: 3 + (id % 9) }, () => WORDS[randomInteger(next, WORDS.length)]).join(' '),
    dense: vectorOf(DIM),
    small: vectorOf(SMALL_DIM),
    sparse: Object.fromEntries(Array.from({ length: 6 }, () => [randomInteger(next, 200), Math.fround(0.1 + next())])),
  };
}

export function rowsOf(first: number, count: number): Row[] {
  return Array.from({ length: count }, (_, at) => rowOf(first + at));
}

const dot = (one: readonly number[], other: readonly number[]): number => one.reduce((sum, value, at) => sum + value * (other[at] as number), 0);
export const cosine = (one: readonly number[], other: readonly number[]): number => dot(one, other) / (Math.hypot(...one) * Math.hypot(...other));
export const squared = (one: readonly number[], other: readonly number[]): number => one.reduce((sum, value, at) => sum + (value - (other[at] as number)) ** 2, 0);
export const sparseProduct = (one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): number =>
  Object.entries(one).reduce((sum, [term, weight]) => sum + weight * (other[term] ?? 0), 0);

export type Pair = readonly [id: number, score: number];

const ordered = (pairs: readonly Pair[], more = true): Pair[] => [...pairs].sort((a, b) => (more ? b[1] - a[1] : a[1] - b[1]) || a[0] - b[0]);

export const byCosine = (rows: readonly Row[], query: readonly number[]): Pair[] => ordered(rows.map(({ id, dense }) => [id, cosine(query, dense)]));
export const byL2 = (rows: readonly Row[], query: readonly number[]): Pair[] => ordered(rows.map(({ id, small }) => [id, squared(query, small)]), false);
export const bySparse = (rows: readonly Row[], query: Readonly<Record<string, number>>): Pair[] =>
  ordered(rows.map(({ id, sparse }): Pair => [id, sparseProduct(query, sparse)]).filter(([, score]) => score !== 0));

export function byWords(rows: readonly Row[], query: string, k1 = 1.2, b = 0.75): Pair[] {
  const texts = rows.map(({ id, body }) => ({ id, words: body.split(' ') }));
  const mean = texts.reduce((sum, { words }) => sum + words.length, 0) / texts.length;
  const scores = new Map<number, number>();
  for (const term of query.split(' ')) {
    const having = texts.filter(({ words }) => words.includes(term)).length;
    const weight = Math.log(1 + (texts.length - having + 0.5) / (having + 0.5));
    for (const { id, words } of texts) {
      const count = words.filter((word) => word === term).length;
      if (count > 0) scores.set(id, (scores.get(id) ?? 0) + (weight * count * (k1 + 1)) / (count + k1 * (1 - b + (b * words.length) / mean)));
    }
  }
  return ordered([...scores]);
}

export function byRanks(rankings: readonly (readonly Pair[])[], k = 60): Pair[] {
  const scores = new Map<number, number>();
  for (const ranking of rankings) ranking.forEach(([id], at) => scores.set(id, (scores.get(id) ?? 0) + 1 / (k + at + 1)));
  return ordered([...scores]);
}

/** `normal` maps the scores of each ranking. */
export function byWeights(rankings: readonly (readonly Pair[])[], weights: readonly number[], normal: readonly ((score: number) => number)[]): Pair[] {
  const scores = new Map<number, number>();
  rankings.forEach((ranking, which) => {
    for (const [id, score] of ranking) scores.set(id, (scores.get(id) ?? 0) + (weights[which] as number) * (normal[which] as (score: number) => number)(score));
  });
  return ordered([...scores]);
}

export const ofCosine = (score: number): number => (1 + score) / 2;
export const ofProduct = (score: number): number => 0.5 + Math.atan(score) / Math.PI;

/** The best of each group, the best group first. */
export function bestOf(pairs: readonly Pair[], groupOf: (id: number) => unknown): Pair[] {
  const met = new Set<unknown>();
  return pairs.filter(([id]) => {
    const group = groupOf(id);
    return !met.has(group) && met.add(group) !== undefined;
  });
}

/** Filters in Milvus' language, and what each means. */
export const FILTERS: readonly (readonly [string, (row: Row) => boolean])[] = [
  ['year == 1990', ({ year }) => year === 1990],
  ['1990 < year <= 1995', ({ year }) => year > 1990 && year <= 1995],
  ['year in [1981, 1999] or id < 3', ({ id, year }) => year === 1981 || year === 1999 || id < 3],
  ['not (sold == true) && id < 50', ({ id, sold }) => !sold && id < 50],
  ['title like "title 5%"', ({ title }) => title.startsWith('title 5')],
  ['price is null', ({ price }) => price === null],
  ['price > 100.5', ({ price }) => price !== null && price > 100.5],
  ['info["maker"] == "m2" and info["size"] >= 5', ({ info }) => info.maker === 'm2' && info.size >= 5],
  ['array_contains(tags, "t1")', ({ tags }) => tags.includes('t1')],
  ['text_match(body, "kite talon")', ({ body }) => body.split(' ').some((word) => word === 'kite' || word === 'talon')],
];
