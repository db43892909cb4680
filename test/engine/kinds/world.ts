// World: a random collection and what it should hold, as plain objects in order of insertion. Its rows lie in sealed,
// merged and growing segments, some replaced, some deleted; it may have been closed and opened again, with its columns and
// vectors in memory or in files. Vectors are of small integers, so that scores are exact and many are equal.

import type { Collection } from '../../../src/engine/api.js';
import type { JsonValue, PrimaryKey, RowInput } from '../../../src/model/row.js';
import type { MemoryFiles } from '../../../src/storage/memory.js';
import { testDatabase } from '../../support/database.js';
import { random, randomInteger } from '../../support/random.js';

export const DIM = 4;
export const PARTITIONS = ['_default', 'one', 'two'] as const;
export const METRICS = ['L2', 'IP'] as const;

export const VECTORS = ['v', 'w', 's', 'b'] as const;
export type VectorName = (typeof VECTORS)[number];

export interface ModelRow {
  readonly id: PrimaryKey;
  readonly partition: string;
  readonly a: number | null;
  readonly big: bigint;
  readonly d: number | null;
  readonly g: string | null;
  readonly flag: boolean;
  /** RFC 3339, whole seconds. */
  readonly t: string | null;
  readonly info: JsonValue;
  /** Dynamic. */
  readonly colour: string | undefined;
  readonly v: Float32Array;
  /** Of integers that fit a byte. */
  readonly w: Int8Array | null;
  /** Sparse: terms and whole weights. */
  readonly s: Readonly<Record<string, number>>;
  /** Eight bits. */
  readonly b: Uint8Array;

}

export interface World {
  readonly seed: number;
  readonly collection: Collection;
  readonly metrics: { readonly [F in VectorName]: (typeof METRICS)[number] | 'HAMMING' };
  /** Live, in order of insertion. */
  readonly rows: readonly ModelRow[];
  readonly next: () => number;
  /** Writes a batch of new and known keys, and tells `rows`. */
  readonly write: (count: number) => Promise<void>;
  readonly remove: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Case {
  readonly filter: string | undefined;
  readonly passes: (row: ModelRow) => boolean;
  readonly partitionNames?: readonly string[];
}

const DAY_MS = 86_400_000;

function pick<T>(next: () => number, values: readonly T[]): T {
  return values[randomInteger(next, values.length)] as T;
}

function unless<T>(next: () => number, share: number, value: T): T | null {
  return next() < share ? null : value;
}

export function randomQuery(next: () => number): Float32Array {
  return Float32Array.from({ length: DIM }, () => randomInteger(next, 7) - 3);
}

export function randomSparse(next: () => number): Readonly<Record<string, number>> {
  return Object.fromEntries(Array.from({ length: randomInteger(next, 5) }, () => [randomInteger(next, 9) * 7, 1 + randomInteger(next, 3)]));
}

function randomRow(next: () => number, id: PrimaryKey, partition: string): ModelRow {
  return {
    id,
    partition,
    a: unless(next, 0.2, randomInteger(next, 12) - 4),
    big: BigInt(randomInteger(next, 4)) * 4_611_686_018_427_387_904n - 9_223_372_036_854_775_808n + (next() < 0.2 ? 0n : 7n),
    d: unless(next, 0.1, Math.round(next() * 1000) / 8),
    g: unless(next, 0.15, pick(next, ['', 'jazz', 'soul', '\u{1f600}', '\ufffd', 'a'])),
    flag: next() < 0.5,
    t: unless(next, 0.2, new Date(1_700_000_000_000 + randomInteger(next, 40) * DAY_MS).toISOString().replace('.000', '')),
    info: pick<JsonValue>(next, [{ maker: { id: randomInteger(next, 4) } }, { maker: { id: 'x' } }, { maker: null }, { list: [randomInteger(next, 3)] }, {}, { maker: { id: true } }]),
    colour: next() < 0.3 ? undefined : pick(next, ['red', 'green', 'blue']),
    v: randomQuery(next),
    w: unless(next, 0.2, Int8Array.from(randomQuery(next))),
    s: randomSparse(next),
    b: Uint8Array.of(randomInteger(next, 256)),

  };
}

function inputOf({ colour, partition: _, ...row }: ModelRow): RowInput {
  return colour === undefined ? row : { ...row, colour };
}

/** As `query` with outputFields ["*"] gives it. */
export function shownRow({ colour, partition: _, ...row }: ModelRow): Record<string, unknown> {
  return { ...row, ...(colour === undefined ? {} : { colour }) };
}

/** Some rows: those of a filter, of all partitions or of some. */
export function randomCase(next: () => number): Case {
  const { filter, passes } = randomFilter(next);
  if (next() < 0.7) return { filter, passes };
  const partitionNames: readonly string[] = PARTITIONS.filter(() => next() < 0.6);
  return partitionNames.length === 0 ? { filter, passes } : { filter, partitionNames, passes: (row) => partitionNames.includes(row.partition) && passes(row) };
}

export function randomFilter(next: () => number): Case {
  const bound = randomInteger(next, 12) - 4;
  const genre = pick(next, ['jazz', 'soul', 'a']);
  return pick<Case>(next, [
    { filter: undefined, passes: () => true },
    { filter: `a >= ${bound}`, passes: ({ a }) => a !== null && a >= bound },
    { filter: `not (a < ${bound}) and flag == true`, passes: ({ a, flag }) => a !== null && a >= bound && flag },
    { filter: `g == "${genre}" or a == ${bound}`, passes: ({ a, g }) => g === genre || a === bound },
    { filter: `colour in ["red", "blue"]`, passes: ({ colour }) => colour === 'red' || colour === 'blue' },
    { filter: `a == 99`, passes: () => false },
  ]);
}

export async function makeWorld(seed: number, rowsMax = 160): Promise<World> {
  const next = random(seed);
  const metrics = { v: pick(next, METRICS), w: pick(next, METRICS), s: 'IP', b: 'HAMMING' } as const;
  const texts = next() < 0.3;
  const files: MemoryFiles = new Map();
  const settings = { files, seed, ...(next() < 0.4 ? { eagerBytes: 0 } : {}) };
  let db = await testDatabase(settings);
  let collection: Collection = await db.createCollection({
    name: 'kinds',
    enableDynamicField: true,
    fields: [
      texts ? { name: 'id', type: 'VarChar', primaryKey: true, maxLength: 20 } : { name: 'id', type: 'Int64', primaryKey: true },
      { name: 'a', type: 'Int32', nullable: true },
      { name: 'big', type: 'Int64' },
      { name: 'd', type: 'Double', nullable: true },
      { name: 'g', type: 'VarChar', maxLength: 20, nullable: true },
      { name: 'flag', type: 'Bool' },
      { name: 't', type: 'Timestamptz', nullable: true },
      { name: 'info', type: 'JSON' },
      { name: 'v', type: 'FloatVector', dim: DIM, metric: metrics.v },
      { name: 'w', type: 'Int8Vector', dim: DIM, metric: metrics.w, nullable: true },
      { name: 's', type: 'SparseFloatVector', metric: metrics.s },
      { name: 'b', type: 'BinaryVector', dim: 8, metric: metrics.b },
    ],
  });
  for (const partition of PARTITIONS.slice(1)) await db.createPartition('kinds', partition);
  const rows: ModelRow[] = [];
  const keyOf = (number: number): PrimaryKey => (texts ? `k${number}` : BigInt(number) - 20n);
  const forget = (ids: ReadonlySet<PrimaryKey>): void => {
    for (let at = rows.length - 1; at >= 0; at--) if (ids.has((rows[at] as ModelRow).id)) rows.splice(at, 1);
  };
  const write = async (count: number): Promise<void> => {
    const partitionName = pick(next, PARTITIONS);
    const added = new Map(Array.from({ length: count }, () => keyOf(randomInteger(next, rowsMax * 2))).map((id) => [id, randomRow(next, id, partitionName)]));
    await collection.upsert([...added.values()].map(inputOf), { partitionName });
    forget(new Set(added.keys()));
    rows.push(...added.values());
  };
  const remove = async (count: number): Promise<void> => {
    const ids = new Set(Array.from({ length: count }, () => keyOf(randomInteger(next, rowsMax * 2))));
    await collection.delete({ ids: [...ids] });
    forget(ids);
  };
  const steps = next() < 0.05 ? 0 : 1 + randomInteger(next, 8);
  for (let step = 0; step < steps; step++) {
    await write(1 + randomInteger(next, Math.ceil(rowsMax / 4)));
    if (next() < 0.4) await remove(randomInteger(next, 12));
    const kind = next();
    if (kind < 0.5) await collection.flush();
    else if (kind < 0.6) await collection.compact();
  }
  if (next() < 0.4) {
    await db.close();
    db = await testDatabase(settings);
    collection = await db.collection('kinds');
  }
  return { seed, collection, metrics, rows, next, write, remove, close: () => db.close() };
}
